"""The command `export-tensorboard` of `python -m train`: a run's curves for those who use TensorBoard."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from fontdemo.errors import FontdemoError
from train.runs import metrics

#: What of a row is written, and what TensorBoard calls it.
TAGS = {
    "train_error": "error/training", "valid_error": "error/validation", "train_accuracy": "accuracy/training",
    "valid_accuracy": "accuracy/validation", "images_per_second": "speed/images a second",
}  # fmt: skip


def add_commands(commands: Any) -> None:
    """Enter `export-tensorboard` into the subparsers of the command line."""
    text = "write a run's curves as TensorBoard reads them"
    parser = commands.add_parser("export-tensorboard", help=text, description=_export.__doc__)
    parser.set_defaults(function=_export)
    parser.add_argument("run", type=Path, metavar="RUN", help="a run's folder, or one under weights/")
    parser.add_argument("directory", type=Path, metavar="DIR", help="a folder for TensorBoard, --logdir DIR")


def _export(arguments: argparse.Namespace) -> int:
    """Write the curves of RUN into DIR/NAME. Steps are thousandths of an epoch. Needs: pip install tensorboard."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise FontdemoError("TensorBoard is not installed: pip install tensorboard") from None
    folder: Path = arguments.run.resolve()
    rows = metrics.read(folder).rows
    if not rows:
        raise FontdemoError(f"{folder.name} has no curves: there is no {metrics.METRICS} with rows in it.")
    with SummaryWriter(str(arguments.directory / folder.name)) as writer:
        for row in rows:
            for name, tag in TAGS.items():
                if row.get(name) is not None:
                    writer.add_scalar(tag, row[name], round(1000 * row["at"]))
    print(f"{len(rows)} rows of {folder.name} are in {arguments.directory}: tensorboard --logdir {arguments.directory}")
    return 0
