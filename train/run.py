"""One run's folder, and training into it: what is on disk is all that anyone else knows of a run.

    recipe.json     the recipe, the data it is trained on, the device asked for
    state.json      running, or how it ended; the process that runs it
    metrics.jsonl   one line an epoch and one every few steps, appended and flushed
    best/           the network with the lowest validation error, in the Hub's layout
    last/           everything needed to go on as if never interrupted
    log.txt         the report's lines
    pinned.npy      a drawing to follow, if someone pinned one; pinned/NNN.npz: what each epoch made of it

Starting and watching runs from elsewhere is `train.job`.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from fontdemo import pretrained
from fontdemo.errors import FontdemoError
from train import checkpoint, process
from train.evaluate import evaluate
from train.fit import Done, Epoch, Event, Fit, Step, choose_device
from train.glyphset import GlyphSet
from train.recipe import Recipe, from_dict

#: Between whole epochs the state is also saved this often, so a killed run loses no more than this.
SAVE_SECONDS = 60.0

STATE_FILE = Path("last") / "state.safetensors"


@dataclasses.dataclass(frozen=True)
class Plan:
    """What recipe.json holds. data: a packed data set's path, fingerprint: its content's; device: auto, cpu or cuda."""

    recipe: Recipe
    data: str
    fingerprint: str
    device: str
    created: float


def write_json(file: Path, content: Any) -> None:
    """Write JSON beside and rename, so that a reader never sees half of it."""
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(content, indent=2), encoding="utf-8")
    os.replace(fresh, file)


def create(folder: Path, recipe: Recipe, data: Path, fingerprint: str, device: str = "auto") -> Plan:
    """Make a run's folder. FontdemoError if there is a run in it already."""
    folder.mkdir(parents=True, exist_ok=True)
    plan = Plan(recipe, str(data.resolve()), fingerprint, device, time.time())
    try:
        with open(folder / "recipe.json", "x", encoding="utf-8") as file:
            json.dump(dataclasses.asdict(plan), file, indent=2)
    except FileExistsError:
        raise FontdemoError(f"there is a run in {folder} already: resume it, or choose another folder") from None
    return plan


def read_plan(folder: Path) -> Plan:
    """The plan of the run in `folder`; FontdemoError if there is none or it is not ours."""
    try:
        content = json.loads((folder / "recipe.json").read_text(encoding="utf-8"))
        return Plan(**(content | {"recipe": from_dict(content["recipe"])}))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise FontdemoError(f"{folder} holds no training run") from error


def read_state(folder: Path) -> dict[str, Any]:
    """What state.json says ({"status": ...}); {"status": "new"} if the run has not begun."""
    try:
        content = json.loads((folder / "state.json").read_text(encoding="utf-8"))
        return content if isinstance(content, dict) else {"status": "new"}
    except (OSError, ValueError):
        return {"status": "new"}


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """The rows of metrics.jsonl, oldest first; a line that is still being written is left out."""
    try:
        lines = (folder / "metrics.jsonl").read_text(encoding="utf-8").split("\n")
    except OSError:
        return []
    return [json.loads(line) for line in lines[:-1]]


def execute(
    folder: Path,
    *,
    resume: bool = False,
    should_stop: Callable[[], bool] = lambda: False,
    load_data: Callable[[str], GlyphSet] = GlyphSet.load,
) -> Done:
    """Train the run in `folder` to its end (or until `should_stop()`, or until a file `stop` appears in the folder).

    Prints the report's lines; they go to log.txt too. With `resume`, goes on from last/.
    FontdemoError if the data is not what the run was made for, or nothing can be resumed; OSError if the disk is full.
    """
    plan = read_plan(folder)
    write_state(folder, "running")
    try:
        data = load_data(plan.data)
        if data.fingerprint() != plan.fingerprint:
            raise FontdemoError(f"{plan.data} is not the data that this run was made for")
        device = choose_device(plan.device)
        fit = Fit(plan.recipe, _tensors(data, "train"), _tensors(data, "valid"), device)
        if resume:
            fit.restore(*checkpoint.load(folder / STATE_FILE))
        _forget_after(folder, fit)
        say(folder, f"{'Going on' if resume else 'Training'} on {device_name(device)}: {len(fit.images)} images, "
                    f"{fit.network.parameter_count:,} parameters, recipe {plan.recipe.name}, seed {plan.recipe.seed}")
        follow(folder, fit)
        done = _train(folder, fit, lambda: should_stop() or (folder / "stop").exists())
    except BaseException as error:
        write_state(folder, "failed", message=str(error) or type(error).__name__)
        raise
    finally:
        (folder / "stop").unlink(missing_ok=True)
    write_state(folder, done.reason)
    return done


def device_name(device: torch.device) -> str:
    """How a device is called for people: "the CPU (2 threads)" or the name of the graphics card."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"the CPU ({torch.get_num_threads()} threads)"


def write_state(folder: Path, status: str, message: str = "") -> None:
    """Record how the run stands, and the process that says so."""
    pid = os.getpid()
    record = {"status": status, "message": message, "pid": pid, "started": process.started(pid), "time": time.time()}
    write_json(folder / "state.json", record)


def say(folder: Path, line: str) -> None:
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


def _tensors(data: GlyphSet, part: str) -> tuple[torch.Tensor, torch.Tensor]:
    images, labels = data.part(part)
    return torch.from_numpy(np.ascontiguousarray(images)), torch.from_numpy(labels.astype(np.int64))


def _forget_after(folder: Path, fit: Fit) -> None:
    """Drop metric rows from beyond the state that training goes on from, so that no point is there twice."""
    at = fit.epoch + fit.step / fit.steps
    kept = [row for row in read_metrics(folder) if row["at"] <= at]
    fresh = folder / "metrics.new"
    fresh.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")
    os.replace(fresh, folder / "metrics.jsonl")


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
            rows.write(json.dumps(_row(event)) + "\n")
            rows.flush()
            bar.update(fit.epoch * fit.steps + fit.step - bar.n)
            if isinstance(event, Epoch):
                if event.improved:
                    say(folder, f"Validation loss decreased ({event.previous_best:.6f} -> {event.valid_error:.6f}).  "
                                "Saving model ...")
                    save_best(folder, fit, event.valid_accuracy)
                say(folder, epoch_line(event))
                follow(folder, fit)
            if isinstance(event, Epoch) or time.monotonic() - saved > SAVE_SECONDS:
                checkpoint.save(folder / STATE_FILE, *fit.state())
                saved = time.monotonic()
    checkpoint.save(folder / STATE_FILE, *fit.state())
    if not (folder / "best").is_dir():  # ended inside the first epoch: what there is beats nothing
        save_best(folder, fit, evaluate(fit.network, fit.valid_images, fit.valid_labels, half=fit.half).accuracy)
    ending = "" if done.reason == "finished" else f" ({done.reason})"
    say(folder, f"Training takes {done.seconds / 60:.2f}minutes{ending}")
    return done


def epoch_line(event: Epoch) -> str:
    """An epoch in the report's words."""
    return (
        f"Epoch: {event.epoch}\tTrain Error: {event.train_error:.6f}\tTrain Accuracy: {event.train_accuracy:.2%}\t"
        f"Validation Error: {event.valid_error:.6f}\tValidation Accuracy: {event.valid_accuracy:.2%}"
    )


def _row(event: Event) -> dict[str, Any]:
    """A metrics.jsonl row: the event's fields, its kind, and `at`: epochs trained, with fractions."""
    fields = dataclasses.asdict(event)
    if isinstance(event, Step):
        return {"kind": "step", "at": event.epoch - 1 + event.step / event.steps, **fields}
    assert isinstance(event, Epoch)
    best = None if event.previous_best == float("inf") else event.previous_best  # JSON knows no infinity
    return {"kind": "epoch", "at": event.epoch, **fields, "previous_best": best}


def save_best(folder: Path, fit: Fit, accuracy: float) -> None:
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
    pretrained.save(fit.network, folder / "best", card)


def follow(folder: Path, fit: Fit) -> None:
    """Record what the network now makes of the pinned drawing, if there is one: pinned/NNN.npz, NNN epochs trained.

    Holds `probabilities` (classes,) and one array a stage, float16, as `Network.trace` names them.
    """
    try:
        image = np.load(folder / "pinned.npy", allow_pickle=False)
    except (OSError, ValueError):
        return
    training = fit.network.training
    fit.network.eval()
    outputs = fit.network.trace(torch.from_numpy(image).float().view(1, 1, 100, 100).to(fit.device))
    shares = fit.network.probabilities(list(outputs.values())[-1])[0].cpu().numpy()
    fit.network.train(training)
    arrays = {name: value[0].to(torch.float16).cpu().numpy() for name, value in outputs.items()}
    (folder / "pinned").mkdir(exist_ok=True)
    fresh = folder / "pinned" / "fresh.npz"
    np.savez_compressed(fresh, probabilities=shares, **arrays)
    os.replace(fresh, folder / "pinned" / f"{fit.epoch:03d}.npz")


def runs_in(root: Path) -> Iterator[Path]:
    """The folders of the runs under `root`, newest first."""
    found = [(read_plan(file.parent).created, file.parent) for file in root.glob("*/recipe.json")]
    yield from (folder for _, folder in sorted(found, reverse=True))
