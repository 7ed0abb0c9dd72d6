"""The Font tab as HTML."""

from __future__ import annotations

import re

from fontdemo.ui.context import NetworkStore
from train.fonts.sandbox import Specimen
from train.ui.font import view
from train.ui.font.reading import read_specimen


def test_the_sheet_marks_what_is_misread_and_tells_how_many(readers: NetworkStore, small: Specimen) -> None:
    reader = readers.get("letters52").reader
    found = read_specimen(reader, small)
    shown = view.sheet(small, found, reader.alphabet)
    wrong = [g for g in found if g.wrong]
    assert shown.count('class="font-wrong"') == len(wrong) > 0
    assert shown.count('class="font-lacking"') == 2 * 59 and shown.count("<button") == 2 * 3
    assert shown.count('class="font-unknown"') == 2 and "1 are not among this network’s characters" in shown
    right = [sum(1 for g in found if g.layout == n and g.label is not None and not g.wrong) for n in (0, 1)]
    assert re.findall(r"<b>(\d) of (\d)</b>", shown) == [(str(right[0]), "2"), (str(right[1]), "2")]
    assert ">Small &lt;b&gt; Regular</h2>" in shown and "It draws nothing for B." in shown
    assert "The font lacks 0 1 2" in shown
