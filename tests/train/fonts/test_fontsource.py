"""Fontsource: the pinned list, the words that npm gets, what is kept of what it brings. npm itself never runs."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from fontdemo.alphabet import get_alphabet
from fontdemo.errors import FontdemoError
from tests.support.fontmaker import saved, small_font
from train.__main__ import main
from train.fonts import fontsource
from train.fonts.find import find_faces, font_folders
from train.fonts.fontsource import LICENCES, Package, fetch, npm_command, packages

ADA = Package("@fontsource/ada", "ada", "5.3.0", "OFL-1.1")
BOB = Package("@fontsource-variable/bob-script", "bob-script", "5.2.1", "Apache-2.0")


class Npm:
    """Stands for npm: unpacks families of made-up files, and remembers what it was told."""

    def __init__(self, **changes: Any) -> None:
        self.commands: list[list[str]] = []
        self.changes = changes

    def __call__(self, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
        self.commands.append(list(words))
        prefix = Path(words[words.index("--prefix") + 1])
        for word in words:
            if word.startswith("@fontsource"):
                self._unpack(prefix, *word.rsplit("@", 1))
        return subprocess.CompletedProcess(words, 0, "", "")

    def _unpack(self, prefix: Path, name: str, version: str) -> None:
        one = next(package for package in (ADA, BOB) if package.name == name)
        folder = prefix / "node_modules" / name
        (folder / "files").mkdir(parents=True)
        licence = self.changes.get("licence", one.licence)
        (folder / "package.json").write_text(
            json.dumps({"name": name, "version": version, "license": licence, "scripts": {"install": "false"}})
        )
        (folder / "metadata.json").write_text(json.dumps({"category": "handwriting", "family": "Ada"}))
        if self.changes.get("text", True):
            (folder / "LICENSE").write_text(f"licence of {name}")
        names = [f"{one.family}-{subset}-{weight}-{style}.{suffix}"
                 for subset in self.changes.get("subsets", ("latin", "latin-ext", "cyrillic"))
                 for weight in ("300", "400", "500", "wght") for style in ("normal", "italic")
                 for suffix in ("woff", "woff2")]  # fmt: skip
        for file in names:
            (folder / "files" / file).write_text(file)
        (folder / "files" / f"{one.family}-latin-700-normal.woff2").symlink_to("/etc/hostname")


def nothing(_done: int, _of: int) -> None:
    """A progress that nobody watches."""


def test_the_list_is_well_formed_and_long_enough() -> None:
    listed = packages()
    assert len(listed) > 400
    assert len({one.family for one in listed}) == len(listed)  # static or variable, not both
    assert {one.licence for one in listed} <= set(LICENCES)
    names = [one.name for one in listed]
    assert names == sorted(names)
    hands = {"caveat", "kalam", "patrick-hand", "mansalva", "shantell-sans", "playpen-sans", "nanum-pen-script",
             "gaegu", "zen-kurenaido", "yomogi", "playwrite-us-trad"}  # fmt: skip
    assert hands <= {one.family for one in listed}


@pytest.mark.parametrize("line", ["@fontsource/a", "@fontsource/a==1.0.0  MIT", "@fontsource/../a==1.0.0  OFL-1.1",
                                  "--global==1.0.0  OFL-1.1", "@fontsource/a==latest  OFL-1.1"])  # fmt: skip
def test_a_line_that_names_no_package_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    (tmp_path / "list.txt").write_text(f"# remark\n{line}\n")
    monkeypatch.setattr(fontsource, "_LIST", tmp_path / "list.txt")
    with pytest.raises(FontdemoError, match="names no package"):
        packages()


def test_npm_is_told_to_run_nothing(tmp_path: Path) -> None:
    words = npm_command(tmp_path, [ADA, BOB])
    assert words[:4] == ["npm", "install", "--prefix", str(tmp_path)]
    assert {"--ignore-scripts", "--no-audit"} <= set(words)
    assert words[-2:] == ["@fontsource/ada@5.3.0", "@fontsource-variable/bob-script@5.2.1"]


def test_latin_files_and_licences_are_kept_and_nothing_else(tmp_path: Path) -> None:
    npm, seen = Npm(), []
    assert fetch(tmp_path, lambda done, of: seen.append((done, of)), wanted=[ADA, BOB], run=npm) == 2
    assert seen == [(0, 2), (2, 2)]
    files = sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file())
    kept = [f"{family}/{family}-latin-{weight}-{style}.woff2"
            for family in ("ada", "bob-script") for weight in ("300", "400", "wght") for style in ("italic", "normal")]
    assert files == sorted([*kept, "FONTS.tsv", *(f"{family}/{file}" for family in ("ada", "bob-script")
                                                  for file in ("LICENSE", "package.json"))])  # fmt: skip
    assert (tmp_path / "ada/LICENSE").read_text() == "licence of @fontsource/ada"
    with (tmp_path / "FONTS.tsv").open(newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    assert len(rows) == 12 and {row["category"] for row in rows} == {"Handwriting"}
    assert {(row["licence"], row["package"], row["version"]) for row in rows} == {
        (one.licence, one.name, one.version) for one in (ADA, BOB)
    }


def test_only_what_is_missing_or_of_another_version_is_fetched(tmp_path: Path) -> None:
    npm = Npm()
    fetch(tmp_path, nothing, wanted=[ADA], run=npm)
    assert fetch(tmp_path, nothing, wanted=[ADA], run=npm) == 0 and len(npm.commands) == 1
    (tmp_path / "ada/package.json").write_text("{")
    assert fetch(tmp_path, nothing, wanted=[ADA, BOB], run=npm) == 2
    newer = Package(ADA.name, ADA.family, "6.0.0", ADA.licence)
    assert fetch(tmp_path, nothing, wanted=[newer, BOB], run=npm) == 1
    assert npm.commands[-1][-1] == "@fontsource/ada@6.0.0"


@pytest.mark.parametrize("changes", [{"licence": "MIT"}, {"text": False}, {"subsets": ["cyrillic"]}])
def test_a_package_without_its_licence_or_letters_is_not_kept(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(FontdemoError, match="@fontsource/ada"):
        fetch(tmp_path, nothing, wanted=[ADA], run=Npm(**changes))
    assert list(tmp_path.iterdir()) == []


def test_what_npm_says_is_reported(tmp_path: Path) -> None:
    def fails(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(words, 1, "", "npm error\n  E404")

    with pytest.raises(FontdemoError, match="npm could not fetch the fonts: npm error E404"):
        fetch(tmp_path, nothing, wanted=[ADA], run=fails)


def test_without_npm_a_sentence_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FontdemoError, match="apt install npm"):
        fetch(tmp_path / "fonts", nothing, wanted=[ADA])


def test_fetched_fonts_are_found_with_their_category(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "fonts"
    monkeypatch.setenv("FONTDEMO_FONTS", str(folder))
    assert folder not in font_folders()
    npm = Npm()

    def run(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
        done = npm(words)
        for file in Path(words[3]).rglob("*-latin-400-normal.woff2"):
            saved(small_font("DejaVuSerif", "Ada"), file, "woff2")
        return done

    monkeypatch.setattr(fontsource, "_run", run)
    monkeypatch.setattr(fontsource, "packages", lambda: (ADA,))
    monkeypatch.setattr("train.cli.fonts.font_folders", lambda named: [folder])
    assert main(["fonts", "--fetch", "--list"]) == 0
    out = capsys.readouterr().out
    assert f"1 families fetched into {folder}" in out and "Handwriting   Ada" in out
    assert folder in font_folders()
    (face,) = find_faces([folder], get_alphabet("alnum62"), workers=1).faces
    assert (face.key, face.category, face.path.parent.name) == ("ada", "Handwriting", "ada")
