"""What the endpoints take: drawings as lists or text, pictures as uploads or text, and nothing from elsewhere."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fontdemo.errors import GlyphError
from fontdemo.glyph.glyph import from_drawing
from fontdemo.ui.api import given
from fontdemo.ui.api.read import make_read
from fontdemo.ui.context import NetworkStore, UnknownNetworkError
from tests.fontdemo.ui.api.refused import refused
from tests.support.letters import STROKES


def test_a_picture_may_come_as_text(networks: NetworkStore, upload: dict[str, Any]) -> None:
    """As a data URI, or the address that the page gave an upload; no other address is looked at."""
    read = make_read(networks)
    wanted = read(None, upload)
    content = base64.b64encode(Path(upload["path"]).read_bytes()).decode()
    assert read(None, f"data:image/png;base64,{content}") == wanted
    assert read(None, f"http://127.0.0.1:7860/gradio_api/file={upload['path']}") == wanted
    for text in ("data:image/png,x", "data:", f"data:image/png;base64,{content}!", "data:;base64,\ud800"):
        assert "must be a data URI" in refused(read, None, text)
    elsewhere = ["http://127.0.0.1:1/K.png", "http://127.0.0.1:7860/gradio_api/file=/etc/passwd",
                 "/gradio_api/file=http://127.0.0.1:1/"]  # fmt: skip
    for text in ("", "K.png", upload["path"], "/etc/passwd", *elsewhere):
        assert refused(read, None, text) == "Can't open this file. Upload it again."
    assert refused(read, None, "data:image/png;base64,AAAA")


def test_a_drawing_may_come_as_lists_or_as_text() -> None:
    wanted = from_drawing(STROKES).image
    for strokes in (STROKES, json.dumps(STROKES)):
        assert np.array_equal(given.drawn(strokes).image, wanted)


def test_one_of_the_two_is_given_and_not_both(upload: dict[str, Any]) -> None:
    assert np.array_equal(given.one(STROKES, None).image, from_drawing(STROKES).image)  # type: ignore[union-attr]
    (only,) = given.one(None, upload)  # type: ignore[misc]
    assert only.interpretation.name == "dark ink"
    for strokes, picture in ((None, None), (STROKES, upload)):
        with pytest.raises(GlyphError, match="either strokes or a picture"):
            given.one(strokes, picture)


def test_without_a_name_the_first_network_answers(networks: NetworkStore) -> None:
    assert given.chosen(networks, None)[0] == "report-cnn"
    assert given.chosen(networks, "report-crnn") == ("report-crnn", networks.get("report-crnn"))
    with pytest.raises(UnknownNetworkError):
        given.chosen(networks, "../report-cnn")
