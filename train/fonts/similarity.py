"""What small pictures of faces show: whether they are letters at all, and how similar to those of text faces.

The models to compare with are faces that come with matplotlib, so the answers are the same on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fontdemo.alphabet import Alphabet
from fontdemo.errors import FontdemoError
from fontdemo.font_files import matplotlib_fonts
from train.fonts.face import RefusalKind
from train.fonts.inspect import SMALL_SIDE, Inspection, inspect

_SERIF_MODELS = ("DejaVuSerif", "STIXGeneral", "cmr10")
_SANS_MODELS = ("DejaVuSans", "DejaVuSans-Bold")
_OTHER_MODELS = ("DejaVuSans-Oblique", "STIXGeneralItalic", "DejaVuSansMono", "cmtt10")

# Letters whose two cases differ, by which fonts are found out that have capitals only.
_TWO_CASES = "abdeghqrt"

# Side of the pictures when faces are compared with models: coarser, so that weight and width count for less.
_COARSE = 8

Pictures = NDArray[np.float32]


@dataclass(frozen=True)
class Resemblance:
    """likeness: how much a face draws as text faces do, up to 1: the median, over the classes, of the correlation with
    the nearest model. lean: by how much serif models are nearer than sans serif ones, on average.
    """

    likeness: float
    lean: float


class Models:
    """Text faces to compare others with."""

    def __init__(self, alphabet: Alphabet) -> None:
        """FontdemoError if the fonts of matplotlib are not there."""
        names = _SERIF_MODELS + _SANS_MODELS + _OTHER_MODELS
        entries = [inspect((matplotlib_fonts() / "ttf" / f"{name}.ttf", alphabet.classes))[0] for name in names]
        inspections = [entry for entry in entries if isinstance(entry, Inspection)]
        if len(inspections) < len(names):
            raise FontdemoError("The fonts that come with matplotlib are missing. Reinstall matplotlib with pip.")
        self._fine = np.stack([pixels(inspection) for inspection in inspections])
        self._coarse = np.stack([_coarse(inspection) for inspection in inspections])
        self._small = [alphabet.classes.index(letter) for letter in _TWO_CASES]
        self._capital = [alphabet.classes.index(letter.upper()) for letter in _TWO_CASES]

    def fault(self, inspection: Inspection) -> tuple[RefusalKind, str] | None:
        """Why the face cannot stand for its characters, if it cannot: kind and reason."""
        glyphs = pixels(inspection)
        apart = np.sqrt(np.mean((glyphs[:, None] - glyphs[None]) ** 2, axis=2))
        if np.median(apart) < 0.1:
            return RefusalKind.ALL_ALIKE, "every glyph alike"
        drawn = glyphs[self._small]
        to_small = ((drawn - self._fine[:, self._small]) ** 2).mean(axis=2).min(axis=0)
        to_capital = ((drawn - self._fine[:, self._capital]) ** 2).mean(axis=2).min(axis=0)
        if np.median(apart[self._small, self._capital]) < 0.1 or np.mean(to_capital < to_small) > 0.66:
            return RefusalKind.CAPITALS_ONLY, "small letters drawn as capitals"
        return None

    def resemblance(self, inspection: Inspection) -> Resemblance:
        """How much the face is like the models."""
        close = np.einsum("cp,mcp->mc", _coarse(inspection), self._coarse)
        serif, sans = len(_SERIF_MODELS), len(_SANS_MODELS)
        lean = np.mean(close[:serif].max(axis=0) - close[serif : serif + sans].max(axis=0))
        return Resemblance(float(np.median(close.max(axis=0))), float(lean))


def pixels(inspection: Inspection) -> Pictures:
    """The face's small pictures as float32 (classes, SMALL_SIDE * SMALL_SIDE) in 0..1."""
    return np.divide(inspection.small, 255, dtype=np.float32)


def _coarse(inspection: Inspection) -> Pictures:
    """The small pictures averaged down to _COARSE x _COARSE, of mean 0 and length 1."""
    step = SMALL_SIDE // _COARSE
    tiles = pixels(inspection).reshape(-1, _COARSE, step, _COARSE, step).mean(axis=(2, 4))
    tiles = tiles.reshape(-1, _COARSE * _COARSE)
    centred = tiles - tiles.mean(axis=1, keepdims=True)
    return np.asarray(centred / (np.linalg.norm(centred, axis=1, keepdims=True) + 1e-6), dtype=np.float32)
