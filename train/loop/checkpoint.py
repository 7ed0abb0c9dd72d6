"""A training state in one safetensors file: tensors by name, plain numbers in the header. Nothing is ever unpickled."""

from __future__ import annotations

import json
import os
import zlib
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from fontdemo.errors import FontdemoError
from fontdemo.files import atomic_write

# No state of ours is larger: 20 million parameters, four times over, are 320 MB.
_MOST_BYTES = 1 << 30

# What a state says of how far it is: whole numbers, and times and errors. With an epoch below 0, or a time that is no
# number, training would never come to its end.
_WHOLE, _POSITIVE = ("epoch", "step", "reported", "best_epoch"), ("best_error", "seconds")


def previous(file: Path) -> Path:
    """Where the state that was saved before the one in `file` is kept."""
    return file.with_name("previous" + file.suffix)


def save(file: Path, tensors: dict[str, Tensor], numbers: dict[str, Any]) -> None:
    """Write beside and rename: a full disk or a crash leaves the old file whole, which becomes `previous(file)`.

    OSError if it cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(numbers)
    try:
        with atomic_write(file) as fresh:
            save_file(tensors, fresh, metadata={"numbers": text, "crc32": _checksum(tensors, text)})
            if file.exists():
                os.replace(file, previous(file))
    except SafetensorError as error:  # how safetensors reports a full disk
        raise OSError(f"{file.name} cannot be written: {error}") from error


def load(file: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """What `save` wrote. FontdemoError if the file is missing, is not one, or is not as it was written."""
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise ValueError("it is too large")
        with safe_open(file, framework="pt") as parts:
            metadata = parts.metadata() or {}
            text = metadata["numbers"]
            tensors = {name: parts.get_tensor(name) for name in parts.keys()}
        if metadata.get("crc32", "") not in ("", _checksum(tensors, text)):  # states of old have none
            raise ValueError("its content has changed since it was written")
        return tensors, _checked(json.loads(text))
    except (OSError, SafetensorError, KeyError, RecursionError, ValueError) as error:
        raise FontdemoError(f"{file.name} holds no training state to resume from: {error}") from error


def load_newest(file: Path) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """What `save` wrote last; if that is damaged it goes, and what was written before takes its place. None without."""
    for each in (file, previous(file)):
        try:
            found = load(each)
        except FontdemoError:
            continue
        if each != file:
            os.replace(each, file)
        return found
    return None


def _checked(numbers: Any) -> dict[str, Any]:
    """`numbers`, if they can be a state's; what is missing is not missed here. ValueError if they cannot."""
    if not isinstance(numbers, dict):
        raise ValueError("its numbers have no names")
    for name in _WHOLE:
        if type(value := numbers.get(name, 0)) is not int or not 0 <= value < 1 << 40:
            raise ValueError(f"its {name} is out of range")
    for name in _POSITIVE:
        if type(value := numbers.get(name, 0)) not in (int, float) or not value >= 0:  # NaN is not
            raise ValueError(f"its {name} is out of range")
    return numbers


def _checksum(tensors: dict[str, Tensor], text: str) -> str:
    total = zlib.crc32(text.encode())
    for name in sorted(tensors):
        total = zlib.crc32(tensors[name].contiguous().view(-1).view(torch.uint8).numpy().data, total)
    return f"{total:08x}"
