"""The stages as HTML: where each map lies in its picture."""

from __future__ import annotations

import re

from fontdemo.glyph.glyph import from_drawing
from fontdemo.network.describe import stage_facts
from fontdemo.network.network import Network
from fontdemo.network.receptive_field import fields
from fontdemo.reading.reader import Reader
from fontdemo.ui.stages_view import heading, stages
from tests.support.letters import STROKES
from tests.support.outline import Outline


def test_the_pictures_of_the_stages_show_where_every_map_is() -> None:
    network = Network().eval()
    facts = stage_facts(network)
    glyph = from_drawing(STROKES)
    reading = Reader(network).read(glyph)
    titles = [network.alphabet.title(label) for label in range(52)]
    seen = fields(network)
    shown = stages(facts, titles, glyph, reading, own_scale=False, temperature=1.5, seen=seen)
    sheets = [attributes for tag, attributes in Outline(shown).tags if attributes.get("data-stage")]
    assert [(s["data-stage"], s["data-count"], s["data-width"]) for s in sheets] == [
        ("conv1", "16", "48"), ("pool1", "16", "24"), ("conv2", "32", "24"), ("pool2", "32", "12"),
        ("conv3", "32", "12"), ("pool3", "32", "6"),
    ]  # fmt: skip
    for given in sheets:
        field = seen[str(given["data-stage"])]
        wanted = [str(number) for number in (field.start, field.step, field.size)]
        assert [given[f"data-{name}"] for name in ("start", "step", "size")] == wanted
    assert shown.count('<li class="stage">') == 12 and "divided by 1.5," in shown
    assert "702,948 parameters" in heading(facts)
    # The cells of FC3 and softmax: one a class each.
    assert len(re.findall(r'title="[^"]+: ', shown)) == 2 * 52
    # The same places without a reading, so that nothing moves when one comes.
    empty = stages(facts, titles, None, None, own_scale=False, temperature=1.5)
    sizes = r'<img src="[^"]+" width="(\d+)" height="(\d+)" style'
    assert re.findall(sizes, empty) == re.findall(sizes, shown)
