"""Training into a run's folder: the loop's events become rows, lines and checkpoints on disk.

What lies in the folder is `train.run`'s business, the loop itself is `train.fit`'s.
"""

from __future__ import annotations

import dataclasses
import fcntl
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from tqdm import tqdm

from fontdemo import pretrained
from fontdemo.errors import FontdemoError
from train import checkpoint, run
from train.device import choose_device, device_name, memory_used
from train.evaluate import evaluate
from train.fit import Done, Epoch, Event, Fit, Step
from train.glyphset import GlyphSet

#: Between whole epochs the state is also saved this often, so a killed run loses no more than this.
SAVE_SECONDS = 60.0

STATE_FILE = Path("last") / "state.safetensors"

Trainer = Callable[[Path, Callable[[], bool]], Done]


def execute(folder: Path, *, should_stop: Callable[[], bool] = lambda: False, trainer: Trainer | None = None) -> Done:
    """Train the run in `folder` to its end, to `should_stop()`, or until it is asked to stop by `run.ask_to_stop`.

    Goes on from last/ if there is a state in it. Prints the report's lines; they go to log.txt too.
    trainer: what does the work, `train_here` unless given.
    FontdemoError if another process trains in the folder, the data is not what the run was made for, or the saved
    state does not fit; OSError if the disk is full.
    """
    run.read_plan(folder)
    trainer = trainer or train_here
    pid = os.getpid()
    with _alone(folder):
        run.write_state(folder, "running")
        (folder / "launch.json").unlink(missing_ok=True)  # from now on state.json speaks
        try:
            _mend_best(folder)
            done = trainer(folder, lambda: should_stop() or run.asked_to_stop(folder, pid))
            ending = "" if done.reason == "finished" else f" ({done.reason})"
            _say(folder, f"Training takes {done.seconds / 60:.2f}minutes{ending}")
        except BaseException as error:
            text = str(error) if isinstance(error, (FontdemoError, OSError)) else f"{type(error).__name__}: {error}"
            with suppress(OSError):  # where even this cannot be written, the dead process tells
                run.write_state(folder, "failed", message=text)
            raise
        finally:
            (folder / "stop").unlink(missing_ok=True)
        run.write_state(folder, done.reason)
    return done


def train_here(folder: Path, should_stop: Callable[[], bool]) -> Done:
    """`execute`'s work, in this process and without its bookkeeping."""
    plan = run.read_plan(folder)
    data = _data(folder, plan)
    train, valid = (tuple(map(torch.from_numpy, data.part(part))) for part in ("train", "valid"))
    choices, outliers = data.choices("train"), data.outliers_of("train")
    fit = Fit(
        plan.recipe,
        (train[0], train[1]),
        (valid[0], valid[1]),
        choose_device(plan.device),
        choices=None if choices is None else torch.from_numpy(choices),
        outliers=torch.from_numpy(outliers),
    )
    del data
    resumed = (folder / STATE_FILE).exists()
    if resumed:
        fit.restore(*checkpoint.load(folder / STATE_FILE))
    _forget_after(folder, fit)
    _say(
        folder,
        f"{'Going on' if resumed else 'Training'} on {device_name(fit.device)}: {len(fit.images)} images, "
        f"{fit.network.parameter_count:,} parameters, recipe {plan.recipe.name}, seed {plan.recipe.seed}",
    )
    _follow(folder, fit)
    return _train(folder, fit, should_stop)


def _train(folder: Path, fit: Fit, should_stop: Callable[[], bool]) -> Done:
    """Consume the loop's events: rows, lines, checkpoints, a progress bar where a person watches."""
    saved = time.monotonic()
    done = Done("finished", fit.seconds)
    bar = tqdm(total=fit.recipe.epochs * fit.steps, initial=fit.epoch * fit.steps + fit.step, unit="step", disable=None)
    with bar, open(folder / "metrics.jsonl", "a", encoding="utf-8") as rows:
        for event in fit.run(should_stop):
            if isinstance(event, Done):
                done = event
                break
            rows.write(json.dumps(_row(event, fit.device)) + "\n")
            rows.flush()
            bar.update(fit.epoch * fit.steps + fit.step - bar.n)
            if isinstance(event, Epoch):
                if event.improved:
                    before, now = event.previous_best, event.valid_error
                    _say(folder, f"Validation loss decreased ({before:.6f} → {now:.6f}). Saving model ...")
                    _save_best(folder, fit, event.valid_accuracy)
                _say(folder, epoch_line(event))
                _follow(folder, fit)
            if isinstance(event, Epoch) or time.monotonic() - saved > SAVE_SECONDS:
                checkpoint.save(folder / STATE_FILE, *fit.state())
                saved = time.monotonic()
    checkpoint.save(folder / STATE_FILE, *fit.state())
    if not (folder / "best").is_dir():  # ended inside the first epoch: what there is beats nothing
        _save_best(folder, fit, evaluate(fit.kept, fit.valid_images, fit.valid_labels, half=fit.half).accuracy)
    return done


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; the kernel lets go if we die. FontdemoError if another one holds it."""
    with open(folder / "lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FontdemoError(f"“{folder.name}” is being trained by another process") from None
        yield


def _data(folder: Path, plan: run.Plan) -> GlyphSet:
    """The plan's data, if it is still the data that the run was made for."""
    data = GlyphSet.load(Path(plan.data))
    fingerprint = data.fingerprint()
    if not plan.fingerprint:
        run.write_plan(folder, dataclasses.replace(plan, fingerprint=fingerprint))
    elif fingerprint != plan.fingerprint:
        raise FontdemoError(f"{Path(plan.data).name} is not the data that this run was made for")
    if data.alphabet.name != plan.recipe.alphabet:
        raise FontdemoError(f"the recipe's alphabet is {plan.recipe.alphabet}, the data's {data.alphabet.name}")
    return data


def _forget_after(folder: Path, fit: Fit) -> None:
    """Drop metric rows from beyond the state that training goes on from, so that no point is there twice."""
    at = fit.epoch + fit.step / fit.steps
    kept = [row for row in run.read_metrics(folder) if row["at"] <= at]
    fresh = folder / "metrics.new"
    fresh.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")
    os.replace(fresh, folder / "metrics.jsonl")


def _say(folder: Path, line: str) -> None:
    """Print a line, and append it to log.txt unless that is where printed lines go already."""
    tqdm.write(line, file=sys.stdout)
    sys.stdout.flush()
    log = folder / "log.txt"
    try:
        if os.path.samestat(os.fstat(sys.stdout.fileno()), log.stat()):
            return
    except OSError:  # stdout is no real file (a notebook, a test), or there is no log yet
        pass
    with open(log, "a", encoding="utf-8") as file:
        file.write(line + "\n")


def epoch_line(event: Epoch) -> str:
    """An epoch in the report's words."""
    return (
        f"Epoch: {event.epoch}\tTrain Error: {event.train_error:.6f}\tTrain Accuracy: {event.train_accuracy:.2%}\t"
        f"Validation Error: {event.valid_error:.6f}\tValidation Accuracy: {event.valid_accuracy:.2%}"
    )


def _row(event: Event, device: torch.device) -> dict[str, Any]:
    """A metrics.jsonl row: kind, the event's fields, `at`: epochs trained, with fractions; device, memory: bytes."""
    fields = {**dataclasses.asdict(event), "device": device_name(device), "memory": memory_used(device)}
    if isinstance(event, Step):
        return {"kind": "step", "at": event.epoch - 1 + event.step / event.steps, **fields}
    assert isinstance(event, Epoch)
    best = None if event.previous_best == float("inf") else event.previous_best  # JSON knows no infinity
    return {"kind": "epoch", "at": event.epoch, **fields, "previous_best": best}


def _save_best(folder: Path, fit: Fit, accuracy: float) -> None:
    """Write the network as it is now to best/, with a card that says how it came to be."""
    recipe = fit.recipe
    card = (
        "---\nlibrary_name: fontdemo\nlicense: mit\ntags: [image-classification, character-recognition, fonts]\n---\n"
        f"# {folder.name}\n\nRecipe `{recipe.name}`, seed {recipe.seed}, after {fit.epoch} of {recipe.epochs} epochs "
        f"of {len(fit.images)} images ({fit.seconds / 60:.1f} minutes on {device_name(fit.device)}).\n"
        f"Validation accuracy {accuracy:.2%} on {len(fit.valid_images)} images. "
        f"{fit.network.parameter_count:,} parameters; alphabet `{recipe.alphabet}`.\n\n"
        "```json\n" + recipe.to_json() + "\n```\n"
    )
    try:
        pretrained.save(fit.kept, folder / "best", card)
    except SafetensorError as error:  # how safetensors reports a full disk
        raise OSError(f"best/ cannot be written: {error}") from error


def _mend_best(folder: Path) -> None:
    """Put the old best/ back if a process was killed just between moving it away and putting the new one there."""
    best, old = folder / "best", folder / "best.old"
    if old.is_dir() and not best.exists():
        os.replace(old, best)


def _follow(folder: Path, fit: Fit) -> None:
    """Record what the network now makes of the pinned drawing, if there is one (`run.read_followed`)."""
    image = run.read_pinned(folder)
    if image is None:
        return
    network = fit.kept
    training = network.training
    network.eval()
    outputs = network.trace(torch.from_numpy(image).view(1, 1, *image.shape).to(fit.device))
    shares = network.probabilities(list(outputs.values())[-1])[0].cpu().numpy()
    network.train(training)
    stages = {name: value[0].to(torch.float16).cpu().numpy() for name, value in outputs.items()}
    run.write_followed(folder, fit.epoch, {"probabilities": shares, **stages})
