"""A page that is built in the tests' own process and never served: nothing that Gradio made for it stays open."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from unittest import mock


@contextlib.contextmanager
def unserved() -> Iterator[None]:
    """Close what Gradio opens for every page built inside.

    Gradio makes event loops for the locks of a page's queue and closes none of them; each has two sockets.
    """
    make, made = asyncio.new_event_loop, []

    def made_here() -> asyncio.AbstractEventLoop:
        made.append(make())
        return made[-1]

    with mock.patch("asyncio.new_event_loop", made_here):
        try:
            yield
        finally:
            asyncio.set_event_loop(None)
            for loop in made:
                loop.close()
