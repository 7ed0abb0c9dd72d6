"""The Read tab's handlers as plain functions: what is given comes to an answer, what was seen, and the stages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import gradio as gr
import numpy as np
import pytest

from fontdemo.glyph.glyph import from_drawing, from_picture
from fontdemo.glyph.interpretations import interpretations
from fontdemo.network import pretrained
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.read import tab, view
from fontdemo.ui.read.examples import make_examples
from fontdemo.ui.read.tab import WELCOME, read_again, read_drawing, read_example, read_upload
from tests.fontdemo.glyph.test_interpretations import on_desk
from tests.support.letters import STROKES
from tests.support.outline import Outline
from tests.support.untrained import direct


def test_a_drawing_is_read(networks: NetworkStore, folders: dict[str, Path]) -> None:
    glyph, answer, saw, shown = read_drawing(networks, json.dumps(STROKES), "report-cnn", "")
    assert glyph is not None and glyph.steps == ()
    probabilities = direct(folders["report-cnn"], from_drawing(STROKES))
    alphabet = pretrained.load(folders["report-cnn"]).alphabet
    title = alphabet.title(int(probabilities.argmax()))
    assert f'aria-hidden="true">{title}</div>' in answer
    assert f"{100 * probabilities.max():.1f} %" in answer
    assert len(re.findall("<li>", answer)) == 5
    assert "The path of the pen: 2 strokes." in saw
    for text in ("((100+2×2)-(10-2))/2=48", "(32×6×6+1)×512=590,336", "32×6×6 → 1,152", "16×48×48", "Softmax"):
        assert text in Outline(shown).text
    for part in (answer, saw, shown):
        Outline(part)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "[[[1]]]", '[[["a", 2]]]', "[" * 100_000])
def test_what_is_no_drawing_is_reported_in_the_answers_place(networks: NetworkStore, text: str) -> None:
    glyph, answer, saw, shown = read_drawing(networks, text, "report-cnn", "")
    assert glyph is None
    sentence = re.search(r'role="status">([^<]+)<', answer)
    assert sentence and sentence[1].endswith(".") and "Error" not in answer
    assert "Nothing yet." in saw
    assert "values from" not in shown


def test_a_picture_is_read_with_all_its_steps(networks: NetworkStore, picture_file: Path) -> None:
    glyph, _, saw, shown, *_ = read_upload(networks, {"path": str(picture_file)}, "report-cnn", "")
    assert glyph is not None and glyph.source == "picture"
    assert np.array_equal(glyph.image, from_picture(picture_file).image)
    assert Outline(saw).text.count("Cropped to the ink.") == 1 and saw.count("<img") == 5
    assert "values from" in shown


def test_a_picture_on_a_desk_shows_every_way_to_see_it_and_takes_the_one_chosen(
    networks: NetworkStore, uploads: Path
) -> None:
    on_desk("R").save(uploads / "desk.png")
    upload = {"path": str(uploads / "desk.png")}
    seen = interpretations(uploads / "desk.png")
    assert len(seen) > 1
    for index, one in enumerate(seen):
        glyph, _, saw, *_ = read_upload(networks, upload, "report-cnn", "", taken=index)
        assert glyph is not None and np.array_equal(glyph.image, one.glyph.image)
        outline = Outline(saw)
        buttons = [dict(attrs) for tag, attrs in outline.tags if tag == "button"]
        assert [button["aria-pressed"] for button in buttons] == [str(k == index).lower() for k in range(len(seen))]
        assert all(other.name in outline.text for other in seen)
    # A number from a browser is brought within bounds.
    assert read_upload(networks, upload, "report-cnn", "", taken=99)[0] is not None
    assert read_upload(networks, upload, "report-cnn", "", taken=-5)[0] is not None


def test_no_picture_and_a_bad_one(networks: NetworkStore, uploads: Path) -> None:
    assert WELCOME in read_upload(networks, None, "report-cnn", "")[1]
    bad = uploads / "<b>bad.png"
    bad.write_bytes(b"no picture")
    glyph, answer, *_ = read_upload(networks, {"path": str(bad)}, "report-cnn", "")
    assert glyph is None and "bad.png" in answer
    assert "<b>bad" not in answer and "&lt;b&gt;bad.png" in answer


def test_another_network_reads_the_same_glyph(networks: NetworkStore, folders: dict[str, Path]) -> None:
    glyph = read_drawing(networks, json.dumps(STROKES), "report-cnn", "")[0]
    answer, shown = read_again(networks, glyph, "report-crnn", "")
    probabilities = direct(folders["report-crnn"], from_drawing(STROKES))
    assert f"{100 * probabilities.max():.1f} %" in answer
    assert "1,052,420 parameters" in shown and "32×4×4 → 1×512 → 256" in shown
    assert WELCOME in read_again(networks, None, "report-cnn", "")[0]


def test_every_example_is_read(networks: NetworkStore) -> None:
    examples = make_examples()
    for example in examples:
        assert read_example(networks, example, "report-cnn", "")[0] is not None
    outline = Outline(view.examples(examples))
    buttons = [attributes for tag, attributes in outline.tags if tag == "button"]
    assert [b["data-index"] for b in buttons] == [str(i) for i in range(len(examples))]
    assert buttons[0]["aria-label"] == "Drawing of capital A"


def test_the_answer_is_of_what_is_in_sight(networks: NetworkStore, picture_file: Path) -> None:
    drawing, upload = json.dumps(STROKES), {"path": str(picture_file)}
    of_drawing = read_drawing(networks, drawing, "report-cnn", "")
    of_picture = read_upload(networks, upload, "report-cnn", "")[:4]
    assert tab.look_at_drawing(networks, drawing, upload, "report-cnn", "")[1:4] == of_drawing[1:]
    assert tab.look_at_picture(networks, drawing, upload, "report-cnn", "")[1:4] == of_picture[1:]
    for empty in (tab.look_at_drawing(networks, "[]", upload, "report-cnn", ""),
                  tab.look_at_picture(networks, drawing, None, "report-cnn", "")):  # fmt: skip
        assert empty[0] is None and WELCOME in empty[1]
    # What another tab sent stays.
    for kept in (tab.look_at_drawing(networks, "", None, "report-cnn", ""),
                 tab.look_at_picture(networks, "", None, "report-cnn", "")):  # fmt: skip
        assert len(kept) == 6 and all(value == gr.skip() for value in kept)
