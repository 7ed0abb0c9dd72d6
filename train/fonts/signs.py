"""What fonts draw beside our 62 characters, signs and letters of other scripts: what a network must not take for one.

Networks learn from it in fonts' own shapes (`train.data.build.build_signs`). Left out is what looks like one of ours:
by eye in the lists below (| l, omicron o, an Arabic alif 1, ...), and in each face what it draws nearly as one of the
62.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import closing

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fontdemo.alphabet import CHARACTERS
from fontdemo.glyph.layout import SIDE
from train.fonts.face import Face
from train.fonts.inspect import open_file
from train.fonts.render import LARGE, Glyphs, draw_glyph, open_font, oversized


def _all(first: int, last: int, but: str = "") -> str:
    return "".join(chr(code) for code in range(first, last + 1) if chr(code) not in but)


#: What may be drawn, by the kind it is of.
BLOCKS: Mapping[str, str] = {
    "punctuation": "?&@#%*+=§¶{}<>~±÷«»¿†‡‰",
    "mathematics": "∆∇∏∑√∞∴≈≠≡≤≥⊕⊗⊙∮",
    "arrows": "←↑→↓↔↕↖↗↘↙⇐⇑⇒⇓⇔↩↪↺↻",
    "shapes": "■▲▶▼◀◆●►◄▪◈◐◑◢◣★☆",
    "symbols": _all(0x2600, 0x26C3, but="☓☡☰☱☲☳☴☵☶☷♭"),
    "dingbats": _all(0x2701, 0x2712) + _all(0x2721, 0x2757) + _all(0x2761, 0x2767),
    "Greek": "ΔΞΠΣΦΨΩζλξπφψ",
    "Cyrillic": "ДЖФЦШЩЪЫЭЮЯджфцшщъыэюяђћЂЋ",
    "Hebrew": "אבגדזטכלמעפצקש",
    "Arabic": _all(0x0622, 0x064A, but="اهةودذرزـ؛؟ػؼؽؾؿى"),
    "Armenian": "ԱԲԳԴԷԸԹԺԽԾԿՁՃՄՇՉՊՋՌՎՏՑՓՔՖբգդէթժխծկձղճմշչպջռվքֆ",
    "Georgian": _all(0x10D0, 0x10F0, but="იოსთპ"),
    "Devanagari": _all(0x0905, 0x0939),
    "Bengali": _all(0x0985, 0x09B9),
    "Tamil": _all(0x0B85, 0x0BB9, but="ப"),
    "Thai": _all(0x0E01, 0x0E2E, but="บปรงทนม"),
    "Khmer": _all(0x1780, 0x17A2, but="បរ"),
    "Tibetan": _all(0x0F40, 0x0F68),
    "Ethiopic": _all(0x1208, 0x1357, but="ሀሁሂሃሐሠሰበተነዐከወዘየደገጠጥጦፐ"),
    "kana": "あいうえおかがきぎくぐけげさざすずせぜそぞただちぢなにぬねのはばひびふぶほぼまみむめもやゆ"
    "よらりるれろわをアイオカガキギケサザスズセゼソタダチヂテデナヌネヒビホボマミムメモヤユヨラワヲ",
    "Hangul": _all(0xAC00, 0xD7A3),
    "Chinese": _all(0x4E00, 0x9FA5, but="一丨丶丿乙丁七丄丅丆卜厂口囗工日曰十土士王丫"),
}

# Above this correlation with one of the face's 62, in pictures of _SMALL x _SMALL, a sign looks like that character.
_ALIKE, _SMALL = 0.8, 25


def draw_signs(each: int, seed: int, face: Face) -> Glyphs:
    """At most `each` images of every kind in BLOCKS that the face has, drawn by chance: uint8 (n, SIDE, SIDE), ink 255.

    Each is fitted into the square. Raises what Pillow or fontTools raise for a broken font.
    """
    has = _characters(face)
    # By the face's name and not by its place among others, so that one face more changes no other one's signs.
    rng = np.random.default_rng([seed, *face.name.encode()])
    font = open_font(face, LARGE)
    chosen = []
    for signs in BLOCKS.values():
        there = [sign for sign in signs if sign in has]
        chosen += [there[at] for at in rng.permutation(len(there))[:each]]
    too_large = oversized(font, "".join(chosen))
    ours = np.stack([_small(np.asarray(draw_glyph(font, character, "fit"))) for character in CHARACTERS])
    images = [np.asarray(draw_glyph(font, sign, "fit")) for sign in chosen if sign not in too_large]
    kept = [image for image in images if image.any() and (ours @ _small(image)).max() < _ALIKE]
    return np.stack(kept) if kept else np.zeros((0, SIDE, SIDE), np.uint8)


def _characters(face: Face) -> set[str]:
    """What the face has a glyph for, by its own table."""
    logging.getLogger("fontTools").setLevel(logging.CRITICAL)
    with closing(open_file(face.path)) as opened:
        font = getattr(opened, "fonts", [opened])[face.index]
        return {chr(code) for code in font.getBestCmap() or {}}


def _small(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """uint8 (SIDE, SIDE) -> a small picture of mean 0 and length 1, flat: the product of two is their correlation."""
    picture = Image.fromarray(image).resize((_SMALL, _SMALL), Image.Resampling.BOX)
    values = np.asarray(picture, np.float64).ravel()
    values = values - values.mean()
    return np.asarray(values / max(float(np.linalg.norm(values)), 1e-9))
