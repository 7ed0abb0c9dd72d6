"""`python -m train teach-benchmark`: what lessons in one hand give, for made-up hands and people."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from fontdemo.errors import FontdemoError
from fontdemo.network import pretrained
from fontdemo.reading.reader import use_one_thread
from train.teach.lesson import prepare
from train.teach.measure import Hand, Row, made_up_hands, measure, once_drawn, table, twice_drawn


def add_commands(commands: Any) -> None:
    """Enter `teach-benchmark` into the subparsers of the command line."""
    parser = commands.add_parser(
        "teach-benchmark", help="measure what lessons in a hand give", description=_measure.__doc__
    )
    parser.set_defaults(function=_measure)
    parser.add_argument("--weights", nargs="+", metavar="NAME", help="default: the one that reads first on the page")
    parser.add_argument("--hands", type=int, default=5, metavar="N", help="made-up hands; 0 for none; default 5")
    parser.add_argument("--twice", type=Path, metavar="FILE",
                        help="JSON: {character: [drawing, ...]}, two of a person in a row")  # fmt: skip
    parser.add_argument("--but", nargs="+", default=[], metavar="N",
                        help="numbers of the people in --twice by whom something was chosen, from 1")  # fmt: skip
    parser.add_argument("--once", type=Path, metavar="FILE", help="JSON: {character: [drawing, ...]}, one a person")
    parser.add_argument("--seed", type=int, default=1, help="of the made-up hands")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the results as JSON")


def _measure(arguments: argparse.Namespace) -> int:
    """Teach networks what they misread of made-up hands and of people's, and print before and after as a table."""
    sets = _sets(arguments)
    use_one_thread()  # as on the page
    rows: list[Row] = []
    for reader in arguments.weights or [pretrained.default_name()]:
        network = pretrained.load(reader)
        prepare(network)
        for name, hands in sets.items():
            with tqdm(desc=f"{reader}, {name}", unit="hand", total=len(hands), leave=False, disable=None) as bar:
                rows.append(measure(reader, network, name, hands, progress=bar.update))
    rows.sort(key=lambda row: list(sets).index(row.name))
    print(table(rows), end="")
    if arguments.output:
        held = {"torch": torch.__version__, "threads": torch.get_num_threads(), "rows": [asdict(row) for row in rows]}
        try:
            arguments.output.parent.mkdir(parents=True, exist_ok=True)
            arguments.output.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise FontdemoError(f"{arguments.output} cannot be written: {error.strerror or error}.") from None
    return 0


def _sets(arguments: argparse.Namespace) -> Mapping[str, list[Hand]]:
    sets: dict[str, list[Hand]] = {}
    if arguments.hands > 0:
        sets["made-up hands"] = made_up_hands(arguments.hands, arguments.seed)
    if arguments.twice:
        found = twice_drawn(arguments.twice)
        numbers = {name: str(number) for number, name in enumerate(found, start=1)}
        chosen_by = [hand for name, hand in found.items() if numbers[name] in arguments.but]
        others = [hand for name, hand in found.items() if numbers[name] not in arguments.but]
        sets |= {name: hands for name, hands in (("people, each digit twice", others),
                                                 ("the people chosen by", chosen_by)) if hands}  # fmt: skip
    if arguments.once:
        sets["people, each character once"] = list(once_drawn(arguments.once).values())
    if not sets:
        raise FontdemoError("Nothing to measure on: give --hands, --twice or --once.")
    return sets
