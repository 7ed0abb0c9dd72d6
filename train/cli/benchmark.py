"""`python -m train benchmark`: how well networks read named test sets; `calibrate`: temperature and threshold."""

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

from fontdemo.errors import FontdemoError
from fontdemo.network import pretrained
from fontdemo.reading.reader import Reader, use_one_thread
from train.benchmark import baselines, misread, score, tables
from train.benchmark.baselines import Baseline, Tesseract, classical, rapid_ocr, training_sample
from train.benchmark.calibrate import calibrate
from train.benchmark.score import FalseAccepts, Row
from train.benchmark.sets import evalset
from train.benchmark.sets.evalset import EvalSet, sample
from train.benchmark.sets.named import NAMES, named
from train.benchmark.sets.outliers import outlier_sets
from train.benchmark.sets.symbols import symbols
from train.data.glyphset import PARTS, GlyphSet
from train.data.packed import PackedSet

Probabilities = NDArray[np.floating]


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
    parser.add_argument("--sets", nargs="+", choices=NAMES, default=[], metavar="NAME",
                        help=f"pictures made from the held-out glyphs of --data: {', '.join(NAMES)}")  # fmt: skip
    parser.add_argument("--set-images", type=int, default=2000, metavar="N", help="of each of these; default 2000")
    parser.add_argument("--baselines", "--peers", action="store_true",
                        help="other readers too: Tesseract, RapidOCR, neighbours, support vectors")  # fmt: skip
    parser.add_argument("--baseline-images", "--peer-images", type=int, default=500, metavar="N",
                        help="of each set, for them and for the networks beside them; default 500")  # fmt: skip
    parser.add_argument("--baseline-fit", "--peer-fit", type=int, default=5200, metavar="N",
                        help="images of --data's training parts to fit them on; default 5200")  # fmt: skip
    parser.add_argument("--outliers", "--nonsense", type=int, nargs="?", const=300, default=0, metavar="N",
                        help="show the networks N (300) images of each kind of what is no character")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="of the images chosen for baselines and of outliers")
    parser.add_argument("--errors", type=Path, metavar="DIR", help="put sheets of the misread images here")
    parser.add_argument("--table", action="store_true", help="print the results as a Markdown table")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the results as JSON")

    parser = commands.add_parser("calibrate", help="fit how sure a network is", description=_calibrate.__doc__)
    parser.set_defaults(function=_calibrate)
    parser.add_argument("weights", type=Path, metavar="DIR", help="a weights folder, as weights/NAME")
    parser.add_argument("--data", type=Path, action="append", required=True, metavar="FILE",
                        help="a packed set of families it was not trained on; may be given several times")  # fmt: skip
    parser.add_argument("--part", default="valid", choices=PARTS)
    parser.add_argument("--reject", type=float, default=0.01, metavar="FRACTION",
                        help="fraction of true characters that may be answered with I can't tell: 0.01")  # fmt: skip
    parser.add_argument("--reject-people", type=float, default=0.02, metavar="FRACTION",
                        help="the same of what people drew (data import-strokes): 0.02")  # fmt: skip


def _benchmark(arguments: argparse.Namespace) -> int:
    """Measure how well networks read: packed sets of unseen families, pen strokes, pictures; and baselines."""
    for option in ("baseline_images", "baseline_fit", "set_images"):
        if getattr(arguments, option) < 1:
            raise FontdemoError(f"--{option.replace('_', '-')} must be at least 1")
    sets = [GlyphSet.load(file) for file in arguments.data]
    evalsets = _eval_sets(arguments, sets)
    fitted: list[Baseline] = []
    if arguments.baselines:
        fitted = [Tesseract(), *rapid_ocr(), *classical(training_sample(sets, arguments.baseline_fit, arguments.seed))]
    strange = [found for data in sets if (found := evalset.outliers_from(data)) is not None]
    del sets  # they may fill much of a small machine's memory
    samples = [sample(one, arguments.baseline_images, arguments.seed) for one in evalsets] if fitted else []
    if arguments.outliers > 0:
        strange += outlier_sets(evalsets[0], arguments.outliers, arguments.seed)
        strange += symbols(arguments.outliers, arguments.seed)
    rows: list[Row] = []
    false_accepts: list[FalseAccepts] = []

    def keep(row: Row) -> None:
        rows.append(row)
        if not arguments.table:
            print(_sentence(row), flush=True)

    use_one_thread()  # as where people read: one glyph at a time is timed
    for name in arguments.weights or pretrained.shipped():
        reader = Reader.load(name)
        for index, one in enumerate(evalsets):
            probabilities = score.read(reader, one)
            keep(_row(name, reader, one, probabilities, score.milliseconds(reader, one.glyphs())))
            if arguments.errors:
                _draw_errors(arguments.errors, name, reader, one, probabilities)
            if samples and len(samples[index].evalset) < len(one):
                keep(_row(name, reader, samples[index].evalset, probabilities[samples[index].indices]))
        false_accepts += [score.false_accepts(name, reader, one) for one in strange]
    for baseline in fitted:
        for chosen in samples:
            answers = baseline.answers(chosen.evalset.ink(range(len(chosen.evalset))))
            probabilities = baselines.probabilities(baseline.alphabet, answers)
            scores = score.score(
                baseline.alphabet, probabilities, chosen.evalset.truths, chosen.evalset.refused, ranked=False
            )  # fmt: skip
            keep(Row(baseline.name, chosen.evalset.name, scores))
    if arguments.table:
        print(tables.overview(rows) + "\n" + tables.table(rows), end="")
        if false_accepts:
            print("\n" + tables.false_accepts_table(false_accepts), end="")
    else:
        for row in false_accepts:
            print(f"{row.reader} takes {row.accepted:.1%} of {row.images} images of {row.kind} for characters")
    if arguments.output:
        _write(rows, false_accepts, arguments.output)
    return 0


def _eval_sets(arguments: argparse.Namespace, sets: list[GlyphSet]) -> list[EvalSet]:
    """The sets that were asked for; two of one name are told apart by their files'."""
    found: list[tuple[Path, EvalSet]] = []
    for file, data in zip(arguments.data, sets, strict=True):
        found.append((file, evalset.from_data(data)))
    with tqdm(desc="making images", unit="image", leave=False, disable=None) as bar:
        if arguments.strokes:
            found.append((arguments.strokes, evalset.from_strokes(arguments.strokes, lambda _: bar.update())))
        for name in arguments.sets:
            if not sets:
                raise FontdemoError("--sets needs --data, whose held-out glyphs the pictures are made from.")
            made = named(sets[-1], name, arguments.set_images, arguments.seed, lambda _: bar.update())
            found.append((Path(name), made))
        for pictures in arguments.pictures:
            found.append((pictures, evalset.from_pictures(pictures, lambda _: bar.update())))
    if not found:
        raise FontdemoError("Nothing to measure on: give --data, --strokes or --pictures.")
    names = [one.name for _, one in found]
    return [
        one if names.count(one.name) == 1 else replace(one, name=f"{one.name} ({file.stem})")
        for file, one in found
    ]


def _row(name: str, reader: Reader, evalset: EvalSet, probabilities: Probabilities, took: float | None = None) -> Row:
    try:
        return Row(name, evalset.name, score.measure(reader, evalset, probabilities), took)
    except ValueError as error:
        raise FontdemoError(f"{name} cannot be measured on {evalset.name}: {error}.") from None


def _draw_errors(folder: Path, name: str, reader: Reader, evalset: EvalSet, probabilities: Probabilities) -> None:
    sheet = misread.sheet(reader.alphabet, evalset, probabilities)
    if sheet:
        folder.mkdir(parents=True, exist_ok=True)
        title = f"{name.strip('./')} {evalset.name}".replace(", ", "-").replace(" ", "-").replace("/", "-")
        sheet.save(folder / f"{title}.png")


def _sentence(row: Row) -> str:
    images, alphabet, twins, between, case_blind, top5, calibration, unsure, timed = tables.cells(row)
    left_out = f", {row.scores.left_out:,} left out" if row.scores.left_out else ""
    return (f"{row.reader} on {row.evalset}: {images} images{left_out}, alphabet {alphabet}, "
            f"twins folded {twins} ({between}), case-blind {case_blind}, top 5 {top5}, "
            f"calibration error {calibration}, can't tell {unsure}, {timed} ms")  # fmt: skip


def _write(rows: list[Row], false_accepts: list[FalseAccepts], file: Path) -> None:
    held = {
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "rows": [asdict(row) for row in rows],
        "false_accepts": [asdict(one) for one in false_accepts],
    }
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise FontdemoError(f"{file} cannot be written: {error.strerror or error}.") from None


def _calibrate(arguments: argparse.Namespace) -> int:
    """Fit a network's temperature and the threshold of "I can't tell", and write both into its config.json."""
    network = pretrained.load(arguments.weights)
    sets = [PackedSet.open(file).part(arguments.part) for file in arguments.data]
    fitted = calibrate(network, sets, reject=arguments.reject,
                       reject_people=arguments.reject_people, part=arguments.part)  # fmt: skip
    pretrained.set_confidence(arguments.weights, fitted.temperature, fitted.threshold)
    print(f"{fitted.images:,} images of {fitted.families:,} families that it was not trained on")
    print(f"temperature {network.temperature:.4g} -> {fitted.temperature:.4g}: calibration error "
          f"{fitted.before:.2%} -> {fitted.after:.2%} (fitted on half of the families, measured on the other half)")
    print(f"threshold {fitted.threshold:.4g}: {fitted.rejected:.2%} of the true characters are rejected "
          "(measured in the same way)")  # fmt: skip
    return 0
