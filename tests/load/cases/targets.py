"""What `tests.load.fuzz` makes, spoils and opens, one target a kind of data that strangers give."""

from __future__ import annotations

import io
import json
import pickle
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from fontdemo.errors import FontdemoError
from tests.load.cases.spoil import ODD, anything, spoilt


@dataclass(frozen=True)
class Target:
    """make: a case out of random numbers. of_bytes: one out of bytes. run: opens it. errors: what opening may raise.

    usual: how many cases are tried unless told otherwise.
    """

    make: Callable[[random.Random], Any]
    of_bytes: Callable[[bytes], Any]
    run: Callable[[Any], object]
    errors: tuple[type[Exception], ...] = (FontdemoError,)


@dataclass(frozen=True)
class Kind:
    """A target that is built in a folder of its own, and its usual number of cases."""

    build: Callable[[Path], Target]
    usual: int

    def __call__(self, folder: Path) -> Target:
        return self.build(folder)


def _of(seeds: list[bytes], run: Callable[[bytes], object], *errors: type[Exception]) -> Target:
    return Target(lambda rng: spoilt(rng.choice(seeds), rng), bytes, run, (FontdemoError, *errors))


def strokes(_: Path) -> Target:
    """The pad's JSON, and lists as /read takes them: parsed, drawn."""
    from fontdemo.glyph.glyph import from_drawing, parse_strokes

    def make(rng: random.Random) -> Any:
        def number() -> Any:
            usual = rng.choice((rng.random(), rng.gauss(0, 10 ** rng.randrange(20))))
            return rng.choice(ODD) if rng.random() < 0.02 else usual

        def stroke() -> Any:
            return [[number(), number()] for _ in range(rng.choice((0, 1, 2, 5)))]

        drawing = [stroke() for _ in range(rng.choice((0, 1, 2, 3)))]
        value: Any = drawing if rng.random() < 0.7 else anything(rng)
        if rng.random() < 0.5:
            return value
        text = json.dumps(value)
        return spoilt(text.encode(), rng).decode("utf-8", errors="replace") if rng.random() < 0.3 else text

    return Target(make, lambda data: data.decode("utf-8", errors="replace"),
                  lambda case: from_drawing(parse_strokes(case) if isinstance(case, str) else case))  # fmt: skip


def picture_files() -> list[bytes]:
    """A letter in every format that is taken, in several modes."""
    letter = Image.new("L", (40, 48), 255)
    ImageDraw.Draw(letter).line([(8, 40), (20, 6), (32, 40)], fill=0, width=5)
    made = []
    for form, modes, options in (
        ("PNG", ("L", "RGB", "RGBA", "P", "1", "I;16", "LA"), {}), ("JPEG", ("L", "RGB", "CMYK"), {}),
        ("JPEG", ("RGB",), {"progressive": True}),
        ("GIF", ("L", "P"), {"save_all": True, "append_images": [letter] * 2}),
        ("BMP", ("L", "RGB", "1"), {}), ("WEBP", ("RGB", "RGBA"), {}),
        ("WEBP", ("RGB",), {"save_all": True, "append_images": [letter.convert("RGB")] * 2}),
        ("TIFF", ("L", "RGB", "I;16", "F", "1"), {}), ("TIFF", ("L",), {"compression": "tiff_lzw"}),
        ("TIFF", ("1",), {"compression": "group4"}), ("TIFF", ("RGB",), {"compression": "jpeg"}),
        ("TIFF", ("L",), {"save_all": True, "append_images": [letter] * 3}),
        ("PNG", ("L",), {"save_all": True, "append_images": [letter] * 2}),
    ):  # fmt: skip
        for mode in modes:
            file = io.BytesIO()
            letter.convert(mode).save(file, form, **options)
            made.append(file.getvalue())
    return made


def pictures(_: Path) -> Target:
    """Picture files: opened and reduced."""
    from fontdemo.glyph.picture import open_picture

    return _of(picture_files(), open_picture)


def readings(_: Path) -> Target:
    """Picture files, and pictures of noise: the ways to see them, and their characters."""
    from fontdemo.reading.words import split

    seeds = picture_files()

    def make(rng: random.Random) -> bytes:
        if rng.random() < 0.5:
            return spoilt(rng.choice(seeds), rng)
        numbers = np.random.default_rng(rng.randrange(2**32))
        side = int(rng.choice((1, 2, 3, 17, 100, 300))), int(rng.choice((1, 2, 5, 80, 400)))
        channels = (*side, rng.choice((1, 3, 4)))
        values = numbers.integers(0, rng.choice((2, 256)), channels) * rng.choice((1, 255)) % 256
        kept = numbers.random(side) < rng.choice((0.001, 0.02, 0.5, 1.0))
        image = Image.fromarray(np.where(kept[..., None], values, 255).astype(np.uint8).squeeze(2) if channels[2] == 1
                                else np.where(kept[..., None], values, 255).astype(np.uint8))  # fmt: skip
        file = io.BytesIO()
        image.save(file, "PNG")
        return file.getvalue()

    return Target(make, bytes, split)


def pickles(folder: Path) -> Target:
    """The course's files in every form."""
    from tests.train.data.test_course_files import FORMS
    from train.data.course_files import read_image

    file = folder / "395_30.npy"

    def run(data: bytes) -> object:
        file.write_bytes(data)
        return read_image(file)

    harm = [pickle.dumps(thing) for thing in (print, [1, (2, {"image": 3})], np.float64(1), np.zeros((2, 2)))]
    return _of([*FORMS.values(), *harm], run)


def zips(folder: Path) -> Target:
    """Uploaded archives: checked and unpacked."""
    from train.data.unzip import unpack

    seeds = []
    for names in (("train/30/395_30.npy", "valid/5a/1775_5a.npy"), ("faces.json", "x/train/41/1_41.npy", "README.md"),
                  ("../train/30/1_30.npy",), ("train/30/1_30.npy", "train/30/1_30.npy")):  # fmt: skip
        for how in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
            made = io.BytesIO()
            with zipfile.ZipFile(made, "w", how) as archive:
                for number, name in enumerate(names):
                    info = zipfile.ZipInfo(name)
                    info.compress_type = how
                    archive.fp.seek(0, 2)  # type: ignore[union-attr]
                    archive.NameToInfo.pop(name, None)
                    archive.writestr(info, b"\x93NUMPY" + bytes(300 * number + 50))
            seeds.append(made.getvalue())
    file, out = folder / "given.zip", folder / "out"

    def run(data: bytes) -> object:
        for path in sorted(out.rglob("*"), reverse=True) if out.exists() else []:
            path.rmdir() if path.is_dir() else path.unlink()
        out.mkdir(exist_ok=True)
        file.write_bytes(data)
        count = unpack(file, out, most_bytes=1 << 20, most_images=100)
        written = [path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()]
        assert all(path == "faces.json" or path.split("/")[0] in ("train", "valid", "test") for path in written)
        assert not list(folder.glob("*.npy")), "written outside"
        return count

    return _of(seeds, run)


def packed(folder: Path) -> Target:
    """Packed data sets: loaded, and looked into."""
    from tests.support.training import letter_set
    from train.data.glyphset import GlyphSet
    from train.data.packed import PackedSet

    file = folder / "given.fd"
    letter_set().save(file)
    small = GlyphSet.load(file)
    kept = np.arange(0, len(small), max(1, len(small) // 8))
    replace(small, images=small.images[kept], labels=small.labels[kept], face=small.face[kept],
            split=small.split[kept]).save(file)  # fmt: skip

    def run(data: bytes) -> object:
        file.write_bytes(data)
        PackedSet.open(file).images([0])
        return GlyphSet.load(file)

    return _of([file.read_bytes()], run)


def metrics(_: Path) -> Target:
    """Rows of metrics.jsonl: checked, drawn as curves, told as a summary."""
    from train.runs.metrics import checked
    from train.runs.summary import kept_epoch, peak_epoch
    from train.ui.train.charts import Curve, charts

    whole = [
        {"kind": kind, "at": 1.5, "epoch": 2, "step": 10, "steps": 20, "train_error": 1.0, "train_accuracy": 0.5,
         "valid_error": 1.1, "valid_accuracy": 0.4, "previous_best": None, "images_per_second": 99.0, "seconds": 3.5,
         "device": "CPU", "memory": 1} for kind in ("step", "epoch")
    ]  # fmt: skip

    def make(rng: random.Random) -> list[bytes]:
        lines = []
        for _ in range(rng.randrange(1, 6)):
            row: dict[str, Any] = dict(rng.choice(whole))
            for name in rng.sample(sorted(row), rng.choice((0, 0, 1, 2, 5))):
                row[name] = anything(rng, 2)
            line = json.dumps(row).encode()
            lines.append(spoilt(line, rng) if rng.random() < 0.2 else line)
        return lines

    def run(lines: list[bytes]) -> object:
        rows = [row for row in map(checked, lines) if row is not None]
        kept_epoch(rows), peak_epoch(rows)
        drawn = charts([Curve("<b>", rows), Curve("two", rows[:1])], 3, linear=len(rows) % 2 == 0)
        assert "<b>" not in drawn.replace("<b>epoch</b>", "") and "nan" not in drawn.lower()
        return drawn

    return Target(make, lambda data: data.split(b"\n"), run)


def specimens(_: Path) -> Target:
    """What the process that draws a font says, which a font may have taken over."""
    from train.fonts.sandbox import _SIZE, _received

    def make(rng: random.Random) -> bytes:
        told: dict[str, Any] = {"faces": ["A", "<i>"], "face": 0, "lacking": "abc", "blank": ""}
        for name in rng.sample(sorted(told), rng.randrange(4)):
            told[name] = anything(rng, 3)
        head = json.dumps(told if rng.random() < 0.9 else anything(rng)).encode()
        return spoilt(head, rng) + b"\n" + bytes(_SIZE + rng.choice((0, 0, 0, 1, -1)))

    def run(data: bytes) -> object:
        found = _received(data)
        assert all(type(name) is str and name.isprintable() and len(name) <= 170 for name in found.faces)
        return found.name

    return Target(make, bytes, run)


def fonts(folder: Path) -> Target:
    """Font files, drawn in the process that may come to grief; dear, since each case starts one."""
    from tests.support.fontmaker import saved, small_font
    from train.fonts.sandbox import read_font

    seeds = [saved(small_font(), folder / f"{flavor}.font", flavor).read_bytes() for flavor in (None, "woff", "woff2")]
    file = folder / "given.ttf"

    def run(data: bytes) -> object:
        file.write_bytes(data)
        return read_font(file)

    return _of(seeds, run)


#: Every target by its name.
TARGETS = {
    "strokes": Kind(strokes, 100_000), "pictures": Kind(pictures, 100_000), "readings": Kind(readings, 5_000),
    "pickles": Kind(pickles, 100_000), "zips": Kind(zips, 100_000), "packed": Kind(packed, 100_000),
    "metrics": Kind(metrics, 100_000), "specimens": Kind(specimens, 100_000), "fonts": Kind(fonts, 200),
}  # fmt: skip
