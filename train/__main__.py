"""The command line: `python -m train ...`; `--help` after any part of it tells the rest."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from fontdemo.errors import FontdemoError
from train import (
    bench_commands,
    benchmark_commands,
    data_commands,
    index,
    invariance,
    reproduce_commands,
    run_commands,
    ship_commands,
    tune_commands,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; the exit status is 0, or 1 with a message on stderr."""
    parser = argparse.ArgumentParser(prog="python -m train", description="Fonts, data sets, training and testing.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    data_commands.add_commands(commands)
    run_commands.add_commands(commands)
    bench_commands.add_commands(commands)
    reproduce_commands.add_commands(commands)
    ship_commands.add_commands(commands)
    tune_commands.add_commands(commands)
    benchmark_commands.add_commands(commands)
    index.add_commands(commands)
    invariance.add_commands(commands)
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.function(chosen))
    except FontdemoError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
