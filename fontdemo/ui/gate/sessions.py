"""What the server keeps of a visitor's session: the states that its handlers have, and nothing else.

Gradio also keeps what every part of the page was last given and last showed, of a thousand sessions, to make links of
(deep links). There are none here, an answer may be tens of megabytes, and an agent's every call is a session.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

from gradio import state_holder

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
    """Gradio's session without the values of its parts."""

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


def install() -> None:
    """Have Gradio make the sessions of this process so."""
    state_holder.SessionState = Session  # type: ignore[misc]
