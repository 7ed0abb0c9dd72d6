"""A weights folder <-> a network, in the Hub's layout: config.json, model.safetensors, README.md (the model card).

The same `load` takes a name that ships here ("report-cnn"), a folder, or a repository on the Hub ("someone/fontdemo").
It does not train and it never unpickles.
"""

from __future__ import annotations

import hashlib
import json
import os
import textwrap
from contextlib import suppress
from pathlib import Path

import torch
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
from safetensors import SafetensorError

from fontdemo.errors import FontdemoError
from fontdemo.files import HALVES, atomic_write, replace_folder
from fontdemo.network.architectures import SIDE
from fontdemo.network.network import Network
from fontdemo.network.stages import NetworkError

#: Where the weights that ship with the project lie.
WEIGHTS = Path(__file__).resolve().parents[2] / "weights"

#: The file of a weights folder that holds the weights themselves.
MODEL = "model.safetensors"

#: The most bytes that are read of each file of a weights folder; one of a terabyte takes no room if nothing is in it.
MOST = {"config.json": 1 << 20, MODEL: 1 << 30, "README.md": 1 << 20}


class WeightsError(FontdemoError):
    """These weights cannot be loaded; says which and why."""


def shipped() -> list[str]:
    """The names of the weights that ship with the project, in alphabetical order; none that is being replaced."""
    return sorted(p.parent.name for p in WEIGHTS.glob("*/config.json") if p.parent.suffix not in HALVES)


def has_weights(folder: Path) -> bool:
    """Whether there is a network in a weights folder. Never raises: False where its disk says nothing, or not to us."""
    return os.path.isfile(folder / MODEL)


def too_large(folder: Path) -> str:
    """The file of a weights folder that has more than MOST bytes, "" if none has."""
    for name, most in MOST.items():
        with suppress(OSError):  # it is not there: who reads it says so
            if os.path.getsize(folder / name) > most:
                return name
    return ""


def digest(folder: Path) -> str:
    """SHA-256 of a folder's weights, whatever else is in it, 64 hexadecimal digits; WeightsError if it has none."""
    try:
        return hashlib.sha256((folder / MODEL).read_bytes()).hexdigest()
    except OSError as error:
        raise WeightsError(f"There are no weights in {folder.name}.") from error


def default_name() -> str:
    """The weights that the page and the command line use unless told otherwise: our best reader where it ships."""
    names = shipped()
    if not names:
        raise WeightsError("no weights ship with this copy: there is no folder with a config.json under weights/")
    return "best52" if "best52" in names else "report-cnn" if "report-cnn" in names else names[0]


def load(source: str | Path) -> Network:
    """The network of `source`, in evaluation mode on the CPU.

    source: a shipped name, a folder in the Hub's layout, or a Hub repository id "owner/name", tried in this order.
    WeightsError if it is none of these, cannot be reached, or holds no network of ours that reads.
    """
    text = str(source)
    folder = WEIGHTS / text if text in shipped() else Path(text)
    if not os.path.isdir(folder) and text.count("/") != 1:
        known = ", ".join(shipped()) or "none"
        raise WeightsError(f"no weights {text!r}: not one that ships here ({known}), no folder, no Hub repository")
    if os.path.isdir(folder) and not has_weights(folder):
        raise WeightsError(f"the folder {text} holds no {MODEL} (only safetensors weights are loaded)")
    if os.path.isdir(folder) and (name := too_large(folder)):
        raise WeightsError(f"the weights {text} cannot be loaded: {name} is too large")
    try:
        network = Network.from_pretrained(str(folder))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError) as error:
        raise WeightsError(f"the Hub repository {text} cannot be loaded: {_in_short(error)}") from error
    except (AttributeError, OSError, RuntimeError, SafetensorError, TypeError, ValueError) as error:
        # RuntimeError: tensors that do not fit the config; the others: a file that is not what its name says.
        raise WeightsError(f"the weights {text} cannot be loaded: {_in_short(error)}") from error
    network.eval()
    if not _reads(network):
        raise WeightsError(f"the weights {text} read nothing: they hold, or make, what is no number")
    return network


@torch.no_grad()
def _reads(network: Network) -> bool:
    """Whether the network's answers to blank paper and to nothing but ink are numbers, as those of weights that came
    apart in training are not.
    """
    images = torch.stack([torch.zeros(1, SIDE, SIDE), torch.ones(1, SIDE, SIDE)])
    return bool(network.probabilities(network(images)).isfinite().all())


def _in_short(error: Exception) -> str:
    return textwrap.shorten(str(error), 200) or type(error).__name__


def save(network: Network, folder: Path, card: str) -> None:
    """Write `network` into `folder` in the Hub's layout; a folder that is there is replaced only by a whole one.

    card: the text of README.md. The files are written beside and renamed: a full disk leaves the old folder whole.
    OSError or SafetensorError if they cannot be written.
    """
    with replace_folder(folder) as fresh:
        network.save_pretrained(fresh)
        (fresh / "README.md").write_text(card, encoding="utf-8")


def set_confidence(folder: Path, temperature: float, threshold: float) -> None:
    """Write these into the config.json of the weights folder `folder`; everything else in it stays as it is.

    WeightsError if there is none, or the numbers are out of range (see `Network`); then nothing is changed.
    """
    file = folder / "config.json"
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
        settings |= {"temperature": temperature, "threshold": threshold}
        Network(**settings)
        with atomic_write(file) as fresh:
            fresh.write_text(json.dumps(settings, sort_keys=True, indent=2), encoding="utf-8")
    except (NetworkError, OSError, TypeError, ValueError) as error:
        raise WeightsError(f"the settings of {folder.name} cannot be changed: {_in_short(error)}") from error
