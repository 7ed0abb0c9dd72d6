"""The commands `benchmark` and `calibrate` of `python -m train`."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from fontdemo import pretrained
from fontdemo.errors import FontdemoError
from fontdemo.reader import Reader
from train import benchmark, benchmark_errors, benchmark_sets
from train.benchmark import Row
from train.benchmark_sets import Trial
from train.calibrate import calibrate
from train.glyphset import PARTS, GlyphSet


def add_commands(commands: Any) -> None:
    """Enter `benchmark` and `calibrate` into the subparsers of the command line."""
    parser = commands.add_parser("benchmark", help="measure networks on sets of images", description=_benchmark.__doc__)
    parser.set_defaults(function=_benchmark)
    parser.add_argument("--weights", nargs="+", metavar="NAME", help="default: all that ship here")
    parser.add_argument("--data", type=Path, action="append", default=[], metavar="FILE",
                        help="the test or valid part of a packed data set; may be given several times")  # fmt: skip
    parser.add_argument("--strokes", type=Path, metavar="FILE", help="JSON: {character: [drawing, ...]}")
    parser.add_argument("--pictures", type=Path, action="append", default=[], metavar="DIR|NPZ",
                        help="folders named in hexadecimal ASCII, or an .npz with x, y, classes")  # fmt: skip
    parser.add_argument("--errors", type=Path, metavar="DIR", help="put sheets of the misread images here")
    parser.add_argument("--table", action="store_true", help="print the results as a Markdown table")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the results as JSON")

    parser = commands.add_parser("calibrate", help="fit how sure a network is", description=_calibrate.__doc__)
    parser.set_defaults(function=_calibrate)
    parser.add_argument("weights", type=Path, metavar="DIR", help="a weights folder, as weights/NAME")
    parser.add_argument("--data", type=Path, action="append", required=True, metavar="FILE",
                        help="a packed set of families it was not trained on; may be given several times")  # fmt: skip
    parser.add_argument("--part", default="valid", choices=PARTS)
    parser.add_argument("--reject", type=float, default=0.01, metavar="SHARE",
                        help="share of true characters that may be answered with I can't tell: 0.01")  # fmt: skip


def _benchmark(arguments: argparse.Namespace) -> int:
    """Measure how well networks read: packed sets of unseen families, pen strokes, pictures."""
    trials = _trials(arguments)
    rows: list[Row] = []
    for name in arguments.weights or pretrained.shipped():
        reader = Reader.load(name)
        for trial in trials:
            rows.append(_measured(name, reader, trial, arguments.errors))
            if not arguments.table:
                print(_sentence(rows[-1]), flush=True)
    if arguments.table:
        print(benchmark.table(rows), end="")
    if arguments.output:
        _write(rows, arguments.output)
    return 0


def _trials(arguments: argparse.Namespace) -> list[Trial]:
    """The sets that were asked for; two of one name are told apart by their files'."""
    found: list[tuple[Path, Trial]] = []
    for file in arguments.data:
        found.append((file, benchmark_sets.from_data(GlyphSet.load(file))))
    with tqdm(desc="making images", unit="image", leave=False, disable=None) as bar:
        if arguments.strokes:
            found.append((arguments.strokes, benchmark_sets.from_strokes(arguments.strokes, lambda _: bar.update())))
        for place in arguments.pictures:
            found.append((place, benchmark_sets.from_pictures(place, lambda _: bar.update())))
    if not found:
        raise FontdemoError("Nothing to measure on: give --data, --strokes or --pictures.")
    names = [trial.name for _, trial in found]
    return [
        trial if names.count(trial.name) == 1 else replace(trial, name=f"{trial.name} ({file.stem})")
        for file, trial in found
    ]


def _measured(name: str, reader: Reader, trial: Trial, errors: Path | None) -> Row:
    shares = benchmark.read(reader, trial)
    try:
        scores = benchmark.score(reader.alphabet, shares, trial.truths, trial.refused)
    except ValueError as error:
        raise FontdemoError(f"{name} cannot be measured on {trial.name}: {error}.") from None
    if errors:
        sheet = benchmark_errors.sheet(reader.alphabet, trial, shares)
        if sheet:
            errors.mkdir(parents=True, exist_ok=True)
            sheet.save(errors / f"{Path(name).name} {trial.name}.png".replace(", ", "-").replace(" ", "-"))
    return Row(name, trial.name, scores, benchmark.milliseconds(reader, trial.glyphs()))


def _sentence(row: Row) -> str:
    images, alphabet, twins, case_blind, top5, calibration, timed = benchmark.cells(row)
    left_out = f", {row.scores.left_out:,} left out" if row.scores.left_out else ""
    return (f"{row.reader} on {row.trial}: {images} images{left_out}, alphabet {alphabet}, twins folded {twins}, "
            f"case-blind {case_blind}, top 5 {top5}, calibration error {calibration}, {timed} ms")  # fmt: skip


def _write(rows: list[Row], file: Path) -> None:
    held = {
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "rows": [asdict(row) for row in rows],
    }
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise FontdemoError(f"{file} cannot be written: {error.strerror or error}.") from None


def _calibrate(arguments: argparse.Namespace) -> int:
    """Fit a network's temperature and the threshold of "I can't tell", and write both into its config.json."""
    network = pretrained.load(arguments.weights)
    sets = [GlyphSet.load(file) for file in arguments.data]
    fitted = calibrate(network, sets, reject=arguments.reject, part=arguments.part)
    pretrained.set_confidence(arguments.weights, fitted.temperature, fitted.threshold)
    print(f"{fitted.images:,} images of {fitted.families:,} families that it was not trained on")
    print(f"temperature {network.temperature:.4g} -> {fitted.temperature:.4g}: calibration error "
          f"{fitted.before:.2%} -> {fitted.after:.2%} (fitted on half of the families, measured on the other half)")
    print(f"threshold {fitted.threshold:.4g}: {fitted.rejected:.2%} of the true characters are rejected "
          "(measured in the same way)")  # fmt: skip
    return 0
