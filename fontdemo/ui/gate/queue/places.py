"""Which waiting event begins next: no address has all the places of a kind that has several.

A font that is made to be slow takes a minute, and twenty pictures half of that. Who had both places with such kept
everyone else's fonts, or pictures, waiting, for as long as they liked; that addresses take turns was of no help.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from fontdemo.ui.gate.host import client

# What Gradio's own client, which makes agents' calls, says in each.
_AGENTS = b"x-gradio-user", b"mcp"


def make_next(on_space: bool) -> Callable[[Any], tuple[list[Any], bool, str] | None]:
    """The method `get_events` of Gradio's queue: the event that begins, no batch, and its kind; None while none can.

    on_space: see `fontdemo.ui.gate.host.client`. Whose address is not known is not held to anything, but agents are:
    except on a Space their calls come from this machine, and count as one address.
    """
    def address(event: Any) -> str:
        scope = event.request.scope
        return client(scope, on_space=on_space) or ("agents" if _AGENTS in scope["headers"] else "")

    def get_events(queue: Any) -> tuple[list[Any], bool, str] | None:
        kinds = [(name, kind) for name, kind in queue.event_queue_per_concurrency_id.items() if kind.queue]
        random.shuffle(kinds)
        for name, kind in kinds:
            limit = kind.concurrency_limit
            if limit is not None and kind.current_concurrency >= limit:
                continue
            at_work = [event for job in queue.active_jobs if job for event in job if event.concurrency_id == name]
            most = 0 if limit is None else limit - 1  # places of one address; 0: no such bound
            full = {one for one, places in Counter(map(address, at_work)).items() if one and most and places >= most}
            event = next((event for event in kind.queue if not full or address(event) not in full), None)
            if event is not None:
                kind.queue.remove(event)
                return [event], False, name
        return None

    return get_events
