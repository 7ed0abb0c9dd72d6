"""The device that training runs on: which one, what people call it, how much of its memory the run holds."""

from __future__ import annotations

import resource
import sys

import torch

from fontdemo.errors import FontdemoError

DEVICES = ("auto", "cpu", "cuda")


def choose_device(name: str) -> torch.device:
    """The device for "auto" (CUDA where there is one), "cpu" or "cuda"; FontdemoError where that is not to be had."""
    if name not in DEVICES:
        raise FontdemoError(f"no device {name!r}; there are {', '.join(DEVICES)}")
    if name == "cuda" and not torch.cuda.is_available():
        raise FontdemoError("this machine has no CUDA device that torch can use; choose auto or cpu")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def device_name(device: torch.device) -> str:
    """How a device is called for people: "the CPU (2 threads)" or the name of the graphics card."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return f"the CPU ({threads} {'thread' if threads == 1 else 'threads'})"


def memory_used(device: torch.device) -> int:
    """Bytes at most held so far: by this process in main memory, or by its tensors on the graphics card."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # macOS counts bytes, Linux KiB
