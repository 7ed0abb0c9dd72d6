"""Every glyph of a face as a network reads it, and one of them by itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from fontdemo.alphabet import CHARACTERS
from fontdemo.errors import FontdemoError
from fontdemo.glyph.glyph import Glyph, Step
from fontdemo.glyph.layout import LAYOUTS
from fontdemo.reading.reader import Reader
from train.fonts.sandbox import Specimen

#: Each layout in words, as a heading and as what was done to a glyph.
LAYOUT_TITLES = {
    "course": "Same size and baseline (overflow clipped)",
    "fit": "Each cropped and scaled to fill the square",
}
_PLACED = {
    "course": "Drawn at the font's own size and baseline, as every other character.",
    "fit": "Drawn large, cropped to its ink, scaled to fill the square and centred.",
}


@dataclass(frozen=True)
class GlyphRead:
    """One glyph as a network reads it. layout, index: where it is in the specimen (numbers).

    label: its class; None where the network's alphabet has not the character, or the font does not draw it. read_as:
    the class it was read as, with its probability in 0..1; None where the font does not draw it.
    """

    layout: int
    index: int
    label: int | None
    read_as: int | None
    probability: float

    @property
    def character(self) -> str:
        """What the glyph is."""
        return CHARACTERS[self.index]

    @property
    def wrong(self) -> bool:
        """Whether the network takes it for something that it is not."""
        return self.label is not None and self.read_as != self.label


def read_specimen(reader: Reader, specimen: Specimen) -> list[GlyphRead]:
    """Every glyph of every layout, in order, as `reader` reads it."""
    missing = set(specimen.lacking + specimen.blank)
    drawn = [
        (layout, index)
        for layout in range(len(LAYOUTS))
        for index, character in enumerate(CHARACTERS)
        if character not in missing
    ]
    readings = reader.read_many(glyph_of(specimen, layout, index) for layout, index in drawn)
    read = dict(zip(drawn, readings, strict=True))
    found = []
    for layout in range(len(LAYOUTS)):
        for index, character in enumerate(CHARACTERS):
            reading = read.get((layout, index))
            if reading is None:
                found.append(GlyphRead(layout, index, None, None, 0.0))
                continue
            label = reader.alphabet.label(character)
            best = reading.label
            found.append(GlyphRead(layout, index, label, best, float(reading.probabilities[best])))
    return found


def glyph_of(specimen: Specimen, layout: int, index: int) -> Glyph:
    """One of a specimen's glyphs as networks see it; FontdemoError if there is no such glyph or it is not drawn."""
    if not (0 <= layout < len(LAYOUTS) and 0 <= index < len(CHARACTERS)):
        raise FontdemoError("There is no such glyph.")
    if CHARACTERS[index] in specimen.lacking + specimen.blank:
        raise FontdemoError(f"The font does not draw {CHARACTERS[index]}.")
    image = specimen.images[layout, index]
    name = LAYOUTS[layout]
    step = Step("placed", _PLACED[name], Image.fromarray(255 - image))
    return Glyph(np.divide(image, 255, dtype=np.float32), (step,), "picture", cropped=name == "fit")
