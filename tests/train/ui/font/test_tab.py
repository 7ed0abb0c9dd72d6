"""The Font tab without a browser: what a network makes of a face, how it is shown, the handlers."""

from __future__ import annotations

import re
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import torch

from fontdemo.alphabet import CHARACTERS
from fontdemo.errors import FontdemoError
from fontdemo.glyph.layout import LAYOUTS
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.reading.reader import Reader
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.page import build
from fontdemo.ui.read.tab import read_sent
from tests.support.letters import FONTS
from tests.support.unserved import unserved
from tests.train.fonts.test_sandbox import small_font
from train.fonts.sandbox import Specimen, read_font
from train.ui.font import tab, view
from train.ui.font.reading import glyph_of, read_specimen


@pytest.fixture(scope="module")
def sans() -> Specimen:
    return read_font(FONTS / "DejaVuSans.ttf")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Specimen:
    return read_font(small_font(tmp_path_factory.mktemp("font") / "small.ttf", "Ac7", "B"))


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> NetworkStore:
    root = tmp_path_factory.mktemp("weights")
    for alphabet in ("course52", "letters52"):
        torch.manual_seed(0)
        pretrained.save(Network(alphabet=alphabet), root / alphabet, "")
    return NetworkStore(lambda: {name: root / name for name in ("course52", "letters52")})


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
    for place in (CHARACTERS.index("B"), 62, -1):
        with pytest.raises(FontdemoError):
            glyph_of(small, 0, place)


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
    assert "<h2>Small &lt;b&gt; Regular</h2>" in shown and "It draws nothing for B." in shown
    assert "The font lacks 0 1 2" in shown


def test_a_click_shows_why_against_the_right_class(readers: NetworkStore, sans: Specimen) -> None:
    reader = readers.get("course52").reader
    misread = next(g for g in read_specimen(reader, sans) if g.wrong and g.label is not None)
    shown = tab.explain(readers, sans, (misread.layout, misread.place), "course52")
    name, right = (reader.alphabet.title(label) for label in (misread.read_as or 0, misread.label or 0))
    assert f"<h2>{misread.character}, misread as {name}</h2>" in shown
    assert f"For <b>{name}</b> rather than <b>{right}</b>" in shown
    digit = tab.explain(readers, sans, (0, 3), "letters52")
    assert "3, a character that this network does not know" in digit
    assert tab.explain(readers, sans, None, "course52") == view.no_choice()
    assert tab.explain(readers, None, (0, 0), "course52") == ""


def test_a_file_is_read_and_a_bad_one_refused(
    readers: NetworkStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))  # where uploads lie
    made, shown, _ = tab.read_file(readers, str(small_font(tmp_path / "x.ttf", "A")), 0, "course52")
    assert made is not None and "Small" in shown
    assert tab.read_file(readers, None, 0, "course52")[:2] == (None, view.welcome())
    (tmp_path / "x.ttf").write_bytes(b"<b>")
    with pytest.raises(FontdemoError, match="no font file"):
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


@pytest.mark.parametrize("face", [None, True, 0.5, float("nan"), "0", [0]])
def test_a_face_that_is_no_number_is_refused(readers: NetworkStore, face: object) -> None:
    with unserved():
        demo = build(readers, [("Font", tab.build)])
        chooser = next(id_ for id_, part in demo.blocks.items() if part.elem_id == "font-face")
        choose = next(fn for fn in demo.fns.values() if (chooser, "input") in [tuple(target) for target in fn.targets])
        with pytest.raises(gr.Error, match="faces"):
            choose.fn(None, face, "course52")
