"""Where training data comes from: the sample that ships, the fonts found here, a packed file, a folder, a .zip of one.

Each becomes a packed file (`train.data.glyphset`), made once and kept: fonts under a name made of what they are,
folders and archives under a name made of their content.
"""

from __future__ import annotations

import functools
import hashlib
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fontdemo.alphabet import Alphabet, get_alphabet
from fontdemo.errors import FontdemoError
from train.access import Access
from train.data import course_files, glyphset
from train.data.build import build, versions
from train.data.sample import sample_file
from train.data.unzip import unpack
from train.files import expanded
from train.fonts.find import find_faces, font_files, font_folders
from train.parallel import Progress

SAMPLE, FONTS, PACKED, FOLDER, ARCHIVE = "sample", "fonts", "packed", "folder", "zip"

#: What the name of the packed file begins with that a visitor's archive becomes.
VISITORS = "visitor"

#: The same of fonts of this machine that a visitor chose: there are thousands of choices.
VISITORS_FONTS = f"{VISITORS}-fonts"

#: What the name of the folder begins with in which an archive is unpacked; it is deleted when that is done.
UNPACKED = "upload-"

#: Faces of the fonts found here that a first run is trained on: a CPU takes seconds for an epoch of them.
FACES = 300

# Many fonts are no text faces, or lack characters: this many files are inspected for each face wanted.
_FILES_A_FACE = 3

# Of so many faces so many are kept for validation, as in the report: of 1,100 that makes its 800 and 300.
_VALID = 3 / 11


class NothingChosenError(FontdemoError):
    """A source of data that still waits for its path or its archive; says so."""


@dataclass(frozen=True)
class Source:
    """kind: SAMPLE, FONTS, PACKED, FOLDER or ARCHIVE. path: of the last three. faces, every_kind, split: of FONTS.

    faces: at most so many. every_kind: display and handwriting faces too, not text faces alone. split: a name in
    `train.data.glyphset.SPLITS`.
    """

    kind: str
    path: Path | None = None
    faces: int = FACES
    every_kind: bool = False
    split: str = "families"

    def check(self, access: Access) -> None:
        """NothingChosenError if it lacks its path; FontdemoError if it is not allowed here: a visitor's paths are not
        this machine's.
        """
        if self.kind not in (SAMPLE, FONTS, PACKED, FOLDER, ARCHIVE):
            raise FontdemoError("There is no such source of data.")
        if self.kind in (PACKED, FOLDER):
            access.require_manage()
        if self.kind != SAMPLE and access.limits.sample_only:
            raise FontdemoError("This page trains networks on the sample only.")
        if self.kind == FONTS:
            if not 2 <= self.faces <= access.limits.faces:
                raise FontdemoError(f"The number of faces must be from 2 to {access.limits.faces:,}.")
        elif self.kind != SAMPLE and (self.path is None or not str(self.path).strip(".")):
            raise NothingChosenError(
                "Choose a .zip first." if self.kind == ARCHIVE else "Enter the path of the data first."
            )


def prepare(
    source: Source, alphabet_name: str, cache: Path, access: Access, progress: Progress,
    say: Callable[[str], None] = lambda phase: None,
) -> Path:  # fmt: skip
    """The packed file of a source, made under `cache` unless it is there.

    say: called with what is done from now on, in a word or two. progress: (done, all) steps of that.
    FontdemoError, in plain words, for data that cannot be used.
    """
    source.check(access)
    alphabet = get_alphabet(alphabet_name)
    if source.kind == SAMPLE:
        with glyphset.opened(sample_file()) as archive:  # it ships, and the trainer reads all of it anyway
            found = glyphset.read_index(archive)[0].alphabet
        _same_alphabet(found, alphabet, "The sample")
        return sample_file()
    if source.kind == FONTS:
        return _from_fonts(source, alphabet, cache, access, progress, say)
    assert source.path is not None
    if source.kind == PACKED:
        return _checked(expanded(source.path), alphabet)
    if source.kind == FOLDER:
        say("Reading images")
        return _imported(expanded(source.path), alphabet, cache, progress)
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=UNPACKED, dir=cache) as unpacked:
        limits = access.limits
        say("Unpacking")
        unpack(source.path, Path(unpacked), most_bytes=limits.upload_bytes, most_images=limits.upload_images)
        say("Reading images")
        return _imported(Path(unpacked), alphabet, cache, progress, FOLDER if access.manage else VISITORS)


def expected_images(source: Source, alphabet_name: str) -> tuple[int, int] | None:
    """About how many images training and validation would have; None where only reading all of it would tell."""
    if source.kind == FONTS:
        classes = len(get_alphabet(alphabet_name))
        valid = _valid(source.faces)
        return (source.faces - valid) * classes, valid * classes
    packed = sample_file() if source.kind == SAMPLE else source.path if source.kind == PACKED else None
    if packed is not None:
        file = expanded(packed)
        try:
            stat = file.stat()
            return _counted(file, stat.st_size, stat.st_mtime_ns)
        except (FontdemoError, OSError):
            return None
    return None


# The Train tab asks every second or two, of the sample that ships.
@functools.lru_cache(maxsize=8)
def _counted(packed: Path, _size: int, _modified: int) -> tuple[int, int]:
    """How many images for training and for validation a packed set has; FontdemoError if it is damaged."""
    with glyphset.opened(packed) as archive:
        split = glyphset.read_index(archive)[-1]
    return int((split == 0).sum()), int((split == 1).sum())


def _from_fonts(
    source: Source, alphabet: Alphabet, cache: Path, access: Access, progress: Progress, say: Callable[[str], None]
) -> Path:
    folders = font_folders()
    listed = [(str(path), (stat := path.stat()).st_size, stat.st_mtime_ns) for path in font_files(folders)]
    wanted = [alphabet.name, source.faces, source.every_kind, source.split, versions()]
    key = hashlib.sha256(json.dumps([listed, wanted]).encode()).hexdigest()[:16]
    hosts, visitors = (cache / f"{kind}-{alphabet.name}-{key}.npz" for kind in (FONTS, VISITORS_FONTS))
    file = hosts if access.manage or hosts.is_file() else visitors
    if file.is_file():
        return file
    say("Reading fonts")
    found = find_faces(folders, alphabet, most_files=_FILES_A_FACE * source.faces, progress=progress)
    say("Drawing glyphs")
    valid = _valid(source.faces)
    made = build(
        found.faces,
        alphabet,
        kind="all" if source.every_kind else "text",
        split=source.split,
        train=source.faces - valid,
        valid=valid,
        progress=progress,
    )
    made.save(file)
    return file


def _valid(faces: int) -> int:
    return max(1, round(faces * _VALID))


def _checked(file: Path, alphabet: Alphabet) -> Path:
    _fits(glyphset.GlyphSet.load(file), alphabet, file.name)
    return file


def _imported(folder: Path, alphabet: Alphabet, cache: Path, progress: Progress, kind: str = FOLDER) -> Path:
    data = course_files.read(folder, alphabet, progress=progress)
    _fits(data, alphabet, folder.name)
    file = cache / f"{kind}-{data.fingerprint()[:16]}.npz"
    if not file.is_file():
        data.save(file)
    return file


def _fits(data: glyphset.GlyphSet, alphabet: Alphabet, name: str) -> None:
    _same_alphabet(data.alphabet, alphabet, name)
    for part in ("train", "valid"):
        if not (data.split == glyphset.PARTS.index(part)).any():
            raise FontdemoError(f"{name} has no images in its part “{part}”.")


def _same_alphabet(found: Alphabet, wanted: Alphabet, name: str) -> None:
    if found != wanted:
        raise FontdemoError(f"{name} is for the alphabet {found.name}; choose that one in the settings.")
