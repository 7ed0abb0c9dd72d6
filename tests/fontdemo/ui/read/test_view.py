"""A reading as HTML: the answer, and what the network saw, as exact as the browser's copy of it needs."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from fontdemo.glyph.glyph import from_drawing, from_picture
from fontdemo.network.network import Network
from fontdemo.reading.reader import Reading
from fontdemo.ui.read import view
from tests.support.letters import STROKES, picture
from tests.support.outline import Outline


def reading_of(probabilities: dict[str, float], alphabet: str = "course52") -> Reading:
    network = Network(alphabet=alphabet)
    values = np.zeros(len(network.alphabet), np.float32)
    for character, probability in probabilities.items():
        values[network.alphabet.classes.index(character)] = probability
    return Reading(network.alphabet, values, {})


def test_a_class_of_two_cases_is_shown_as_both() -> None:
    answer = view.answer(reading_of({"C": 0.97, "0": 0.03}), "")
    assert ">C c</div>" in answer and "This is capital C or small c." in answer


@pytest.mark.parametrize("probability, words", [(0.95, "This is"), (0.6, "Probably"), (0.2, "Not sure: perhaps")])
def test_the_sentence_is_as_sure_as_the_network(probability: float, words: str) -> None:
    assert f"{words} the digit 7." in view.answer(reading_of({"7": probability}), "")


def test_what_comes_from_outside_is_escaped() -> None:
    assert "<i>" not in view.answer(None, "<i>x</i>").replace('<i style="width', "")


def test_what_looks_the_same_is_one_bar() -> None:
    card = view.answer(reading_of({"O": 0.6, "0": 0.4}, "alnum62"), "")
    assert card.count("flex-grow:") == 2 and "flex-grow:0.6000" in card and "O 60.0%, 0 40.0%" in card
    assert 'class="alike"' not in view.answer(reading_of({"A": 1.0}, "alnum62"), "")


def test_what_the_network_saw_comes_with_its_very_values_where_the_browser_has_them_not() -> None:
    drawing, upload = from_drawing(STROKES), from_picture(picture("K"))
    for glyph, sent, source in ((upload, False, "picture"), (drawing, True, "sent"), (drawing, False, "drawing")):
        html = Outline(view.saw(glyph, sent=sent))
        (values,) = (attributes for tag, attributes in html.tags if tag == "data")
        assert (values["data-source"], values["data-cropped"]) == (source, str(glyph.cropped).lower())
        image = np.frombuffer(base64.b64decode(values["value"] or ""), "<f4")
        assert image.size == 0 if source == "drawing" else np.array_equal(image.reshape(100, 100), glyph.image)
    assert "Nothing yet." in view.saw(None) and "<data" not in view.saw(None)


def test_every_step_to_the_image_is_shown_in_order() -> None:
    glyph = from_picture(picture("K"))
    html = Outline(view.saw(glyph))
    alts = [attributes["alt"] for tag, attributes in html.tags if tag == "img"][:-1]
    assert alts == [f"Step {number}: {step.name}" for number, step in enumerate(glyph.steps[:-1], start=1)]
    assert html.text.endswith(glyph.steps[-1].sentence)
