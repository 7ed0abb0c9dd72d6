"""The command line: `python -m train ...`; `--help` after any part of it shows more."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from fontdemo.errors import FontdemoError
from train.cli import (
    benchmark,
    export,
    fonts,
    invariance,
    reproduce,
    run,
    ship,
    speed,
    teach_benchmark,
    tune,
)
from train.cli.data import make


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; the exit status is 0, or 1 with a message on stderr."""
    parser = argparse.ArgumentParser(prog="python -m train", description="Fonts, data sets, training and testing.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    fonts.add_commands(commands)
    make.add_commands(commands)
    run.add_commands(commands)
    speed.add_commands(commands)
    reproduce.add_commands(commands)
    ship.add_commands(commands)
    export.add_commands(commands)
    tune.add_commands(commands)
    benchmark.add_commands(commands)
    invariance.add_commands(commands)
    teach_benchmark.add_commands(commands)
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.function(chosen))
    except FontdemoError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
