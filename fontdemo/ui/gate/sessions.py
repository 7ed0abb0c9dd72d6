"""What the server keeps of a visitor's session: the states that its handlers have, and nothing else.

Gradio also keeps what every part of the page was last given and last showed, of a thousand sessions, to make links of
(deep links). There are none here, an answer may be tens of megabytes, and an agent's every call is a session.
And it drops the session that was used first where there are more than a thousand, so that one visitor's calls drove out
what all others had open.
"""

from __future__ import annotations

import sys
from collections import Counter
from types import SimpleNamespace
from typing import Any

from gradio import routes, state_holder

from fontdemo.ui.gate.host import client

#: Sessions that are known in Gradio's queue; it has room for 2,000.
MOST = 1800


def drop_idle(queue: Any, most: int = MOST) -> None:
    """Forget the sessions in Gradio's queue that were begun first, where there are `most`, but none that waits for
    anything or has news to fetch.

    Gradio would drop the first whatever they do. Whatever it has to tell those fails then, and until their events are
    done so does every other visitor's request of the same kind; and a record of what they asked for stays for ever.
    """
    known = queue.pending_messages_per_session
    if len(known) < most:
        return
    known.max_size = sys.maxsize  # by itself it drops none from now on
    asked = queue.pending_event_ids_session
    busy = {event.session_hash for event in queue.event_ids_to_events.values()}
    idle = [name for name, news in known.items() if name not in busy and news.empty()]
    idle.sort(key=lambda name: bool(asked.get(name)))  # last those whose answer may be on its way just now
    for name in idle[: len(known) - most + most // 10]:  # some more, so as not to look through all at each request
        del known[name]
    for name in [name for name in asked if name not in known and name not in busy]:
        del asked[name]


class Session(state_holder.SessionState):
    """Gradio's session without the values of its parts. address: whose it is; "" where that is not known."""

    address = ""

    def __init__(self, blocks: Any) -> None:
        # Without parts, so that it makes no record of them.
        super().__init__(SimpleNamespace(default_config=blocks.default_config, blocks=()))  # type: ignore[arg-type]

    def __setitem__(self, key: int, value: Any) -> None:
        super().__setitem__(key, value)
        self.config_values.clear()

    def _update_config(self, key: int) -> None:
        pass

    def _update_value_in_config(self, key: int, value: Any) -> None:
        pass


class Sessions(state_holder.StateHolder):
    """Gradio's sessions, of which those of the address that has most go first where there are too many.

    on_space: see `fontdemo.ui.gate.host.client`.
    """

    on_space = False

    def update(self, session_id: str) -> None:
        """Count the session as used; and drop another, if need be."""
        with self.lock:
            used: Any = self.session_data.get(session_id)
            if used is not None:
                self.session_data.move_to_end(session_id)
                # At its first use, before its event is in the queue, that is not known yet.
                used.address = used.address or self._address(session_id)
            if len(self.session_data) <= self.capacity:
                return
            every: list[tuple[str, Any]] = list(self.session_data.items())
            most = Counter(session.address for _, session in every).most_common(1)[0][0]
            dropped = next(name for name, session in every if session.address == most)
            del self.session_data[dropped]
            self.time_last_used.pop(dropped, None)

    def _address(self, session: str) -> str:
        """That of the event for which there is this session; private to Gradio, whose version is held to."""
        events = list(self.blocks._queue.event_ids_to_events.values())
        event: Any = next((event for event in events if event.session_hash == session), None)
        return "" if event is None else client(event.request.scope, on_space=self.on_space)


def install(on_space: bool) -> None:
    """Have Gradio make the sessions of this process so."""
    state_holder.SessionState = Session  # type: ignore[misc]
    Sessions.on_space = on_space
    routes.StateHolder = Sessions  # type: ignore[attr-defined]
