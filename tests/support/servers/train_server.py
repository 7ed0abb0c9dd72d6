"""The page with the Train tab in a process of its own, which tests may end and start again on the same port.

Run as a module: python -m tests.support.servers.train_server WEIGHTS RUNS [PORT WHEN]. WHEN a trainer stands by:
`kept`, as beside app.py, or `visited`, from a visit on. Without it none does: a page that trains nothing costs none.
"""

from __future__ import annotations

import sys
from pathlib import Path


def serve(weights: Path, runs: Path, port: int | None = None, when: str = "") -> None:
    """Serve the networks in `weights` and the runs under `runs` until the process ends. when: see above."""
    from fontdemo.network import pretrained
    from fontdemo.ui.context import NetworkStore
    from fontdemo.ui.page import build, launch_options
    from tests.support.servers.wholepage import unready
    from train.runs.start.standby import Standby
    from train.ui.data import tab as data_tab
    from train.ui.font import tab as font_tab
    from train.ui.train import tab
    from train.ui.tune import tab as tune_tab

    pretrained.WEIGHTS = weights
    standby = Standby() if when else unready()
    tabs = [
        ("Font", font_tab.build), (data_tab.TITLE, data_tab.tab(runs)), ("Train", tab.tab(runs, standby=standby)),
        (tune_tab.TITLE, tune_tab.tab(runs)),
    ]  # fmt: skip
    networks = NetworkStore(lambda: tab.networks(runs))
    demo = build(networks, tabs)
    options = tab.with_tab(launch_options(networks), standby=standby if when == "kept" else None)
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, server_port=port, **options)
    print("serving", url, flush=True)
    demo.block_thread()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:4]), *sys.argv[4:])
