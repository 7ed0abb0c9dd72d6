"""fontdemo.ui.gate.sessions: what is left of an event in a visitor's session."""

from __future__ import annotations

import asyncio
import pickle
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from gradio import routes, state_holder
from gradio.utils import LRUCache

from fontdemo.ui.gate import sessions
from fontdemo.ui.gate.uploads import CheckedBlocks
from fontdemo.ui.page import build
from tests.support.unserved import unserved

LARGE = "large " * 100_000

#: What `sessions.install` puts ours in the place of.
PATCHED = ((state_holder, "SessionState"), (routes, "StateHolder"))


def page() -> Any:
    def answer(given: str, kept: int) -> list[Any]:
        return [f"<p>{given}</p>", given, gr.Dropdown(choices=["a", "b"], value="b"), kept + 1]

    with CheckedBlocks(analytics_enabled=False) as demo:
        text, html, menu, kept = gr.Textbox(), gr.HTML(), gr.Dropdown(["a"]), gr.State(1)
        text.input(answer, [text, kept], [html, text, menu, kept])
    return demo


def test_whoever_waits_for_an_answer_is_not_forgotten_for_newer_visitors() -> None:
    """Gradio kept the newest 2,000; what it then had to tell an older one failed, and so did others' requests."""
    waits = SimpleNamespace(session_hash="waits")
    queue = SimpleNamespace(
        pending_messages_per_session=LRUCache(2000), pending_event_ids_session={}, event_ids_to_events={1: waits}
    )

    async def visits() -> None:
        for name in ("waits", "has news", "is told", *(f"visitor {number}" for number in range(4500))):
            sessions.drop_idle(queue)
            queue.pending_messages_per_session[name] = asyncio.Queue()
            queue.pending_event_ids_session[name] = {1} if name in ("waits", "is told") else set()
            if name == "has news":
                queue.pending_messages_per_session[name].put_nowait("an answer")

    asyncio.run(visits())
    kept = list(queue.pending_messages_per_session)
    assert kept[:3] == ["waits", "has news", "is told"] and kept[-1] == "visitor 4499"
    assert set(kept) == set(queue.pending_event_ids_session) and 1500 < len(kept) <= sessions.MOST


def test_a_session_keeps_its_states_and_none_of_what_was_sent_or_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for owner, name in PATCHED:
        monkeypatch.setattr(owner, name, getattr(owner, name))
    sessions.install(on_space=False)
    with unserved():
        demo = page()
    holder = state_holder.StateHolder()
    holder.set_blocks(demo)
    session = holder["a visitor's"]
    assert isinstance(session, sessions.Session)
    for count in (2, 3):
        result = asyncio.run(demo.process_api(demo.fns[0], [LARGE, None], state=session))
        html, text, menu, _ = result["data"]
        assert LARGE in html and text == LARGE and (menu["value"], menu["choices"]) == ("b", [["a", "a"], ["b", "b"]])
        assert list(session.state_data.values()) == [count]
    assert list(session.components) == []
    parts = [block for block in session.blocks_config.blocks.values() if isinstance(block, gr.components.Component)]
    assert len(pickle.dumps([vars(part).get("value") for part in parts])) < 1000
    # A menu whose choices changed takes what is among them now.
    assert next(part for part in parts if isinstance(part, gr.Dropdown)).preprocess("b") == "b"


def test_who_has_most_sessions_drives_out_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """1,115 events of one address, in 16 s, and nothing was left of what any other visitor had open."""
    for owner, name in PATCHED:
        monkeypatch.setattr(owner, name, getattr(owner, name))
    sessions.install(on_space=False)
    with unserved():
        demo: Any = page()
    demo.state_session_capacity = 50
    holder = routes.StateHolder()
    holder.set_blocks(demo)

    def event(address: str, name: str) -> None:
        request = SimpleNamespace(scope={"client": (address, 1)})
        asked = SimpleNamespace(session_hash=name, request=request)
        demo._queue.event_ids_to_events.clear()
        session = holder[name]  # Gradio looks at it before the event is in the queue, and again when it is at work
        demo._queue.event_ids_to_events[1] = asked
        assert holder[name] is session

    for number in range(20):
        event(f"9.9.9.{number}", f"other {number}")
    for number in range(300):
        event("8.8.8.8", f"flood {number}")
        assert f"flood {number}" in holder
    assert all(f"other {number}" in holder for number in range(20))
    assert len(holder.session_data) == len(holder.time_last_used) == 50 and "flood 299" in holder
    assert "flood 250" not in holder


def test_the_page_has_such_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    for owner, name in PATCHED:
        monkeypatch.setattr(owner, name, getattr(owner, name))
    with unserved():
        build()
    assert state_holder.SessionState is sessions.Session  # type: ignore[comparison-overlap]
    assert routes.StateHolder is sessions.Sessions  # type: ignore[comparison-overlap]
