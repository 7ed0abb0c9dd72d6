"""Words in many fonts, as pictures whose characters are known; and how many of them are split, or read, rightly.

    python -m tests.support.words [--count 200] [--seed 0] [--single | --read [--lines]] [--show DIR]
"""

from __future__ import annotations

import argparse
import random
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from fontdemo.alphabet import CHARACTERS, get_alphabet
from fontdemo.glyph.binarize import find_ink
from fontdemo.glyph.picture import to_plane
from fontdemo.glyph.segment import find_spots, may_be_one
from fontdemo.reading.reader import Reader
from fontdemo.reading.words import read_page, split
from fontdemo.reading.words import text as text_of
from train.fonts.face import Face
from train.fonts.find import find_faces, font_folders
from train.fonts.render import open_font

#: Whether letters of a word touch: then no geometry parts them.
KINDS = ("apart", "touching")

WORDS = (
    "the of and in to is was for it with he be on his at by are this had not but from have they which one you were all "
    "her she there would their we him been has when who will no more if out so up said what its about than into them "
    "only other time new some could these two may first then do any like my now over such our man me even most made "
    "jazz quick brown fox jumps lazy dog sphinx black quartz judge vow injury filling Illinois minimum aviation rhythm"
).split()

# Digits and letters side by side, rings and bars, and words of letters that have one shape in both cases.
MIXED = (
    "Hello7 mp3 B2B COVID19 10th 1st 2nd 3rd iPhone11 v10 A4 R2D2 M25 Room101 flat12 No5 5km 100m 80s Type1 Vol2 "
    "Level10 x86 win32 1000 2026 1905 007 501 911 I ISO Illinois OIL CIVIL Zoo School lol OK ok SOS Vow vow Kiwi Puck "
    "up UP Pup cup CUP wax SIX six Box cocoa"
).split()


def word_picture(
    text: str, face: ImageFont.FreeTypeFont, ink: int = 30, paper: int = 235, margin: int = 24, seed: int | None = None
) -> Image.Image:
    """`text` in mode L with `margin` around; with a seed, on paper of uneven light with grain."""
    left, top, right, bottom = (round(side) for side in face.getbbox(text))
    fraction = Image.new("L", (right - left + 2 * margin, bottom - top + 2 * margin))
    ImageDraw.Draw(fraction).text((margin - left, margin - top), text, fill=255, font=face)
    ground = np.full((fraction.height, fraction.width), float(paper))
    if seed is not None:
        rng = np.random.default_rng(seed)
        slope = rng.uniform(-50, 50, 2)
        across, down = np.linspace(-0.5, 0.5, fraction.width), np.linspace(-0.5, 0.5, fraction.height)[:, None]
        ground += slope[0] * across + slope[1] * down
        ground += rng.normal(0, 4, ground.shape)
    cover = np.asarray(fraction.filter(ImageFilter.GaussianBlur(0.4)), dtype=np.float64) / 255
    return Image.fromarray(np.clip(ground + (ink - paper) * cover, 0, 255).astype(np.uint8))


def touching(text: str, face: ImageFont.FreeTypeFont) -> bool:
    """Whether letters next to each other in `text` share pixels, so that nobody could split them by parts."""
    covers = []
    for index, character in enumerate(text):
        cover = Image.new("1", (round(face.getlength(text)) + 200, 400))
        x = 100 + face.getlength(text[: index + 1]) - face.getlength(character)
        ImageDraw.Draw(cover).text((x, 100), character, fill=1, font=face)
        covers.append(np.asarray(cover.convert("L").filter(ImageFilter.MaxFilter(3))) > 0)
    return any((a & b).any() for a, b in zip(covers, covers[1:], strict=False))


def faces_of(most_files: int) -> list[Face]:
    """The text faces among `most_files` font files of this machine, chosen by chance but always the same."""
    found = find_faces(font_folders(), get_alphabet("alnum62"), most_files=most_files)
    return [face for face in found.faces if face.kind == "text"]


def read(faces: Sequence[Face], count: int, rng: random.Random, lines: bool) -> None:
    """Read words, or lines of two or three; print which are not read letter by letter, and how many are."""
    reader = Reader.load("best52")
    right = total = 0
    for number in range(count):
        word = rng.choice(WORDS)
        number_word, cases = f"{word}{rng.randrange(10, 100)}", (word, word.capitalize(), word.upper())
        text = rng.choice((*cases, number_word, str(rng.randrange(100, 9999)), rng.choice(MIXED), rng.choice(MIXED)))
        if lines:
            parts = (rng.choice(WORDS), rng.choice(WORDS), str(rng.randrange(1, 999)), "a", "I")
            text = " ".join(rng.choice(parts) for _ in range(rng.choice((2, 2, 3))))
        face, size = rng.choice(faces), rng.choice((40, 56, 72))
        colours = (30, 225) if rng.random() < 0.7 else (225, 30)
        font = open_font(face, size)
        if touching(text, font):
            continue
        page = read_page(reader, split(word_picture(text, font, *colours, seed=number)))
        found = text_of(page.letters) if page.letters else page.picture.reading.character
        total += 1
        right += found == text
        if found != text:
            print(f"{text!r} is read {found!r} in {face.name}, {page.split.interpretation.name}")
    print(f"{right} of {total} read rightly, {100 * right / total:.1f} %")


def main(arguments: Sequence[str] | None = None) -> None:
    """Split words in text faces taken by chance; print how many came out with the right number of characters."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--single", action="store_true", help="single characters, none of which may be split")
    parser.add_argument("--read", action="store_true", help="read words whose letters do not touch")
    parser.add_argument("--lines", action="store_true", help="lines of two or three words")
    parser.add_argument("--show", type=Path, help="folder for the pictures that went wrong")
    options = parser.parse_args(arguments)
    faces = faces_of(400)
    print(f"{len(faces)} faces of {len({face.key for face in faces})} families")
    rng = random.Random(options.seed)
    if options.read:
        read(faces, options.count, rng, options.lines)
        return
    right, count = dict.fromkeys(KINDS, 0), dict.fromkeys(KINDS, 0)
    for number in range(options.count):
        face = rng.choice(faces)
        word = rng.choice(WORDS)
        text = rng.choice((word, word, word.capitalize(), word.upper(), f"{word}{rng.randrange(10, 100)}"))
        if options.single:
            text = rng.choice(CHARACTERS)
        font = open_font(face, 72)
        colours = (30, 225) if rng.random() < 0.7 else (225, 30)
        picture = word_picture(text, font, *colours, seed=number)
        spots = find_spots(find_ink(to_plane(picture)).all_mask)
        found = 1 if may_be_one(spots) and options.single else max(1, len(spots))
        kind = KINDS[touching(text, font)]
        count[kind] += 1
        if found == len(text):
            right[kind] += 1
            continue
        print(f"{kind}: {text!r} is {found} characters in {face.name}")
        if options.show:
            options.show.mkdir(exist_ok=True)
            picture.save(options.show / f"{number:04}-{kind}-{text}-{found}.png")
    for kind in KINDS:
        print(f"{kind}: {right[kind]} of {count[kind]} split rightly")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
