"""What inspecting the fonts found, kept between runs: no file is inspected twice.

One sqlite3 file in the user's cache folder. A font file's findings are found again by its path, size and time, and by
what inspects them: the sources of the modules concerned and the versions of the libraries. It only saves time: what
is missing, locked, damaged or of another version is inspected again.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import PIL
from PIL import features

from train.files import home
from train.fonts.face import Face, Refusal, RefusalKind
from train.fonts.inspect import SMALL_SIDE, Inspection, Tables

#: A font file as it lies here: path, bytes, time of its last change in nanoseconds.
Stamp = tuple[Path, int, int]

#: What was found in a file.
Entries = list[Inspection | Refusal]

# Rows kept at most; the oldest go first. A row takes about 5 kB.
_MOST_FILES, _MOST_SCANS = 20_000, 12

# Sources that decide what is found; a change in any of them makes it all anew.
_SOURCES = (
    *(f"train/fonts/{name}.py" for name in ("inspect", "render", "similarity", "category", "find", "face", "cache")),
    "fontdemo/glyph/layout.py",
)

_TABLES = """
CREATE TABLE IF NOT EXISTS file (key BLOB PRIMARY KEY, version TEXT, entries TEXT, pictures BLOB);
CREATE TABLE IF NOT EXISTS scan (key BLOB PRIMARY KEY, version TEXT, found TEXT);
"""


def cache_folder() -> Path:
    """Where this user's programs keep what they can make again: FONTDEMO_CACHE, or where the system has such things."""
    if named := os.environ.get("FONTDEMO_CACHE"):
        return Path(named)
    if sys.platform == "darwin":
        return home() / "Library/Caches/fontdemo"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home() / "AppData/Local") / "fontdemo/cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or home() / ".cache") / "fontdemo"


def stamps(files: Iterable[Path]) -> list[Stamp]:
    """The files as they are now; those gone since they were listed are left out."""
    found = []
    for file in files:
        try:
            stat = file.stat()
        except OSError:
            continue
        found.append((file, stat.st_size, stat.st_mtime_ns))
    return found


class FontCache:
    """What inspecting fonts for `characters` found. None of its methods raises."""

    def __init__(self, characters: str, folder: Path | None = None) -> None:
        self._characters = characters
        self._file = (folder or cache_folder()) / "fonts.sqlite3"

    def files(self, wanted: Sequence[Stamp]) -> dict[Path, Entries]:
        """What is known of each of these files."""
        found: dict[Path, Entries] = {}
        with self._open() as base:
            for stamp in wanted:
                row = base.execute(
                    "SELECT entries, pictures FROM file WHERE key = ? AND version = ?", (self._key([stamp]), _version())
                ).fetchone()
                if row and (entries := _entries(stamp[0], len(self._characters), *row)) is not None:
                    found[stamp[0]] = entries
        return found

    def keep_files(self, looked: Iterable[tuple[Stamp, Entries]]) -> None:
        """Keeps what was found in files; what could not be read is inspected again next time."""
        rows = []
        for stamp, entries in looked:
            if not any(isinstance(entry, Refusal) and entry.kind == RefusalKind.UNREADABLE for entry in entries):
                rows.append((self._key([stamp]), _version(), *_packed(entries)))
        with self._open() as base:
            base.executemany("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)", rows)
            _trim(base, "file", _MOST_FILES)

    def scan(self, files: Sequence[Stamp], besides: object) -> tuple[list[Face], list[Refusal]] | None:
        """What inspecting all of `files` came to, judged by `besides` (anything that JSON holds) too."""
        with self._open() as base:
            row = base.execute(
                "SELECT found FROM scan WHERE key = ? AND version = ?", (self._key(files, besides), _version())
            ).fetchone()
            if row:
                try:
                    faces, refusals = json.loads(row[0])
                    paths = [path for path, _, _ in files]
                    return [_face(paths[at], rest) for at, *rest in faces], [
                        Refusal(paths[at], str(name), RefusalKind[kind], str(reason))
                        for at, name, kind, reason in refusals
                    ]
                except (ValueError, TypeError, KeyError, IndexError, RecursionError):
                    return None
        return None

    def keep_scan(
        self, files: Sequence[Stamp], besides: object, faces: Sequence[Face], refusals: Sequence[Refusal]
    ) -> None:
        """Keeps what inspecting all of `files` came to."""
        index = {path: at for at, (path, _, _) in enumerate(files)}
        found = json.dumps([
            [[index[face.path], *astuple(face)[1:]] for face in faces],
            [[index[no.path], no.name, no.kind.name, no.reason] for no in refusals],
        ])  # fmt: skip
        with self._open() as base:
            base.execute(
                "INSERT OR REPLACE INTO scan VALUES (?, ?, ?)", (self._key(files, besides), _version(), found)
            )
            _trim(base, "scan", _MOST_SCANS)

    def _key(self, files: Sequence[Stamp], besides: object = None) -> bytes:
        """Names go in as bytes, for not every file's name is text."""
        digest = hashlib.sha256(json.dumps([self._characters, besides]).encode())
        for path, size, time in files:
            digest.update(os.fsencode(path.absolute()) + b"\0%d %d\0" % (size, time))
        return digest.digest()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """The base, in one transaction; whatever goes wrong with it ends the block in silence."""
        base = self._connected()
        try:
            with base:
                yield base
        except sqlite3.OperationalError:
            pass  # locked for long, or no room on the disk
        except (sqlite3.DatabaseError, UnicodeError):  # the latter: even its own words for what is wrong with it
            self._drop()
        finally:
            base.close()

    def _connected(self) -> sqlite3.Connection:
        """The base on disk, or an empty one in memory where that cannot be opened."""
        base = None
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            base = sqlite3.connect(self._file, timeout=10)
            base.executescript(_TABLES)
            return base
        except (OSError, UnicodeError, sqlite3.Error) as error:
            if base is not None:
                base.close()
            damaged = isinstance(error, (UnicodeError, sqlite3.DatabaseError))
            if damaged and not isinstance(error, sqlite3.OperationalError):
                self._drop()
        base = sqlite3.connect(":memory:")
        base.executescript(_TABLES)
        return base

    def _drop(self) -> None:
        """Delete the base, which is damaged: it is begun anew next time, where it can be."""
        with suppress(OSError):
            self._file.unlink()


def _trim(base: sqlite3.Connection, table: str, most: int) -> None:
    base.execute(f"DELETE FROM {table} WHERE version != ?", (_version(),))
    base.execute(f"DELETE FROM {table} WHERE rowid <= (SELECT max(rowid) FROM {table}) - ?", (most,))


@cache
def _version() -> str:
    """A digest of everything but the font that decides what is found in it."""
    import fontTools  # the page starts without

    digest = hashlib.sha256(repr((PIL.__version__, features.version("freetype2"), fontTools.version, np.__version__,
                                  metadata.version("matplotlib"))).encode())  # fmt: skip
    root = Path(__file__).parents[2]
    for name in _SOURCES:
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def _packed(entries: Entries) -> tuple[str, bytes]:
    """Entries as JSON, and the pictures of the faces among them, one after another."""
    plain: list[list[Any]] = []
    for entry in entries:
        if isinstance(entry, Inspection):
            plain.append([list(astuple(entry.face)[1:]), list(astuple(entry.tables))])
        else:
            plain.append([entry.name, [entry.kind.name, entry.reason]])
    pictures = b"".join(entry.small.tobytes() for entry in entries if isinstance(entry, Inspection))
    return json.dumps(plain), zlib.compress(pictures, 1)


def _entries(path: Path, characters: int, text: object, pictures: object) -> Entries | None:
    """What `_packed` made; None for anything else."""
    shape = (characters, SMALL_SIDE**2)
    size = characters * SMALL_SIDE**2
    entries: Entries = []
    try:
        assert isinstance(text, str) and isinstance(pictures, bytes)
        left = zlib.decompress(pictures)
        for first, second in json.loads(text):
            if isinstance(first, str):
                kind, reason = second
                entries.append(Refusal(path, first, RefusalKind[kind], str(reason)))
                continue
            small, left = np.frombuffer(left[:size], np.uint8).reshape(shape), left[size:]
            letters, family_class, fixed_pitch = second
            tables = Tables(int(letters), int(family_class), bool(fixed_pitch))
            entries.append(Inspection(_face(path, first), tables, small))
    except (AssertionError, KeyError, RecursionError, ValueError, TypeError, zlib.error):
        return None
    return entries


def _face(path: Path, fields: Sequence[Any]) -> Face:
    index, axes, family, style, key, category = fields
    return Face(path, int(index), tuple(float(at) for at in axes), str(family), str(style), str(key), str(category))
