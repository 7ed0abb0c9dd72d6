"""Training into a run's folder: the loop's events become rows, lines and checkpoints on disk.

The folder's files are described in `train.runs.folder`; the loop itself is `train.loop.fit`.
"""

from __future__ import annotations

import dataclasses
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import torch
from filelock import FileLock, Timeout
from safetensors import SafetensorError
from tqdm import tqdm

from fontdemo.errors import FontdemoError
from fontdemo.files import recover_folder
from fontdemo.network import pretrained
from train.data.glyphset import GlyphSet
from train.loop import checkpoint
from train.loop.device import choose_device, device_name, outliers_of, part_of
from train.loop.evaluate import evaluate
from train.loop.fit import Done, Epoch, Fit
from train.loop.recipe import in_epochs
from train.run_state import RunState
from train.runs import export, metrics, worker
from train.runs.folder import Plan, RunFolder
from train.runs.metrics import METRICS

#: Between whole epochs the state is also saved this often, so a killed run loses no more than this.
SAVE_SECONDS = 60.0

STATE_FILE = Path("last") / "state.safetensors"

Trainer = Callable[[Path, Callable[[], bool]], Done]


def execute(folder: Path, *, should_stop: Callable[[], bool] = lambda: False, trainer: Trainer | None = None) -> Done:
    """Train the run in `folder` to its end, to `should_stop()`, or until `RunFolder.ask_to_stop` asks it to stop.

    Goes on from last/ if there is a state in it. Prints the report's lines; they go to log.txt too.
    trainer: what does the work, `train_here` unless given.
    FontdemoError if another process trains in the folder, the data is not what the run was made for, or the saved
    state does not fit; OSError if the disk is full.
    """
    run = RunFolder(folder)
    run.plan()
    lock = FileLock(folder / "lock", timeout=0)
    try:
        with lock:  # the kernel lets go of it if we die
            return _alone(run, should_stop, trainer or train_here)
    except Timeout:
        raise FontdemoError(f"“{run.name}” is being trained by another process") from None


def _alone(run: RunFolder, should_stop: Callable[[], bool], trainer: Trainer) -> Done:
    """`execute`, in a folder that no other process trains in; state.json says how it goes."""
    pid = os.getpid()
    run.write_state(RunState.RUNNING)
    (run.path / worker.RECORD).unlink(missing_ok=True)  # from now on state.json speaks
    try:
        recover_folder(run.best)
        done = trainer(run.path, lambda: should_stop() or run.asked_to_stop(pid))
        ending = "" if done.reason == RunState.FINISHED else f" ({done.reason})"
        _say(run, f"Training takes {done.seconds / 60:.2f}minutes{ending}")
    except BaseException as error:
        text = str(error) if isinstance(error, (FontdemoError, OSError)) else f"{type(error).__name__}: {error}"
        with suppress(OSError):  # where even this cannot be written, the dead process shows it
            run.write_state(RunState.FAILED, message=text)
        raise
    finally:
        run.forget_stop()
    run.write_state(done.reason, seconds=done.seconds)
    return done


@dataclass(frozen=True)
class LoadedData:
    """A packed data set in memory; fingerprint: its content's."""

    file: Path
    data: GlyphSet
    fingerprint: str


def load_data(file: Path) -> LoadedData:
    """The packed data set `file`, as it is to be trained on; FontdemoError if it is damaged."""
    data = GlyphSet.load(file)
    return LoadedData(file.resolve(), data, data.fingerprint())


def train_here(folder: Path, should_stop: Callable[[], bool], loaded: LoadedData | None = None) -> Done:
    """`execute`'s work, in this process and without its bookkeeping.

    loaded: data that need not be read again if it is the plan's.
    """
    run = RunFolder(folder)
    plan = run.plan()
    if loaded is None or loaded.file != Path(plan.data):
        loaded = load_data(Path(plan.data))
    fit = _fit(plan, _checked(run, plan, loaded))
    del loaded  # what training needs of it is on the device, or shared
    resumed = _restore(run, fit)
    if not resumed:  # now they are what it starts from, whatever was there when the run was made
        run.remember_start(plan.recipe)
    metrics.forget_after(run.path, fit.epoch + fit.step / fit.steps)
    _say(
        run,
        f"{'Resuming' if resumed else 'Training'} on {device_name(fit.device)}: {len(fit.images)} images, "
        f"{fit.network.parameter_count:,} parameters, recipe {plan.recipe.name}, seed {plan.recipe.seed}",
    )
    _follow(run, fit)
    return _train(run, fit, should_stop)


def _restore(run: RunFolder, fit: Fit) -> bool:
    """Put the state that was saved last into `fit`, or the one before it if that is damaged; whether there was one.

    With neither whole, training begins anew: recipe, seed and data decide the same numbers again.
    """
    file = run.path / STATE_FILE
    there, before = file.exists(), checkpoint.previous(file).exists()
    if not there and not before:
        return False
    damaged = there and not _whole(file)
    state = checkpoint.load_newest(file)
    if state is None:
        _say(run, "No saved state is intact: training starts over.")
        return False
    if damaged:
        _say(run, "The last saved state is damaged: going on from the one before it.")
    fit.restore(*state)
    return True


def _whole(file: Path) -> bool:
    try:
        checkpoint.load(file)
    except FontdemoError:
        return False
    return True


def _train(run: RunFolder, fit: Fit, should_stop: Callable[[], bool]) -> Done:
    """Consume the loop's events: rows, lines, checkpoints, a progress bar where a person watches."""
    saved = time.monotonic()
    done = Done(RunState.FINISHED, fit.seconds)
    bar = tqdm(total=fit.recipe.epochs * fit.steps, initial=fit.epoch * fit.steps + fit.step, unit="step", disable=None)
    with bar, open(run.path / METRICS, "a", encoding="utf-8") as rows:
        for event in fit.run(should_stop):
            if isinstance(event, Done):
                done = event
                break
            rows.write(metrics.line(metrics.event_row(event, fit.device)))
            rows.flush()
            bar.update(fit.epoch * fit.steps + fit.step - bar.n)
            if isinstance(event, Epoch):
                if event.improved:
                    before, now = event.previous_best, event.valid_error
                    _say(run, f"Validation loss decreased ({before:.6f} → {now:.6f}). Saving model ...")
                    _save_best(run, fit, event.valid_accuracy)
                _say(run, epoch_line(event))
                _follow(run, fit)
            elif event.valid_accuracy is not None:
                _follow(run, fit)
            if isinstance(event, Epoch) or time.monotonic() - saved > SAVE_SECONDS:
                checkpoint.save(run.path / STATE_FILE, *fit.state())
                saved = time.monotonic()
    checkpoint.save(run.path / STATE_FILE, *fit.state())
    if fit.epoch and run.best.is_dir():
        return done
    return _keep_unfinished(run, fit, done.reason)


def _keep_unfinished(run: RunFolder, fit: Fit, reason: RunState) -> Done:
    """The run ended inside its first epoch: what it has is validated and kept in best/. The time of that counts."""
    began = time.perf_counter()
    result = evaluate(fit.kept, fit.valid_images, fit.valid_labels, bf16=fit.bf16)
    fit.seconds += time.perf_counter() - began
    _save_best(run, fit, result.accuracy)
    metrics.append(run.path, metrics.unfinished_row(fit, result))
    _follow(run, fit)
    checkpoint.save(run.path / STATE_FILE, *fit.state())
    return Done(reason, fit.seconds)


def _fit(plan: Plan, data: GlyphSet) -> Fit:
    """The plan's training, at its beginning."""
    choices = data.choices("train")
    return Fit(
        plan.recipe,
        part_of(data, "train"),
        part_of(data, "valid"),
        choose_device(plan.device),
        choices=None if choices is None else torch.from_numpy(choices),
        outliers=outliers_of(data, "train"),
    )


def _checked(run: RunFolder, plan: Plan, loaded: LoadedData) -> GlyphSet:
    """The plan's data, if it is still the data that the run was made for."""
    data, fingerprint = loaded.data, loaded.fingerprint
    if not plan.fingerprint:
        run.write_plan(dataclasses.replace(plan, fingerprint=fingerprint))
    elif fingerprint != plan.fingerprint:
        raise FontdemoError(f"{Path(plan.data).name} is not the data that this run was made for")
    if data.alphabet.name != plan.recipe.alphabet:
        raise FontdemoError(f"the recipe's alphabet is {plan.recipe.alphabet}, the data's {data.alphabet.name}")
    return data


def _say(run: RunFolder, line: str) -> None:
    """Print a line, and append it to log.txt unless that is where printed lines go already."""
    coding = sys.stdout.encoding or "utf-8"  # not every one has “→”, and training ends for no sign
    tqdm.write(line.encode(coding, "replace").decode(coding), file=sys.stdout)
    sys.stdout.flush()
    log = run.path / "log.txt"
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


def _save_best(run: RunFolder, fit: Fit, accuracy: float) -> None:
    """Write the network as it is now to best/, with a card that says how it came to be."""
    recipe = fit.recipe
    text = (
        f"Recipe `{recipe.name}`, seed {recipe.seed}, after {fit.epoch + fit.step / fit.steps:.4g} of "
        f"{in_epochs(recipe.epochs)} of {len(fit.images)} images, {fit.seconds / 60:.1f} minutes on "
        f"{device_name(fit.device)}.\n"
        f"Validation accuracy {accuracy:.2%} on {len(fit.valid_images)} images. "
        f"{fit.network.parameter_count:,} parameters; alphabet `{recipe.alphabet}`.\n\n"
        "```json\n" + recipe.to_json() + "\n```\n"
    )
    try:
        pretrained.save(fit.kept, run.best, export.card(run.name, text, accuracy, recipe.alphabet))
    except SafetensorError as error:  # how safetensors reports a full disk
        raise OSError(f"best/ cannot be written: {error}") from error


def _follow(run: RunFolder, fit: Fit) -> None:
    """Record what the network now makes of the pinned drawing, if there is one (`RunFolder.followed`)."""
    image = run.pinned()
    if image is None:
        return
    network = fit.kept
    training = network.training
    network.eval()
    outputs = network.trace(torch.from_numpy(image).view(1, 1, *image.shape).to(fit.device))
    probabilities = network.probabilities(list(outputs.values())[-1])[0].cpu().numpy()
    network.train(training)
    if fit.step:  # in the middle of an epoch: the answer will do
        at, images = fit.epoch + fit.step / fit.steps, fit.step * fit.recipe.batch
        run.add_followed(at, int(probabilities.argmax()), float(probabilities.max()), images)
        return
    stages = {name: value[0].to(torch.float16).cpu().numpy() for name, value in outputs.items()}
    run.write_followed(fit.epoch, {"probabilities": probabilities, **stages})
