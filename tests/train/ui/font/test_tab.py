"""The Font tab without a browser: what a network makes of a face, how it is shown, the handlers."""

from __future__ import annotations

import pickle
from pathlib import Path

import gradio as gr
import numpy as np
import pytest

from fontdemo.alphabet import CHARACTERS
from fontdemo.errors import FontdemoError
from fontdemo.reading.reader import Reader
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.page import build
from fontdemo.ui.read.tab import read_sent
from tests.support.unserved import unserved
from tests.train.fonts.test_sandbox import small_font
from train.fonts.sandbox import Specimen
from train.ui.font import tab, view
from train.ui.font.reading import glyph_of, read_specimen


def test_a_click_shows_why_against_the_right_class(readers: NetworkStore, sans: Specimen) -> None:
    reader = readers.get("course52").reader
    misread = next(g for g in read_specimen(reader, sans) if g.wrong and g.label is not None)
    shown = tab.explain(readers, sans, (misread.layout, misread.index), "course52")
    name, right = (reader.alphabet.title(label) for label in (misread.read_as or 0, misread.label or 0))
    assert f"<h2>{misread.character}, misread as {name}</h2>" in shown
    assert f"For <b>{name}</b> rather than <b>{right}</b>" in shown
    digit = tab.explain(readers, sans, (0, 3), "letters52")
    assert "3, a character that this network does not know" in digit
    assert tab.explain(readers, sans, None, "course52") == view.no_choice()
    assert tab.explain(readers, None, (0, 0), "course52") == ""


def test_what_is_kept_of_a_font_is_small_and_whole(sans: Specimen) -> None:
    kept = tab.Kept.of(sans)
    assert kept is not None and len(pickle.dumps(kept)) < sans.images.nbytes / 8
    again = tab.unpacked(kept)
    assert again is not None and np.array_equal(again.images, sans.images) and again.images.flags.writeable
    assert (again.name, again.faces, again.lacking, again.blank) == (sans.name, sans.faces, sans.lacking, sans.blank)
    assert tab.Kept.of(None) is None and tab.unpacked(None) is None


def test_a_file_is_read_and_a_bad_one_refused(
    readers: NetworkStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))  # where uploads lie
    made, shown, _ = tab.read_file(readers, str(small_font(tmp_path / "x.ttf", "A")), 0, "course52")
    assert made is not None and "Small" in shown
    assert tab.read_file(readers, None, 0, "course52")[:2] == (None, view.welcome())
    (tmp_path / "x.ttf").write_bytes(b"<b>")
    with pytest.raises(FontdemoError, match="not a font file"):
        tab.read_file(readers, str(tmp_path / "x.ttf"), 0, "course52")
    assert "&lt;b&gt;" in view.trouble("<b>")


def test_a_glyph_put_through_the_read_tab_is_the_one_of_the_sheet(readers: NetworkStore, sans: Specimen) -> None:
    glyph = glyph_of(sans, 1, CHARACTERS.index("R"))
    assert np.array_equal(glyph.image, sans.images[1, CHARACTERS.index("R")] / np.float32(255)) and glyph.cropped
    kept, answer, saw, way = read_sent(readers, glyph, "course52", False)
    assert kept is not None and np.array_equal(kept.image, glyph.image)
    reading = Reader(readers.get("course52").reader.network).read(glyph)
    assert f"{100 * reading.probabilities.max():.1f} %" in answer
    assert "cropped to its ink, scaled to fill the square" in saw and "values from" in way


def test_fonts_of_strangers_are_opened_two_at_a_time(readers: NetworkStore) -> None:
    """Another face of the same file is as dear; it had two places of its own, so that there could be four processes."""
    with unserved():
        demo = build(readers, [("Font", tab.build)])
    opening = [fn for fn in demo.fns.values() if fn.fn and any(isinstance(part, gr.File) for part in fn.inputs)]
    assert [(fn.concurrency_id, fn.concurrency_limit) for fn in opening] == [("fonts", 2)] * 2


def test_what_is_asked_for_while_the_first_example_is_read_is_not_overtaken_by_it(
    readers: NetworkStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unserved():
        demo = build(readers, [("Font", tab.build)])
    named = [(getattr(fn.fn, "__name__", ""), fn) for fn in demo.fns.values()]
    handlers = {name: fn for name, fn in named if name in ("example", "opened")}
    asked = tab.Asked()
    drawn = tab._drawn

    def slow(name: str) -> Specimen:
        if name == "DejaVu Sans":
            handlers["example"].fn("course52", asked, gr.EventData(None, {"example": "STIX"}))
        return drawn(name)

    monkeypatch.setattr(tab, "_drawn", slow)
    opened = handlers["opened"].fn
    assert not any(isinstance(part, tab.Kept) for part in opened(None, "course52", asked))
    monkeypatch.setattr(tab, "_drawn", drawn)
    kept, _, sheet, _ = opened(None, "course52", tab.Asked())
    assert kept.example == "DejaVu Sans" and 'data-example="DejaVu Sans"' in sheet
    assert handlers["example"].trigger_mode == "always_last"  # as is the last of several clicks


@pytest.mark.parametrize("face", [None, True, 0.5, float("nan"), "0", [0]])
def test_a_face_that_is_no_number_is_refused(readers: NetworkStore, face: object) -> None:
    with unserved():
        demo = build(readers, [("Font", tab.build)])
        chooser = next(id_ for id_, part in demo.blocks.items() if part.elem_id == "font-face")
        choose = next(fn for fn in demo.fns.values() if (chooser, "input") in [tuple(target) for target in fn.targets])
        with pytest.raises(gr.Error, match="faces"):
            choose.fn(None, face, "course52")
