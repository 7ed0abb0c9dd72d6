"""Recordings: a quick try, and the training of the networks that ship, played back as if it were now.

Pure functions over `train.release.recorded`'s folders and the weights folders; the browser plays them (charts_play.js).
The former have a drawing with them, and what it was taken for.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fontdemo.errors import FontdemoError
from fontdemo.files import HALVES
from fontdemo.network import pretrained
from fontdemo.ui.html import render
from fontdemo.ui.network.names import TITLES
from train.files import read_json
from train.loop.recipe import in_epochs
from train.release.recorded import RECORDED
from train.reproduce.report_curves import REPORT_CURVES
from train.runs import metrics
from train.ui.train import charts

# Of a training that went on from weights that could read already.
_ON = "This is the last of several trainings: it went on from weights that could read already."
_ON_PEOPLES = (
    "This is the last of several trainings: it went on from weights that could read already, on a harder set with what "
    "people wrote and scanned."
)
_HIGH = "So its curve begins high, and what it learned here shows little in it."


@dataclass(frozen=True)
class Recording:
    """recipe: its name. epochs, minutes: that the run took. device: in words. accuracy: of what was kept. repeats:
    name of the weights that an earlier run of the same recipe and data came to, or "". goes_on: from weights that
    could read already. from_people: on what people wrote, too.
    """

    name: str
    folder: Path
    recipe: str
    epochs: int
    minutes: float
    device: str
    accuracy: float
    repeats: str = ""
    goes_on: bool = False
    from_people: bool = False

    @property
    def title(self) -> str:
        """What the page calls it: as the chooser of networks does, or the folder's name."""
        return {**TITLES, "quick": "Quick try", "report": "The report's run"}.get(self.name, self.name)

    def sentence(self) -> str:
        """What it is, in a line."""
        took = f"{self.minutes:.0f} minutes" if self.minutes < 120 else f"{self.minutes / 60:.1f} hours"
        took = took if self.minutes >= 2 else f"{60 * self.minutes:.0f} seconds"
        told = (
            f"A recording of how “{self.title}” was trained: {in_epochs(self.epochs)}, {took} on {self.device}. "
            f"The network it kept reads {100 * self.accuracy:.2f} % of the validation set."
        )
        if self.goes_on:
            return f"{told} {_ON_PEOPLES if self.from_people else _ON} {_HIGH}"
        if not self.repeats:
            return told
        first = TITLES.get(self.repeats, self.repeats)
        return (
            f"{told} “{first}” came of an earlier run of this recipe, on the same data and with the same seed. "
            "Sums are rounded otherwise since then, so the two curves differ a little; "
            "the times differ because the machine did other work."
        )


def recordings() -> list[Recording]:
    """Those made to be played back, then those of the networks that ship with their curves: the report's first, those
    that went on from others' weights, and show least, last.
    """
    names = sorted(pretrained.shipped(), key=lambda name: (not name.startswith("report"), name))
    made = sorted(folder for folder in RECORDED.glob("*") if folder.suffix not in HALVES)
    folders = [*made, *(pretrained.WEIGHTS / name for name in names)]
    found = (_recording(folder, metrics.changed(folder / metrics.METRICS)) for folder in folders)
    return sorted((recording for recording in found if recording is not None), key=lambda each: each.goes_on)


@functools.lru_cache(maxsize=32)
def _recording(folder: Path, _changed: tuple[int, int, int] | None) -> Recording | None:
    rows = metrics.read(folder).rows
    try:
        about = read_json(folder / "training.json")
        recipe, accuracy = str(about["recipe"]["name"]), float(about["valid_accuracy"])
        repeats, goes_on = str(about.get("repeats", "")), bool(about["recipe"].get("start_from"))
        from_people = bool(about.get("sources"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    if not rows:
        return None
    minutes, device = rows[-1]["seconds"] / 60, str(rows[-1].get("device") or "a machine")
    epochs = max(1, round(rows[-1]["at"]))
    return Recording(folder.name, folder, recipe, epochs, minutes, device, accuracy, repeats, goes_on, from_people)


def named(known: Sequence[Recording], name: object) -> Recording | None:
    """The recording of this name; None if there is none."""
    return next((recording for recording in known if recording.name == name), None)


def find(known: Sequence[Recording], name: object) -> Recording:
    """`named`; FontdemoError if there is none."""
    recording = named(known, name)
    if recording is None:
        raise FontdemoError("There is no such recording.")
    return recording


def row(known: Sequence[Recording], playing: str) -> str:
    """The buttons that play one; that of `playing` is pressed. Empty where there are none."""
    return render("train/recordings.html", recordings=known, playing=playing) if known else ""


def follows(recording: Recording) -> bool:
    """Whether a drawing was followed in it."""
    return (recording.folder / "pinned.npy").is_file()


def curves(recording: Recording, play: int, linear: bool) -> str:
    """Its charts, to be played; another number `play` plays it again."""
    curve = charts.Curve(recording.name, metrics.read(recording.folder).rows)
    report = REPORT_CURVES.get(recording.recipe, ())
    return charts.charts([curve], recording.epochs, report, linear=linear, play=f"{recording.name} {play}")
