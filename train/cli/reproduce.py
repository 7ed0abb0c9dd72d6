"""`python -m train reproduce`: the report's experiments, trained again, beside the report's figures."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from tqdm import tqdm

from fontdemo.errors import FontdemoError
from train.loop.device import DEVICES
from train.reproduce import experiments, tables


def add_commands(commands: Any) -> None:
    """Enter `reproduce` into the subparsers of the command line."""
    parser = commands.add_parser("reproduce", help="run the report's experiments", description=_reproduce.__doc__)
    parser.set_defaults(function=_reproduce)
    parser.add_argument("--data", type=Path, metavar="FILE", help="a packed set, split at random as the report's")
    parser.add_argument("--families", type=Path, metavar="FILE", help="one split by families, for the final network")
    parser.add_argument("--runs", type=Path, default=Path("runs/report"), metavar="DIR", help="the runs' folders")
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="runs of every experiment")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME",
                        help=", ".join(experiment.name for experiment in experiments.EXPERIMENTS))  # fmt: skip
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="runs at a time")
    parser.add_argument("--device", default="auto", choices=DEVICES)
    parser.add_argument("-o", "--output", type=Path, default=Path("results/report.json"), metavar="FILE",
                        help="the results; a figure of the same name is written beside it")  # fmt: skip
    parser.add_argument("--table", action="store_true", help="only print the table of the results that there are")


def _reproduce(arguments: argparse.Namespace) -> int:
    """Run the report's experiments on the same data and set their results beside the report's.

    Runs that are finished are kept, a broken one goes on: the command can be given again at any time.
    """
    if arguments.table:
        return _show(arguments.output)
    if arguments.data is None:
        raise FontdemoError("--data is needed: a packed data set, split at random as the report's was")
    if arguments.seeds < 1 or arguments.jobs < 1:
        raise FontdemoError("--seeds and --jobs must be at least 1")
    found = experiments.tasks(arguments.runs, arguments.data, arguments.families, arguments.seeds, arguments.only)
    if not found:
        raise FontdemoError("There is nothing to run: give --families for that experiment.")
    experiments.check(found)
    with tqdm(total=1.0, bar_format="{l_bar}{bar}| {elapsed}<{remaining}", disable=None) as bar:
        def watch(fraction: float) -> None:
            bar.update(fraction - bar.n)

        experiments.perform(found, jobs=arguments.jobs, device=arguments.device, watch=watch)
    gathered = experiments.results(found)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(gathered, indent=1) + "\n", encoding="utf-8")
    arguments.output.with_suffix(".svg").write_bytes(tables.figure(gathered))
    return _show(arguments.output)


def _show(file: Path) -> int:
    try:
        gathered = json.loads(file.read_text(encoding="utf-8"))
        text = tables.table(gathered) + "\n" + "\n".join(f"- {line}" for line in tables.findings(gathered))
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise FontdemoError(f"{file} holds no results of train reproduce") from error
    print(text)
    return 0
