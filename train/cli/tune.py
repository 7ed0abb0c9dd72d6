"""`python -m train tune`: a search for settings."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from fontdemo.errors import FontdemoError
from train.data.glyphset import GlyphSet
from train.data.sample import sample_file
from train.loop.device import DEVICES, choose_device
from train.runs import jobs, worker
from train.tune import study as tune


def add_commands(commands: Any) -> None:
    """Enter `tune` into the subparsers of the command line."""
    parser = commands.add_parser("tune", help="search for better settings", description=_tune.__doc__)
    parser.set_defaults(function=_tune)
    parser.add_argument("--trials", type=int, default=50, metavar="N", help="of all workers together")
    parser.add_argument("--data", type=Path, metavar="FILE", default=sample_file(),
                        help="a packed data set; default: the sample that ships")  # fmt: skip
    parser.add_argument("--storage", metavar="URL", help="the study's database, as postgresql+psycopg://host/name; "
                        "workers that are given the same one share it; default: a file under runs/")  # fmt: skip
    parser.add_argument("--epochs", type=int, default=5, help="of a trial")
    parser.add_argument("--minutes", type=float, default=tune.MINUTES, help="that a trial may take")
    parser.add_argument("--seed", type=int, help="of what is tried, for one worker alone; default: each worker its own")
    parser.add_argument("--device", default="auto", choices=DEVICES)
    parser.add_argument("--heartbeat", type=int, default=tune.HEARTBEAT, metavar="SECONDS", help=argparse.SUPPRESS)
    parser.add_argument("--best", type=Path, metavar="FILE", help="write the best trial's recipe here; train nothing")


def _tune(arguments: argparse.Namespace) -> int:
    """Search for better settings of the report's CNN within the report's limits; Ctrl-C ends it, and it can go on."""
    jobs.RUNS_ROOT.mkdir(parents=True, exist_ok=True)
    storage = arguments.storage or tune.default_storage(jobs.RUNS_ROOT)
    study = tune.open_study(storage, arguments.seed, arguments.heartbeat)
    if arguments.best:
        recipe = tune.best_recipe(study)
        try:
            arguments.best.write_text(recipe.to_json() + "\n", encoding="utf-8")
        except OSError as error:
            raise FontdemoError(f"{arguments.best} cannot be written: {error.strerror}") from error
        print(f"{arguments.best}: {recipe.name}; python -m train run --recipe {arguments.best} trains it")
        return 0
    if arguments.trials < 1 or arguments.epochs < 1 or not arguments.minutes > 0:
        raise FontdemoError("--trials, --epochs and --minutes must be above 0")
    should_stop = worker.asked_to_end()
    tune.search(
        study, GlyphSet.load(arguments.data), trials=arguments.trials, epochs=arguments.epochs,
        minutes=arguments.minutes, device=choose_device(arguments.device), should_stop=should_stop,
        log=lambda line: print(line, flush=True),
    )  # fmt: skip
    return 0
