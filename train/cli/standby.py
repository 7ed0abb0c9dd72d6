"""The process that the page starts to have a trainer ready, by itself: python -m train.cli.standby

It is for the page, so `python -m train` does not list it; and it loads only what it needs: whoever presses Start early
waits for that.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Sequence
from functools import partial

from fontdemo import memory
from fontdemo.errors import FontdemoError
from train.data.sample import sample_file
from train.loop.recipe import RECIPES
from train.runs import worker
from train.runs.start.standby import IDLE, end_with_page, wait_for_run
from train.runs.trainer import execute, load_data, train_here


def main(arguments: Sequence[str] | None = None, came: threading.Event | None = None) -> int:
    """Load the sample, measure how fast recipes train, then train in the folder that standard input names.

    The exit status is 0, or 1 with a message on stderr.
    """
    parser = argparse.ArgumentParser(prog="python -m train.cli.standby", description=main.__doc__)
    parser.add_argument("recipes", nargs="*", choices=[*RECIPES, []], metavar="RECIPE", help="to measure the pace of")
    parser.add_argument("--kept", action="store_true", help=f"wait for ever, not {IDLE:g} seconds")
    chosen = parser.parse_args(arguments)
    memory.keep()
    try:
        sample = load_data(sample_file())
        folder = wait_for_run(chosen.recipes, None if chosen.kept else IDLE, memory.give_back)
        if folder is not None:
            if came is not None:
                came.set()  # from now on it outlives the page
            execute(folder, should_stop=worker.asked_to_end(), trainer=partial(train_here, loaded=sample))
    except FontdemoError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(came=end_with_page()))
