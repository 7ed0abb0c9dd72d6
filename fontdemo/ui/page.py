"""The whole page: head, network chooser, tabs, the public endpoints; and the settings it is launched with.

A tab is a function that takes what the tabs share and puts its parts into the Blocks context: enter it in TABS.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from fontdemo import memory
from fontdemo.reading.reader import use_one_thread
from fontdemo.ui import port
from fontdemo.ui.api import endpoints
from fontdemo.ui.context import NetworkStore, PageContext
from fontdemo.ui.gate import agents, arriving, crowd, headers, heads, open_requests, sessions
from fontdemo.ui.gate.bodies.limit import BodyLimit
from fontdemo.ui.gate.headers import OwnCookies, SafeHeaders, framed, own_hosts
from fontdemo.ui.gate.host import KnownHosts, OwnUser, anyone_is_host, known_hosts
from fontdemo.ui.gate.limits import ANSWERS, ServedOnly
from fontdemo.ui.gate.open_requests import InTurn, OpenRequests
from fontdemo.ui.gate.uploads import CheckedBlocks
from fontdemo.ui.html import render, script
from fontdemo.ui.i18n import catalogue
from fontdemo.ui.ideas import tab as report
from fontdemo.ui.live.routes import early, routes
from fontdemo.ui.network import tab as network
from fontdemo.ui.network.names import origin
from fontdemo.ui.read import tab as read
from fontdemo.ui.theme import styles, theme

TITLE = "Characters of any font"

#: What a phone has room for.
_SHORT = "Characters"

_GRADIO = Path(__file__).parent / "gradio.js"
_STORAGE = Path(__file__).parent / "storage.js"

_LINKED = "(kept) => [new URLSearchParams(location.hash.slice(1)).get('n') || kept]"
_CHOSEN = """(name) => {
  document.documentElement.dataset.network = name;
  window.dispatchEvent(new CustomEvent('network-chosen', { detail: name }));
  return [];
}"""

#: A tab's title, and the function that puts its parts into the Blocks context.
Tab = tuple[str, Callable[[PageContext], None]]

#: Every tab that is made here, in order.
TABS: list[Tab] = [("Read", read.build), ("Network", network.build), (report.TITLE, report.build)]


def build(
    networks: NetworkStore | None = None, more_tabs: Sequence[Tab] = (),
    teach: Callable[[PageContext], None] | None = None,
) -> gr.Blocks:  # fmt: skip
    """The page. networks: the networks to choose from, by default those that ship; WeightsError if there are none.

    more_tabs: tabs that come from outside this package, after its own. teach: a part of the Read tab that does too, see
    `PageContext`. Torch is set to one thread for this process, its C library to few heaps, and Gradio's uploads,
    requests and sessions are those of `fontdemo.ui.gate`.
    """
    use_one_thread()
    memory.few_heaps()
    agents.install()
    arriving.install()
    on_space = bool(os.environ.get("SPACE_ID"))
    crowd.install(on_space)
    headers.install()
    heads.install(on_space)
    sessions.install(on_space)
    open_requests.install()
    port.install()
    networks = NetworkStore() if networks is None else networks
    names = networks.names()
    demo = CheckedBlocks(title=TITLE, analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600))
    with demo:
        with gr.Row(elem_classes="page-top"):
            gr.HTML(_head(), apply_default_css=False, js_on_load=_GRADIO.read_text(encoding="utf-8"))
            chooser = gr.Dropdown(
                networks.choices(), value=names[0], label="Network", elem_id="network", interactive=True,
                elem_classes="worded", min_width=200, scale=0,
            )  # fmt: skip
        # The network that was chosen, kept in the visitor's browser; a name, no secret. Not among the tabs: what is
        # in a tab that is closed is not there when the page is loaded, and Gradio counts every child of tabs as a tab.
        kept = gr.BrowserState("", storage_key="fontdemo-network", secret="fontdemo")
        visitor = gr.BrowserState({"browser": "", "host": ""}, storage_key="fontdemo-visitor", secret="fontdemo")
        glyph, sent = gr.State(None, time_to_live=3600), gr.State(None, time_to_live=3600)
        design = gr.State("", time_to_live=3600)
        all_tabs = (*TABS, *more_tabs)
        with gr.Tabs(elem_id="tabs") as tabs:
            titles = tuple(title for title, _ in all_tabs)
            context = PageContext(networks, chooser, kept, glyph, sent, demo, tabs, visitor, design, titles, teach)
            for title, tab in all_tabs:
                with gr.Tab(title, id=title):
                    tab(context)
        endpoints.add(networks, demo)
        quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": 4}
        # What has been trained since is to choose from; and the queue's slow first event is not the visitor's drawing.
        # A link's network comes before the one that was kept; then the page's scripts hear of the choice.
        chosen = demo.load(partial(_choices, networks), kept, chooser, js=_LINKED, **quick)
        chosen.then(None, chooser, None, js=_CHOSEN, api_visibility="private")
        chooser.change(None, chooser, None, js=_CHOSEN, api_visibility="private")
        demo.load(known_again, visitor, visitor, **quick)
        chooser.input(lambda name: name, chooser, kept, **quick)  # not change: loading the page changes it
        _hide_what_is_hidden(demo)
    # Not even at home may a request skip the queue: it limits how many pictures are opened at a time.
    # Those who wait are told their place every other second, not whenever an event begins: that would be a message to
    # each of them for each event, twenty a reading with fifty visitors.
    demo.queue(max_size=crowd.WAITING, api_open=False, status_update_rate=2.0)
    # Gradio sums up all its events anew after each one, for a dashboard that is off here (`enable_monitoring`).
    demo._queue.ANAYLTICS_CACHE_FREQUENCY = sys.maxsize  # the name is Gradio's
    return demo


def _hide_what_is_hidden(demo: gr.Blocks) -> None:
    """Have the browser keep no state of progress for events that show none.

    Else Gradio's page tells every component that any event has written to so far how each event goes, several times in
    it, and seeks it in the whole page each time: most of what an event costs a browser.
    """
    for event in demo.fns.values():
        if event.show_progress == "hidden":
            event.show_progress_on = []


def _head() -> str:
    return render("page/head.html", short=_SHORT, rest=TITLE.removeprefix(_SHORT))


def _choices(networks: NetworkStore, kept: Any) -> Any:
    """The networks to choose from now, and the one that this visitor chose before, if it is still there."""
    names = networks.names()
    choices = networks.choices()
    # One's own network comes back when the browser says that it still has it.
    kept = origin(kept) if isinstance(kept, str) else None
    return gr.Dropdown(choices=choices, value=kept) if kept in names else gr.Dropdown(choices=choices)


def known_again(kept: Any) -> dict[str, Any]:
    """What a browser keeps to be known again: what it kept so far, or a new secret where there is none yet."""
    record = kept if isinstance(kept, dict) else {}
    return {"host": "", **record, "browser": record.get("browser") or secrets.token_urlsafe(24)}


def middleware(networks: NetworkStore | None = None) -> list[Middleware]:
    """What stands between the network and the page, outermost first. networks: whose cards agents may read."""
    hosts = known_hosts(os.environ)
    names = [] if hosts is None else [Middleware(KnownHosts, more=hosts)]
    if anyone_is_host(os.environ):
        names.append(Middleware(OwnUser))
    on_space = bool(os.environ.get("SPACE_ID"))
    safe, opened = Middleware(SafeHeaders, framed=framed(os.environ)), Middleware(OpenRequests, on_space=on_space)
    card = None if networks is None else networks.card
    bodies = Middleware(BodyLimit, on_space=on_space)
    crowds = [Middleware(agents.Agents, on_space=on_space, card=card), Middleware(crowd.FairQueue, on_space=on_space)]
    cookies = Middleware(OwnCookies, hosts=own_hosts(os.environ))
    turns = Middleware(InTurn, on_space=on_space)
    uploads = Middleware(arriving.UploadsOfAnHour, on_space=on_space)
    return [safe, *names, cookies, Middleware(ServedOnly), uploads, opened, bodies, turns, *crowds]


def launch_options(networks: NetworkStore | None = None) -> dict[str, Any]:
    """What `Blocks.launch` is given for a page that strangers use. networks: as `build` got them."""
    networks = NetworkStore() if networks is None else networks
    return {
        "app_kwargs": {
            "middleware": middleware(networks),
            "routes": routes(networks),
            "exception_handlers": ANSWERS,
        },
        "head": "".join(script(file) for file in (_STORAGE, crowd.SCRIPT, catalogue.SCRIPT)) + early(networks),
        "theme": theme(),
        "css": styles(),
        "max_file_size": "20mb",
        "run_history": False,
        "enable_monitoring": False,
        "footer_links": ["api", "gradio"],
        "mcp_server": endpoints.tools_installed(),
        "state_session_capacity": 1000,
    }
