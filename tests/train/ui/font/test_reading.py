"""train.ui.font.reading against the network alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fontdemo.alphabet import CHARACTERS
from fontdemo.errors import FontdemoError
from fontdemo.glyph.layout import LAYOUTS
from fontdemo.ui.context import NetworkStore
from train.fonts.sandbox import Specimen
from train.ui.font.reading import glyph_of, read_specimen


@pytest.mark.parametrize("alphabet", ["course52", "letters52"])
def test_every_glyph_is_read_as_the_network_alone_reads_it(
    readers: NetworkStore, sans: Specimen, alphabet: str
) -> None:
    reader = readers.get(alphabet).reader
    found = read_specimen(reader, sans)
    assert [(g.layout, g.character) for g in found] == [(n, c) for n in range(len(LAYOUTS)) for c in CHARACTERS]
    with torch.no_grad():
        logits = reader.network(torch.from_numpy(sans.images.reshape(-1, 1, 100, 100).astype(np.float32)) / 255)
    taken = logits[torch.arange(len(found)), [g.read_as for g in found]]
    assert torch.allclose(taken, logits.amax(dim=1), atol=1e-4)  # but for ties, which an untrained network has
    assert all(g.label == reader.alphabet.label(g.character) for g in found)
    assert all(g.wrong == (g.label is not None and g.read_as != g.label) for g in found)


def test_what_is_not_drawn_is_not_read(readers: NetworkStore, small: Specimen) -> None:
    found = read_specimen(readers.get("letters52").reader, small)
    assert {g.character for g in found if g.read_as is not None} == set("Ac7")
    assert [g.wrong for g in found if g.character in "7B0"] == [False] * 6
    for index in (CHARACTERS.index("B"), 62, -1):
        with pytest.raises(FontdemoError):
            glyph_of(small, 0, index)
