"""What kind of typeface a font is: its category, told from the font's own tables and names, or from a list.

Categories are those of Google Fonts. Text faces are Sans Serif, Serif and Monospace; all others are "other".
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CATEGORIES = ("Sans Serif", "Serif", "Monospace", "Display", "Handwriting")
TEXT_CATEGORIES = CATEGORIES[:3]

# Words in a family's name, tried in this order. A trailing * lets the word go on.
_WORDS = (
    ("Monospace", "mono code console terminal typewriter typist teletype courier prime fixed fixedsys"),
    (
        "Handwriting",
        "script hand handwrit* handwritten writing brush* marker pen pencil calligra* chancery cursive signature note "
        "notes letter comic chalk* crayon kid kids school schoolbell scribble* sketch* ecolier",
    ),
    (
        "Display",
        "display stencil* shadow* outline* inline poster ornament* initials caps fantas* decor* deco blackletter fraktur "
        "gothique pixel* bit 3d stroke engraved western circus black graffiti distort* rough* title titling dots lines "
        "fat ultra one* party monster* neon lcd led segment* dseg* rounded ocr",
    ),
    ("Serif", "serif slab roman antiqua garamond* bodoni didot* times text old book caslon baskerv* century goudy"),
    ("Sans Serif", "sans grotesk grotesque gothic neue ui"),
)


@dataclass(frozen=True)
class Tables:
    """The few numbers of a font's tables that bear on its category (OpenType: OS/2, post).

    panose: ten numbers of OS/2. family_class: the high byte of OS/2 sFamilyClass. fixed_pitch: of post.
    """

    panose: tuple[int, ...] = (0,) * 10
    family_class: int = 0
    fixed_pitch: bool = False
    names: str = ""


def read_tables(font: Any) -> Tables:
    """The tables of a fontTools TTFont; a missing or damaged table counts as saying nothing."""
    panose: tuple[int, ...] = (0,) * 10
    family_class, fixed_pitch = 0, False
    try:
        table = font["OS/2"]
        family_class = (table.sFamilyClass >> 8) & 0xFF
        p = table.panose
        panose = (p.bFamilyType, p.bSerifStyle, p.bWeight, p.bProportion, p.bContrast, p.bStrokeVariation,
                  p.bArmStyle, p.bLetterForm, p.bMidline, p.bXHeight)
    except Exception:
        pass
    try:
        fixed_pitch = bool(font["post"].isFixedPitch)
    except Exception:
        pass
    return Tables(panose, family_class, fixed_pitch)
