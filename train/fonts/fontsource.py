"""Font families from npm: a pinned list, and one command that fetches them into a folder that is searched for fonts.

The list is fontsource.txt: packages of the Fontsource project under the licences OFL, Apache and UFL. Of each package
the woff2 files with Latin letters and the licence's text are kept. Nothing of a package is ever run.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fontdemo.errors import FontdemoError
from train.files import home
from train.fonts.category import LIST
from train.parallel import Progress

#: Licences under which fonts may be used, changed and passed on.
LICENCES = ("OFL-1.1", "Apache-2.0", "UFL-1.0")

_LIST = Path(__file__).with_name("fontsource.txt")
_LINE = re.compile(r"(@fontsource(?:-variable)?/([a-z0-9]+(?:-[a-z0-9]+)*))==(\d+\.\d+\.\d+)  (\S+)")
_CATEGORIES = {"sans-serif": "Sans Serif", "serif": "Serif", "monospace": "Monospace", "display": "Display",
               "handwriting": "Handwriting"}  # fmt: skip

# Of a family's nine weights these: the ones between differ too little to be worth their time.
_WEIGHTS = ("300", "400", "700", "900")

# Packages a call of npm: few enough to show progress, and to lose little when one fails.
_BATCH = 60

#: Runs a command, given as a list of words, and gives its exit status and what it said.
Runner = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]


@dataclass(frozen=True)
class Package:
    """An npm package of one family. name: with its scope; family: without it."""

    name: str
    family: str
    version: str
    licence: str


def packages() -> tuple[Package, ...]:
    """The pinned list."""
    lines = [line for line in _LIST.read_text("utf-8").splitlines() if not line.startswith("#")]
    found = []
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None or match[4] not in LICENCES:
            raise FontdemoError(f"{_LIST.name} has a line that names no package: {line}")
        found.append(Package(match[1], match[2], match[3], match[4]))
    return tuple(found)


def fetched_folder() -> Path:
    """Where fetched fonts lie: FONTDEMO_FONTS, or fontdemo/fonts where this user's programs keep their data."""
    if named := os.environ.get("FONTDEMO_FONTS"):
        return Path(named)
    if sys.platform == "darwin":
        return home() / "Library/Application Support/fontdemo/fonts"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home() / "AppData/Local") / "fontdemo/fonts"
    return Path(os.environ.get("XDG_DATA_HOME") or home() / ".local/share") / "fontdemo/fonts"


def npm_command(prefix: Path, wanted: Sequence[Package]) -> list[str]:
    """The words that install these packages below `prefix`; no script of any package runs."""
    return ["npm", "install", "--prefix", str(prefix), "--ignore-scripts", "--no-audit", "--no-fund",
            "--no-package-lock", "--loglevel=error", *(f"{one.name}@{one.version}" for one in wanted)]  # fmt: skip


def fetch(folder: Path, progress: Progress, *, wanted: Sequence[Package] = (), run: Runner | None = None) -> int:
    """Gets the families that are not in `folder` yet, and lists all in its FONTS.tsv; how many it got.

    wanted: by default the pinned list. progress(done, all) counts families. FontdemoError if npm is not installed or
    fails; what came before that stays.
    """
    wanted = wanted or packages()
    missing = [one for one in wanted if not _is_there(folder / one.family, one)]
    progress(len(wanted) - len(missing), len(wanted))
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(0, len(missing), _BATCH):
        batch = missing[start : start + _BATCH]
        with tempfile.TemporaryDirectory(prefix=".npm-", dir=folder) as prefix:
            done = (run or _run)(npm_command(Path(prefix), batch))
            if done.returncode:
                said = " ".join((done.stderr or "").split())[:300]
                raise FontdemoError(f"npm could not fetch the fonts: {said}")
            for one in batch:
                _copy(Path(prefix) / "node_modules" / one.name, folder / one.family, one)
        progress(len(wanted) - len(missing) + start + len(batch), len(wanted))
    _write_list(folder, wanted)
    return len(missing)


def _run(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    program = shutil.which(words[0])
    if program is None:
        raise FontdemoError("Fetching fonts needs npm. Install it (Debian and Ubuntu: apt install npm) and try again.")
    return subprocess.run([program, *words[1:]], capture_output=True, text=True, check=False)


def _is_there(family: Path, one: Package) -> bool:
    note = _note(family)
    return (note.get("name"), note.get("version")) == (one.name, one.version) and any(family.glob("*.woff2"))


def _note(family: Path) -> dict[str, Any]:
    """What a family's package.json says, with its category; nothing where there is none."""
    try:
        note = json.loads((family / "package.json").read_text("utf-8"))
        return note if isinstance(note, dict) else {}
    except (OSError, ValueError):
        return {}


def _copy(source: Path, target: Path, one: Package) -> None:
    """Copies what is needed of an unpacked package; whole or not at all."""
    note = _note(source)
    if note.get("license") != one.licence or not (source / "LICENSE").is_file():
        raise FontdemoError(f"{one.name} is not under {one.licence}, as the list says; it is left out.")
    meta = json.loads((source / "metadata.json").read_text("utf-8"))
    kept = _latin_files(source / "files", one.family)
    if not kept:
        raise FontdemoError(f"{one.name} has no Latin letters.")
    with tempfile.TemporaryDirectory(prefix=".new-", dir=target.parent) as new:
        for file in (*kept, source / "LICENSE"):
            shutil.copyfile(file, Path(new) / file.name, follow_symlinks=False)
        about = {"name": one.name, "version": one.version, "license": one.licence, "category": meta.get("category")}
        (Path(new) / "package.json").write_text(json.dumps(about, indent=1) + "\n")
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(new, target)


def _latin_files(files: Path, family: str) -> list[Path]:
    """The woff2 files with Latin letters: of a variable family those that vary in weight, else four weights."""
    found: dict[Path, str] = {}
    for file in sorted(files.glob(f"{family}-latin-*.woff2")):
        match = re.fullmatch(re.escape(family) + r"-latin-(wght|\d+)-(normal|italic)\.woff2", file.name)
        if match and file.is_file() and not file.is_symlink():
            found[file] = match[1]
    chosen = [file for file, weight in found.items() if weight in ("wght", *_WEIGHTS)]
    return chosen or list(found)


def _write_list(folder: Path, wanted: Sequence[Package]) -> None:
    """FONTS.tsv: every file with its category (`train.fonts.category` reads it), licence, package and version."""
    beside = folder / f".{LIST}.{os.getpid()}"
    with beside.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter="\t", quoting=csv.QUOTE_NONE, lineterminator="\n")
        table.writerow(["file", "category", "licence", "package", "version"])
        for one in wanted:
            category = _CATEGORIES.get(str(_note(folder / one.family).get("category")), "")
            for font in sorted((folder / one.family).glob("*.woff2")):
                table.writerow([f"{one.family}/{font.name}", category, one.licence, one.name, one.version])
    os.replace(beside, folder / LIST)
