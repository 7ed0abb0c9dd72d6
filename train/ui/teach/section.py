"""Teach it your hand: the part of the Read tab where a network is trained further on the visitor's own drawings.

Wiring only. The scripts beside this file gather the drawings in the browser. They arrive here when the visitor presses
Learn, wait for their turn (`train.teach.turns`) and are learned; the network goes back to that browser, and nowhere.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from typing import Any

import gradio as gr

from fontdemo.errors import FontdemoError, without_paths
from fontdemo.ui.context import NetworkStore, PageContext, user_errors
from fontdemo.ui.gate.events import text
from fontdemo.ui.live.routes import base
from train.access import Access, access
from train.runs.start.line import MOST
from train.teach.lesson import MAY_FALL, Lesson
from train.teach.turns import Turn, Turns
from train.ui.teach import given
from train.ui.teach.routes import Handout, routes

#: Seconds between two looks at a lesson.
TICK = 0.25

#: Seconds in which a browser must have fetched its network.
PATIENCE = 20.0

#: Lessons that wait in line, are taught, or wait to be fetched at a time. Each has one of the forty places that all the
#: page's events have at work, and holds it.
PLACES = MOST + 8

_WORKING = ("Getting ready. The first lesson of a network takes longer ...", "Learning ...")

_PLACE = """
<section class="hand hand-part" id="hand" aria-labelledby="hand-title" hidden></section>
"""

# Events: click, input, stop and submit.
_START = """
import(new URL('teach/teach.js', base).href)
  .then((teach) => teach.start({ base, props, trigger }))
  .catch((error) => console.warn(error));
"""

_NEWS = """
watch('value', () => {
  if (props.value) window.dispatchEvent(new CustomEvent('lesson', { detail: JSON.parse(props.value) }));
});
"""


class Teaching:
    """The part, and what it keeps while lessons go on. turns: of whom. rights: what visitors may do."""

    def __init__(self, turns: Turns | None = None, rights: Access | None = None) -> None:
        self.turns = Turns() if turns is None else turns
        self.rights = access(os.environ) if rights is None else rights
        self.handout = Handout()

    def with_routes(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """The page's options of `Blocks.launch` with the addresses that this part needs."""
        app = dict(options.get("app_kwargs", {}))
        app["routes"] = [*app.get("routes", ()), *routes(self.handout)]
        return {**options, "app_kwargs": app}

    def build(self, shared: PageContext) -> None:
        """Put the part into the Blocks context and connect it; for `fontdemo.ui.page.build`."""
        if not self.rights.train and not self.rights.host:
            return
        quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
        asked = gr.HTML("", html_template=_PLACE, js_on_load=base() + _START, apply_default_css=False, elem_id="teach")
        news = gr.HTML("", html_template="<i hidden></i>", js_on_load=_NEWS, apply_default_css=False, elem_id="lesson")
        readers = shared.networks

        async def learn(sent: Any, name: str, visitor: Any, request: gr.Request) -> AsyncIterator[str]:
            async for message in self.lesson(readers, sent, name, visitor, request.session_hash or ""):
                yield json.dumps(message)

        def stop_lesson(request: gr.Request) -> None:
            self.turns.stop(request.session_hash or "")

        @user_errors
        def prepare(name: str) -> None:
            self.turns.prepare(readers.weights(name).parent)

        @user_errors
        def own(pressed: gr.EventData) -> Any:
            choices = [*readers.choices(), *given.own_networks(readers, text(pressed, "own"))]
            chosen = text(pressed, "chosen")
            if chosen in [name for _, name in choices]:
                return gr.Dropdown(choices=choices, value=chosen)
            return gr.Dropdown(choices=choices)

        lessons = {**quick, "concurrency_limit": PLACES}
        asked.input(learn, [asked, shared.chooser, shared.visitor], news, **lessons)
        asked.click(prepare, shared.chooser, None, **quick)
        asked.stop(stop_lesson, None, None, **quick)
        asked.submit(own, None, shared.chooser, **quick)

    async def lesson(
        self, readers: NetworkStore, sent: Any, name: Any, visitor: Any, session: str
    ) -> AsyncIterator[dict[str, Any]]:
        """The messages that the page gets of a lesson, from its place in the line to its end; see `message`.

        sent: of `given.drawings`. name: of the network. visitor, session: who asks, and from which page.
        """
        try:
            mine = self.rights.of(visitor)
            mine.require_start()
            source = readers.weights(name).parent
            turn = self.turns.join(mine.browser, session, source, lambda: given.drawings(sent))
        except FontdemoError as error:
            yield {"state": "failed", "sentence": without_paths(str(error))}
            return
        key = ""
        try:
            last: dict[str, Any] = {}
            while not (turn.ended or turn.left):
                now = message(turn, self.turns.look(turn))
                if now != last:
                    yield (last := now)
                await asyncio.sleep(TICK)
            ending = message(turn, "")
            if turn.lesson is not None and turn.weights:
                key = self.handout.put(turn.weights)
            yield {**ending, "key": key}
            waited = 0.0
            while key and self.handout.holds(key) and waited < PATIENCE:
                await asyncio.sleep(TICK)
                waited += TICK
        finally:
            self.handout.drop(key)
            self.turns.leave(turn)


def message(turn: Turn, place: str) -> dict[str, Any]:
    """What the page gets of a turn: `state` is waiting, learning, done, stopped or failed.

    points: [step, steps, hand, printed, learned] each. place: the sentence of `Turns.look`.
    """
    points = [
        [one.step, one.steps, *(round(part, 4) for part in (one.hand, one.printed, one.learned))]
        for one in list(turn.points)
    ]
    if turn.error:
        return {"state": "failed", "sentence": turn.error}
    if not (turn.ended or turn.left):
        state = "learning" if turn.begun else "waiting"
        return {"state": state, "sentence": place or _WORKING[bool(points)], "points": points}
    if turn.lesson is None:
        return {"state": "stopped", "sentence": "Stopped. Nothing was changed.", "points": points}
    return {"state": "done", "sentence": _sentence(turn.lesson), "points": points, "lesson": _lesson(turn.lesson)}


def _lesson(lesson: Lesson) -> dict[str, Any]:
    return {
        "kept": lesson.kept,
        "seconds": round(lesson.seconds, 1),
        "hand": [lesson.hand_before, lesson.hand_after],
        "printed": [lesson.printed_before, lesson.printed_after],
        "drawings": [[one.label, one.before, one.after] for one in lesson.drawings],
    }


def _sentence(lesson: Lesson) -> str:
    if lesson.kept:
        return f"Learned in {lesson.seconds:.1f} seconds."
    if lesson.printed_before - lesson.printed_after <= MAY_FALL:
        return "None of these drawings could be learned. The old network stays."
    fell = 100 * (lesson.printed_before - lesson.printed_after)
    return (
        f"Printed characters fell by {fell:.1f} points, more than the {100 * MAY_FALL:.1f} allowed. "
        "The old network stays. Remove a drawing that is unlike the others, and try again."
    )
