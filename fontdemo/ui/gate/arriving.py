"""Uploads while they arrive: no more than the page takes, nothing in memory, and nothing left of what breaks off.

Gradio bounds the size of each file, but not how many of them one request brings, keeps whatever is no file in memory,
and leaves on disk for ever what came of an upload that its visitor broke off, or sent as something other than "files".
"""

from __future__ import annotations

import os
from pathlib import Path

from gradio import route_utils
from gradio_client.utils import strip_invalid_filename_characters  # type: ignore[import-untyped]
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException

from fontdemo.ui.gate.limits import has_room

#: Bytes of a part that is no file; the page sends none.
LONGEST_FIELD = 1000

#: Parts of one request; the page sends one.
MOST_FILES = 20

# The free space of the disk is looked at again after so many bytes.
_STEP = 1 << 20


class ArrivingFiles(route_utils.GradioMultiPartParser):
    """Gradio's parser of an upload. MultiPartException, and no file left, for an upload that is not taken."""

    _arrived = 0

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """Bytes of a part: refused if the files of this request are too large together, or a field is."""
        if self._current_part.file is None:
            if len(self._current_part.data) + end - start > LONGEST_FIELD:
                raise MultiPartException("An upload has files only.")
            self._current_part.data += data[start:end]
            return
        before, self._arrived = self._arrived, self._arrived + end - start
        if self._arrived > self.max_file_size:
            raise MultiPartException(f"This is larger than the maximum allowed size of {self.max_file_size} bytes.")
        if before // _STEP != self._arrived // _STEP and not has_room():
            raise MultiPartException("This page has no room for uploads now. Try again in an hour.")
        super().on_part_data(data, start, end)

    async def parse(self) -> FormData:
        """As Gradio's; ClientDisconnect, too, leaves no file."""
        self.max_files, self.max_fields = MOST_FILES, MOST_FILES
        try:
            form = await super().parse()
            for name, file in self.items:
                if name != "files" or isinstance(file, str) or not _has_name(file.filename):
                    raise MultiPartException("An upload has files only.")
            return form
        except BaseException:
            for left in self._files_to_close_on_error:
                left.close()
                Path(left.name).unlink(missing_ok=True)
            raise


def _has_name(name: str | None) -> bool:
    """Whether a file can be kept under the name that Gradio makes of it; it gives one to what has none."""
    return not name or strip_invalid_filename_characters(os.path.basename(name)) not in ("", ".", "..")


def install() -> None:
    """Have Gradio read every upload of this process so."""
    route_utils.GradioMultiPartParser = ArrivingFiles  # type: ignore[misc]
