"""A lesson as the page is message of it, asked for by whoever."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from safetensors.torch import load

from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.ui.context import NetworkStore
from tests.support.servers.teach_server import teach
from tests.support.unserved import unserved
from train.access import access
from train.runs.start.line import MOST
from train.teach.lesson import Lesson, Point
from train.teach.turns import Turn, Turns
from train.ui.teach.section import Teaching, message

T = [[[0.2, 0.18], [0.8, 0.18]], [[0.5, 0.18], [0.5, 0.84]]]
ADA = {"browser": "a-secret-of-ada-0123456789", "host": ""}
SPACE = {"SPACE_ID": "ada/fontdemo"}


def quick(*given: Any, **more: Any) -> Iterator[Point | Lesson]:
    return teach(*given, pause=0.0, **more)


@pytest.fixture
def readers(tmp_path: Path) -> NetworkStore:
    pretrained.save(Network(), tmp_path / "report-cnn", "")
    return NetworkStore(lambda: {"report-cnn": tmp_path / "report-cnn"})


def teaching(**environment: str) -> Teaching:
    return Teaching(Turns(quick, lambda network: None), access(SPACE | environment))


def asked(
    part: Teaching, readers: NetworkStore, sent: Any, name: Any = "report-cnn", visitor: Any = ADA, fetch: bool = True
) -> tuple[list[dict[str, Any]], bytes | None]:
    """All that the page is message, and the network that it fetched."""
    news: list[dict[str, Any]] = []
    files: list[bytes | None] = []

    async def listen() -> None:
        async for one in part.lesson(readers, sent, name, visitor, "page"):
            news.append(one)
            if one.get("key") and fetch:
                files.append(part.handout.pop(one["key"]))
            elif one.get("key"):
                return

    asyncio.run(listen())
    return news, files[0] if files else None


def drawings(**more: Any) -> str:
    return json.dumps([{"label": "Q", "strokes": T} | more])


@pytest.mark.parametrize("name", ["report-cnn", "hand:report-cnn"])
def test_a_visitor_of_a_space_is_taught_and_nothing_is_left(readers: NetworkStore, name: str) -> None:
    part = teaching()
    news, weights = asked(part, readers, drawings(), name)
    *_, last = news
    assert last["state"] == "done" and last["points"][0][:2] == [0, 30] and last["points"][-1][:2] == [30, 30]
    assert {one["state"] for one in news[:-1]} <= {"waiting", "learning"}
    assert last["lesson"]["kept"] and last["lesson"]["drawings"][0][0] == last["lesson"]["drawings"][0][2] == "Q"
    assert weights is not None and not part.handout.holds(last["key"])
    Network().load_state_dict(load(weights))


def test_what_is_not_fetched_is_gone_with_the_page(readers: NetworkStore) -> None:
    part = teaching()
    news, _ = asked(part, readers, drawings(), fetch=False)
    assert part.handout.pop(news[-1]["key"]) is None


@pytest.mark.parametrize(
    ("sent", "name", "visitor", "sentence"),
    [
        (drawings(), "none", ADA, "no such network"), (drawings(), None, ADA, "no such network"),
        (drawings(), ["report-cnn"], ADA, "no such network"), (drawings(), "../report-cnn", ADA, "no such network"),
        (drawings(label="é"), "report-cnn", ADA, "no label that can be learned"),
        (drawings(strokes=[[[0, 1, 2]]]), "report-cnn", ADA, "A point of a drawing"),
        (json.dumps([{"label": "Q", "strokes": T}] * 10_000), "report-cnn", ADA, "too many lines"),
        (None, "report-cnn", ADA, "incomplete"), ({"path": "/etc/passwd"}, "report-cnn", ADA, "incomplete"),
        (drawings(), "report-cnn", None, "Reload the page"), (drawings(), "report-cnn", {"browser": "short"}, "Reload"),
        (drawings(), "report-cnn", {"browser": ["x"]}, "Reload"), (drawings(), "report-cnn", 7, "Reload"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_in_a_sentence(
    readers: NetworkStore, sent: Any, name: Any, visitor: Any, sentence: str
) -> None:
    news, _ = asked(teaching(), readers, sent, name, visitor)
    assert news[-1]["state"] == "failed" and sentence in news[-1]["sentence"]
    assert not any("key" in one and one["key"] for one in news)


def test_nothing_is_taught_where_training_is_off(readers: NetworkStore) -> None:
    news, _ = asked(teaching(FONTDEMO_TRAINING="off"), readers, drawings())
    assert [one["state"] for one in news] == ["failed"] and "off" in news[0]["sentence"]


def test_a_page_that_closes_ends_its_lesson(readers: NetworkStore) -> None:
    part = Teaching(Turns(teach, lambda network: None), access(SPACE))

    async def close() -> None:
        lesson = part.lesson(readers, drawings(), "report-cnn", ADA, "page")
        async for one in lesson:
            if one["state"] == "learning":
                break
        await lesson.aclose()  # type: ignore[attr-defined]

    asyncio.run(close())
    again, _ = asked(part, readers, drawings())  # the next one need not wait for the end of that
    assert again[-1]["state"] == "done"


def test_what_is_told_of_each_state() -> None:
    turn = Turn("ada", "page")
    assert message(turn, "You are next.") == {"state": "waiting", "sentence": "You are next.", "points": []}
    turn.begun = True
    assert message(turn, "")["sentence"].startswith("Getting ready")
    turn.points.append(Point(0, 30, 0.25, 0.98123, 0.5))
    points = [[0, 30, 0.25, 0.9812, 0.5]]
    assert message(turn, "") == {"state": "learning", "sentence": "Learning ...", "points": points}
    turn.left = True  # what it still does is of no interest to who stopped it
    assert message(turn, "")["state"] == "stopped"
    turn.ended = True
    assert message(turn, "")["state"] == "stopped"
    turn.lesson = Lesson(0.0, 1.0, 0.98, 0.975, (), False, None, 4.0)
    assert message(turn, "")["state"] == "done" and "fell by 0.5 points" in message(turn, "")["sentence"]
    turn.lesson = Lesson(0.0, 0.0, 0.98, 0.98, (), False, None, 4.0)
    assert "could be learned" in message(turn, "")["sentence"]
    turn.error = "No."
    assert message(turn, "") == {"state": "failed", "sentence": "No."}


def test_lessons_leave_places_for_everything_else(readers: NetworkStore) -> None:
    """Lessons that no one fetched held all forty places that events have: others' readings took 15 s."""
    with unserved(), gr.Blocks() as page:
        shared: Any = SimpleNamespace(networks=readers, chooser=gr.Dropdown(), visitor=gr.BrowserState(secret="s"))
        teaching().build(shared)
        [limit] = [fn.concurrency_limit for fn in page.fns.values() if fn.fn is not None and fn.fn.__name__ == "learn"]
        assert MOST < limit <= page.max_threads // 2
