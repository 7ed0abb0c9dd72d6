"""The page with every tab, as app.py makes it, for tests that ask every event of it.

Run as a module: python -m tests.support.servers.wholepage WEIGHTS RUNS
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any


def unready() -> Any:
    """A `Standby` that has no trainer ready, and measures nothing: a page that trains nothing costs none."""
    from train.runs.start.standby import Standby

    class Unready(Standby):
        def warm(self) -> None:
            pass

    return Unready()


def make(runs: Path, teaching: Any = None) -> Any:
    """The page (gr.Blocks), for the runs under `runs`. teaching: the part that teaches, if not one of its own."""
    from fontdemo.ui.page import build
    from train.ui.data import tab as data_tab
    from train.ui.font import tab as font_tab
    from train.ui.teach.section import Teaching
    from train.ui.train import tab
    from train.ui.tune import tab as tune_tab

    teaching = teaching or Teaching()
    tabs = [
        ("Font", font_tab.build), (data_tab.TITLE, data_tab.tab(runs)), ("Train", tab.tab(runs, standby=unready())),
        (tune_tab.TITLE, tune_tab.tab(runs)),
    ]  # fmt: skip
    return build(networks(runs), tabs, teaching.build)


def networks(runs: Path) -> Any:
    """The networks to choose from (NetworkStore): those that ship, and those of the runs under `runs`."""
    from fontdemo.ui.context import NetworkStore
    from train.ui.train import tab

    return NetworkStore(lambda: tab.networks(runs))


def serve(weights: Path, runs: Path, teaching: Any = None) -> None:
    """Serve the networks in `weights` and the runs under `runs` until the process ends. teaching: as for `make`."""
    from fontdemo.network import pretrained
    from fontdemo.ui.page import launch_options
    from train.ui.teach.section import Teaching
    from train.ui.train import tab

    pretrained.WEIGHTS = weights
    teaching = teaching or Teaching()
    demo = make(runs, teaching)
    options = teaching.with_routes(tab.with_tab(launch_options(networks(runs))))
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, **options)
    print("serving", url, flush=True)
    demo.block_thread()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), Path(sys.argv[2]))
