"""The command `standby` of `python -m train`, which the page starts: a process that is ready to train."""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

from train.data.sample import sample_file
from train.loop.device import keep_memory
from train.loop.recipe import RECIPES
from train.runs import worker
from train.runs.start.standby import IDLE, wait_for_run
from train.runs.trainer import execute, load_data, train_here


def add_commands(commands: Any) -> None:
    """Enter `standby` into the subparsers of the command line; it is for the page and not listed."""
    parser = commands.add_parser("standby", description=_standby.__doc__)
    parser.set_defaults(function=_standby)
    parser.add_argument("recipes", nargs="*", choices=[*RECIPES, []], metavar="RECIPE", help="to measure the pace of")
    parser.add_argument("--idle", type=float, default=IDLE, metavar="SECONDS", help="end if nothing comes so long")


def _standby(arguments: argparse.Namespace) -> int:
    """Load the sample, measure how fast recipes train, then train in the folder that standard input names."""
    keep_memory()
    sample = load_data(sample_file())
    folder = wait_for_run(arguments.recipes, arguments.idle)
    if folder is not None:
        execute(folder, should_stop=worker.asked_to_end(), trainer=partial(train_here, loaded=sample))
    return 0
