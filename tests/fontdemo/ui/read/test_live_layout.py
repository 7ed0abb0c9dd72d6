"""The frames that the Read page's scripts fill: what the scripts look for is there, and no values."""

from __future__ import annotations

import json
import re
from pathlib import Path

import gradio as gr
import pytest

from fontdemo.ui.network.names import ABOUT
from fontdemo.ui.read import live_layout
from tests.support.outline import Outline
from tests.support.unserved import unserved

SCRIPTS = Path(live_layout.__file__).parent


def frames(*, learns: bool = False) -> list[gr.HTML]:
    with unserved(), gr.Blocks():
        return [live_layout.live_answer(learns=learns), live_layout.live_network(), live_layout.live_stage()]


def test_every_part_that_a_script_looks_for_in_a_frame_is_there() -> None:
    parts = [Outline(re.sub("<input[^>]*>", "", frame.html_template)) for frame in frames()]
    there = {attributes.get("id") for part in parts for _, attributes in part.tags}
    there |= {frame.elem_id for frame in frames()}
    sources = "".join(file.read_text(encoding="utf-8") for file in SCRIPTS.glob("*.js"))
    # Made by scripts, or by the other parts of the page.
    elsewhere = {"pad", "source", "saw", "saw-values", "answer", "among", "cell-panel"}
    wanted = set(re.findall(r"'#((?:live|strip|stage|read|link|put|copy|tour)[a-z-]*)'", sources)) - elsewhere
    wanted |= set(re.findall(r"getElementById\('([a-z-]+)'\)", sources)) - elsewhere
    assert len(wanted) > 8 and wanted - there == set()


def test_the_browser_reads_until_it_says_otherwise_and_knows_what_each_network_is() -> None:
    answer, network, stage = frames()
    assert (answer.value, network.value, stage.value) == ("", live_layout.LIVE, "")
    (about,) = (attributes["data-about"] for _, attributes in Outline(network.html_template).tags
                if "data-about" in attributes)  # fmt: skip
    assert json.loads(about or "") == ABOUT
    assert "live_view.js" in str(network.js_on_load)


@pytest.mark.parametrize("learns", [False, True])
def test_who_may_teach_is_told_when_drawings_leave_the_browser(learns: bool) -> None:
    text = Outline(frames(learns=learns)[0].html_template).text
    assert ("press Learn" in text) is learns and "Pictures go to the server." in text
