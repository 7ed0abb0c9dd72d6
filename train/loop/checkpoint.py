"""A training state in one safetensors file: tensors by name, plain numbers in the header. Nothing is ever unpickled."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from fontdemo.errors import FontdemoError


def save(file: Path, tensors: dict[str, Tensor], numbers: dict[str, Any]) -> None:
    """Write beside and rename: a full disk or a crash leaves the old file whole. OSError if it cannot be written."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    try:
        save_file(tensors, fresh, metadata={"numbers": json.dumps(numbers)})
        os.replace(fresh, file)
    except SafetensorError as error:  # how safetensors reports a full disk
        raise OSError(f"{file} cannot be written: {error}") from error
    finally:
        fresh.unlink(missing_ok=True)


def load(file: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """What `save` wrote. FontdemoError if the file is missing or is not one."""
    try:
        with safe_open(file, framework="pt") as parts:
            numbers = json.loads((parts.metadata() or {})["numbers"])
            return {name: parts.get_tensor(name) for name in parts.keys()}, numbers
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise FontdemoError(f"{file.name} holds no training state to resume from: {error}") from error
