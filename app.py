"""The page, where a Space or a person starts it: python app.py"""

from __future__ import annotations

import gc
import sys


def main() -> int:
    """Build the page and serve it until it is stopped; 1 if it cannot be built."""
    gc.disable()  # what is loaded now stays: to search it for garbage again and again takes a quarter of the start
    # Imported here, so that importing this module loads neither Gradio nor torch.
    from fontdemo.errors import FontdemoError
    from fontdemo.ui.context import NetworkStore
    from fontdemo.ui.gate.uploads import own_folder
    from fontdemo.ui.page import build, launch_options
    from train.runs.start.standby import Standby
    from train.ui.data import tab as data_tab
    from train.ui.font import tab as font_tab
    from train.ui.teach.section import Teaching
    from train.ui.train import tab
    from train.ui.tune import tab as tune_tab

    with own_folder():
        try:
            readers, teaching, standby = NetworkStore(tab.networks), Teaching(), Standby()
            tabs = [("Font", font_tab.build), (data_tab.TITLE, data_tab.tab()), ("Train", tab.tab(standby=standby))]
            demo = build(readers, [*tabs, (tune_tab.TITLE, tune_tab.tab())], teaching.build)
        except FontdemoError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
        gc.freeze()
        gc.enable()
        demo.launch(**teaching.with_routes(tab.with_tab(launch_options(readers), standby=standby)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
