"""From a run to a folder under weights/: the network, how it was trained, and a card that says how well it reads.

Everything on the card comes from the run's own files and from a benchmark's results; nothing is typed in but the
commands by which the data was made, which are repeated as they were given.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from fontdemo.alphabet import get_alphabet
from fontdemo.errors import FontdemoError
from fontdemo.files import HALVES, atomic_write, recover_folder, replace_folder
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from train.data.glyphset import PARTS, GlyphSet
from train.files import read_json, write_json
from train.runs.folder import DIGEST, START, RunFolder

#: What of a weights folder says how it was trained.
TRAINING = "training.json"


def ship(
    folder: Path,
    target: Path,
    *,
    way: float = 1.0,
    fold: str = "",
    commands: Sequence[str] = (),
    sources: Sequence[str] = (),
    warn: Callable[[str], None] = print,
) -> Network:
    """Put the best network of the run in `folder` into the weights folder `target`; the network.

    way: how far it goes from the weights that the run started from to those that it came to, above 0 to 1: 0.5 is the
    mean of the two, which often reads what neither has seen better than both. fold: name of the alphabet that a
    network of all 62 characters is to tell apart, by adding up probabilities. commands: by which the data was made and
    the network trained. sources: what it learned from besides typefaces, with licences. warn: told of what can't be
    checked. FontdemoError if the run has no network or its data is gone, or it is to go a part of the way only, and
    started from nothing or from weights that are others now, or `target` holds something else than a network.
    """
    if target.suffix in HALVES or (os.path.lexists(target) and not _may_be_replaced(target)):
        raise FontdemoError(f"{target} is no place for a network: it holds something else. Name another folder.")
    plan = RunFolder(folder).plan()
    network = pretrained.load(folder / "best")
    start = read_json(folder / START) if (folder / START).is_file() else {}
    digest = start.pop(DIGEST, "")
    if way != 1:
        _go_back(network, plan.recipe.start_from, way, digest, warn)
    epochs = [row for row in RunFolder(folder).metrics() if row["kind"] == "epoch"]
    best = min(epochs, key=lambda row: row["valid_error"], default=None)
    if best is None:
        raise FontdemoError(f"{folder.name} has not ended an epoch yet")
    if fold:
        network = folded(network, fold)
    data = GlyphSet.load(Path(plan.data))
    if data.fingerprint() != plan.fingerprint:
        raise FontdemoError(f"{Path(plan.data).name} is not the data that this run was made for")
    training = {
        "recipe": dataclasses.asdict(plan.recipe),
        "epoch": best["epoch"],
        "valid_accuracy": best["valid_accuracy"],
        "minutes": round(epochs[-1]["seconds"] / 60, 1),
        "device": best["device"],
        "torch": torch.__version__,
        "data": described(data),
        "commands": list(commands),
        "sources": list(sources),
    }
    if way != 1:
        training["way"] = way
    if start:
        training["start"] = start
    recover_folder(target)
    with replace_folder(target) as fresh:  # killed at any moment, the page has the old one or the new one, whole
        network.save_pretrained(fresh)
        write_json(fresh / TRAINING, training)
        shutil.copyfile(folder / "metrics.jsonl", fresh / "metrics.jsonl")
        (fresh / "README.md").write_text(card(target.name, network, training, []), encoding="utf-8")
    return network


def _may_be_replaced(folder: Path) -> bool:
    """Whether a folder holds a network, or nothing: all that is in it goes."""
    return not folder.is_symlink() and folder.is_dir() and (pretrained.has_weights(folder) or not any(folder.iterdir()))


def _go_back(network: Network, start: str, way: float, digest: str, warn: Callable[[str], None]) -> None:
    """Puts the network's weights only so far on the way from those of the shipped network called `start`.

    digest: of what the run started from, "" in runs of old.
    """
    if not 0 < way < 1 or not start:
        raise FontdemoError("Only a network that started from others can go a part of the way, between 0 and 1.")
    folder = pretrained.WEIGHTS / start
    if not digest:
        warn(f"This run does not say which weights it started from. Make sure that weights/{start} still holds them.")
    elif not pretrained.has_weights(folder) or pretrained.digest(folder) != digest:
        raise FontdemoError(
            f"weights/{start} no longer holds the weights that this run started from, so there is no way from them. "
            f"Put those back there (SHA-256 of their {pretrained.MODEL}: {digest[:16]}), or ship without --way."
        )
    before = pretrained.load(start).state_dict()
    for name, values in network.state_dict().items():
        if values.is_floating_point():
            values.copy_(torch.lerp(before[name], values, way))


def folded(network: Network, alphabet: str) -> Network:
    """The same network with the probabilities of characters that are one class of `alphabet` joined; untrained.

    FontdemoError unless it tells all 62 characters apart.
    """
    if network.alphabet != get_alphabet("alnum62"):
        raise FontdemoError("only a network that tells all 62 characters apart can be folded")
    other = Network(network.architecture, alphabet, {**network.options, "fold": True}).eval()
    other.load_state_dict(network.state_dict())
    return other


def described(data: GlyphSet) -> dict[str, Any]:
    """What a card says of a data set: how it was made, and each part's images, faces, families and categories."""
    parts = {}
    for number, part in enumerate(PARTS):
        chosen = data.split == number
        faces = [data.faces[face] for face in np.unique(data.face[chosen])]
        if faces:
            parts[part] = {
                "images": int(chosen.sum()),
                "faces": len({(face.family, face.style, face.file) for face in faces}),
                "families": len({face.key for face in faces}),
                "categories": dict(Counter(face.category or "unknown" for face in faces).most_common()),
            }
    return {
        "fingerprint": data.fingerprint(), "alphabet": data.alphabet.name, "layout": data.layout, "ink": data.ink,
        "split": data.split_rule, "seed": data.seed, "versions": data.versions, "parts": parts,
    }  # fmt: skip


def write_card(
    target: Path, results: Sequence[Mapping[str, Any]], experiments: Sequence[Mapping[str, Any]] = ()
) -> None:
    """Write the model card of the weights folder `target` anew.

    results: rows of `python -m train benchmark -o`; those whose reader has the folder's name go onto the card.
    experiments: of `python -m train reproduce -o`; what the same recipe reached there is told.
    FontdemoError if the folder was not made by `ship`.
    """
    try:
        training = json.loads((target / TRAINING).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FontdemoError(f"{target.name} does not say how it was trained") from error
    network = pretrained.load(target)
    rows = [row for row in results if row["reader"] == target.name]
    recipe = training["recipe"]["name"]
    others = [_reached(each) for each in experiments if each["name"].removesuffix("-families") == recipe]
    with atomic_write(target / "README.md") as fresh:
        fresh.write_text(card(target.name, network, training, rows, others), encoding="utf-8")


def _reached(experiment: Mapping[str, Any]) -> str:
    """What a run of the report's experiments reached, as a sentence."""
    split = "families it never saw" if experiment["name"].endswith("-families") else "a random split of the images"
    return f"A run of this recipe on {split} reached {experiment['valid_accuracy']:.2%} (`results/report.json`)."


def card(
    name: str,
    network: Network,
    training: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    others: Sequence[str] = (),
) -> str:
    """The text of the model card, with the front matter that the Hub reads. others: sentences about other runs."""
    recipe = training["recipe"]
    classes = f"{len(network.alphabet)} classes (`{network.alphabet.name}`)"
    lines = [
        "---", "library_name: fontdemo", "license: mit",
        "tags: [image-classification, character-recognition, fonts]", "---", "",
        f"# {name}", "",
        f"Reads one character: {classes}, from a 100×100 image of ink. Architecture `{network.architecture}`, "
        f"{network.parameter_count:,} parameters, trained from "
        f"{'earlier weights, which came to be as told under “Before that”' if 'start' in training else 'nothing'}.", "",
        "```python",
        "from fontdemo import Network",
        f'network = Network.from_pretrained("weights/{name}")  # float32 (N, 1, 100, 100), ink 1 -> logits', "```", "",
        "## Training", "", *_trained(training),
    ]  # fmt: skip
    earlier: Mapping[str, Any] | None = training.get("start")
    while earlier:
        lines += ["", "### Before that", "", *_trained(earlier)]
        earlier = earlier.get("start")
    if rows:
        lines += ["", "## How well it reads", "", *_results(rows)]
    if others:
        lines += ["", *others]
    if network.temperature != 1:
        cooled = f"Probabilities are given at a temperature of {network.temperature:.3g}, fitted on held-out families."
        lines += ["", cooled]
    if network.threshold:
        lines += ["", f"It answers “I can't tell” where the best group of look-alikes has less than "
                  f"{network.threshold:.3g}."]  # fmt: skip
    lines += ["", "## Limits", "", "One character at a time; Latin letters and digits only. The small and the capital "
              "letter of one shape (C c, O o, S s, ...) look the same once they are cropped.", ""]  # fmt: skip
    lines += ["```json", json.dumps(recipe, indent=1), "```", ""]
    return "\n".join(lines)


def _trained(training: Mapping[str, Any]) -> list[str]:
    """How a training went and what it learned from, as lines of a card."""
    recipe, data = training["recipe"], training["data"]
    lines = [
        f"Recipe `{recipe['name']}`, seed {recipe['seed']}: the weights after epoch {training['epoch']} of "
        f"{recipe['epochs']}, the one with the lowest validation error (accuracy there "
        f"{training['valid_accuracy']:.2%}). {training['minutes']} minutes on {training['device']}, "
        f"torch {training['torch']}.{_said_way(training)}", "",
        f"Data: layout {data['layout']}, {data['ink']}, split by {data['split']}, seed {data['seed']}.", "",
    ]  # fmt: skip
    for part, counts in data["parts"].items():
        sorts = ", ".join(f"{count:,} {category}" for category, count in counts["categories"].items())
        lines.append(f"- {part}: {counts['images']:,} images, {counts['faces']:,} faces of {counts['families']:,} "
                     f"families ({sorts})")  # fmt: skip
    made = ", ".join(f"{what} {version}" for what, version in data["versions"].items())
    lines += ["", f"Made with {made}; fingerprint `{data['fingerprint'][:16]}`."]
    if training.get("sources"):
        lines += ["", "Besides typefaces it learned from:", "", *(f"- {source}" for source in training["sources"])]
    if training["commands"]:
        lines += ["", "```", *training["commands"], "```"]
    for sentence in training.get("after", ()):  # what was done to the weights that no command here does
        lines += ["", sentence]
    return lines


def _said_way(training: Mapping[str, Any]) -> str:
    way = training.get("way", 1)
    return "" if way == 1 else f" These weights are {way:.0%} of the way there from those that it started from."


def _results(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = ["| Set | Images | Alphabet | Twins folded | Case-blind | Top 5 | Calibration error |",
             "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"]  # fmt: skip
    for row in rows:
        scores = row["scores"]
        fractions = [scores[key] for key in ("alphabet", "twins", "case_blind", "top5", "calibration")]
        cells = ["–" if fraction is None else f"{fraction:.2%}" for fraction in fractions]
        lines.append(f"| {row.get('evalset') or row['trial']} | {scores['images']:,} | {' | '.join(cells)} |")
    return lines
