"""Which waiting event begins next: no address has all the places of a kind that has several, nor have lists.

A font that is made to be slow takes a minute, and twenty pictures half of that. Who had both places with such kept
everyone else's fonts, or pictures, waiting, for as long as they liked; that addresses take turns was of no help. And
one visitor's line often has two addresses, an IPv4 and an IPv6 one, so that lists of pictures, whosever they are, leave
a place to single ones.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from fontdemo.ui.gate.host import client
from fontdemo.ui.gate.uploads import MANY

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
            most = 0 if limit is None else limit - 1  # places of one address, and of lists; 0: no such bound
            full = {one for one, places in Counter(map(address, at_work)).items() if one and most and places >= most}
            lists = most and sum(map(_is_list, at_work)) >= most
            able = (event for event in kind.queue if not (full and address(event) in full or lists and _is_list(event)))
            event = next(able, None)
            if event is not None:
                kind.queue.remove(event)
                return [event], False, name
        return None

    return get_events


def _is_list(event: Any) -> bool:
    return bool(event.fn.api_name == MANY)
