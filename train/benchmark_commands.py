"""The commands `benchmark` and `calibrate` of `python -m train`."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from fontdemo import pretrained
from fontdemo.errors import FontdemoError
from fontdemo.reader import Reader
from train import benchmark, benchmark_errors, benchmark_sets, benchmark_tables, peers
from train.benchmark import Fooled, Row
from train.benchmark_nonsense import nonsense
from train.benchmark_sets import Trial, sample
from train.calibrate import calibrate
from train.glyphset import PARTS, GlyphSet
from train.peers import Tesseract, classical, lesson

Shares = NDArray[np.floating]


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
    parser.add_argument("--peers", action="store_true",
                        help="other readers too: Tesseract, nearest neighbours, a support vector machine")  # fmt: skip
    parser.add_argument("--peer-images", type=int, default=500, metavar="N",
                        help="of each set, for them and for the networks beside them; default 500")  # fmt: skip
    parser.add_argument("--peer-fit", type=int, default=5200, metavar="N",
                        help="images of --data's training parts to fit them on; default 5200")  # fmt: skip
    parser.add_argument("--nonsense", type=int, nargs="?", const=300, default=0, metavar="N",
                        help="show the networks N (300) images of each kind of what is no character")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="of the images chosen for peers and of nonsense")
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
    parser.add_argument("--reject-people", type=float, default=0.02, metavar="SHARE",
                        help="the same of what people drew (data import-strokes): 0.02")  # fmt: skip


def _benchmark(arguments: argparse.Namespace) -> int:
    """Measure how well networks read: packed sets of unseen families, pen strokes, pictures; beside peers if wanted."""
    for option in ("peer_images", "peer_fit"):
        if getattr(arguments, option) < 1:
            raise FontdemoError(f"--{option.replace('_', '-')} must be at least 1")
    sets = [GlyphSet.load(file) for file in arguments.data]
    trials = _trials(arguments, sets)
    fitted = [Tesseract(), *classical(lesson(sets, arguments.peer_fit, arguments.seed))] if arguments.peers else []
    strange = [found for data in sets if (found := benchmark_sets.outliers_from(data)) is not None]
    del sets  # they may fill much of a small machine's memory
    samples = [sample(trial, arguments.peer_images, arguments.seed) for trial in trials] if fitted else []
    strange += nonsense(trials[0], arguments.nonsense, arguments.seed) if arguments.nonsense > 0 else []
    rows: list[Row] = []
    fooled: list[Fooled] = []

    def keep(row: Row) -> None:
        rows.append(row)
        if not arguments.table:
            print(_sentence(row), flush=True)

    for name in arguments.weights or pretrained.shipped():
        reader = Reader.load(name)
        for place, trial in enumerate(trials):
            shares = benchmark.read(reader, trial)
            keep(_row(name, reader, trial, shares, benchmark.milliseconds(reader, trial.glyphs())))
            if arguments.errors:
                _draw_errors(arguments.errors, name, reader, trial, shares)
            if samples and len(samples[place].trial) < len(trial):
                keep(_row(name, reader, samples[place].trial, shares[samples[place].places]))
        fooled += [benchmark.fooled(name, reader, trial) for trial in strange]
    for peer in fitted:
        for chosen in samples:
            answers = peer.answers(chosen.trial.ink(range(len(chosen.trial))))
            shares = peers.shares(peer.alphabet, answers)
            scores = benchmark.score(
                peer.alphabet, shares, chosen.trial.truths, chosen.trial.refused, ranked=False
            )  # fmt: skip
            keep(Row(peer.name, chosen.trial.name, scores))
    if arguments.table:
        print(benchmark_tables.overview(rows) + "\n" + benchmark_tables.table(rows), end="")
        if fooled:
            print("\n" + benchmark_tables.fooled_table(fooled), end="")
    else:
        for one in fooled:
            print(f"{one.reader} takes {one.accepted:.1%} of {one.images} images of {one.kind} for characters")
    if arguments.output:
        _write(rows, fooled, arguments.output)
    return 0


def _trials(arguments: argparse.Namespace, sets: list[GlyphSet]) -> list[Trial]:
    """The sets that were asked for; two of one name are told apart by their files'."""
    found: list[tuple[Path, Trial]] = []
    for file, data in zip(arguments.data, sets, strict=True):
        found.append((file, benchmark_sets.from_data(data)))
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


def _row(name: str, reader: Reader, trial: Trial, shares: Shares, took: float | None = None) -> Row:
    try:
        return Row(name, trial.name, benchmark.measure(reader, trial, shares), took)
    except ValueError as error:
        raise FontdemoError(f"{name} cannot be measured on {trial.name}: {error}.") from None


def _draw_errors(folder: Path, name: str, reader: Reader, trial: Trial, shares: Shares) -> None:
    sheet = benchmark_errors.sheet(reader.alphabet, trial, shares)
    if sheet:
        folder.mkdir(parents=True, exist_ok=True)
        title = f"{name.strip('./')} {trial.name}".replace(", ", "-").replace(" ", "-").replace("/", "-")
        sheet.save(folder / f"{title}.png")


def _sentence(row: Row) -> str:
    images, alphabet, twins, case_blind, top5, calibration, unsure, timed = benchmark_tables.cells(row)
    left_out = f", {row.scores.left_out:,} left out" if row.scores.left_out else ""
    return (f"{row.reader} on {row.trial}: {images} images{left_out}, alphabet {alphabet}, twins folded {twins}, "
            f"case-blind {case_blind}, top 5 {top5}, calibration error {calibration}, "
            f"can't tell {unsure}, {timed} ms")  # fmt: skip


def _write(rows: list[Row], fooled: list[Fooled], file: Path) -> None:
    held = {
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "rows": [asdict(row) for row in rows],
        "nonsense": [asdict(one) for one in fooled],
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
    fitted = calibrate(network, sets, reject=arguments.reject,
                       reject_people=arguments.reject_people, part=arguments.part)  # fmt: skip
    pretrained.set_confidence(arguments.weights, fitted.temperature, fitted.threshold)
    print(f"{fitted.images:,} images of {fitted.families:,} families that it was not trained on")
    print(f"temperature {network.temperature:.4g} -> {fitted.temperature:.4g}: calibration error "
          f"{fitted.before:.2%} -> {fitted.after:.2%} (fitted on half of the families, measured on the other half)")
    print(f"threshold {fitted.threshold:.4g}: {fitted.rejected:.2%} of the true characters are rejected "
          "(measured in the same way)")  # fmt: skip
    return 0
