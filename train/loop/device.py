"""The device that training runs on: which one, what people call it, how much of its memory the run holds; and images
that lie there without being held twice.
"""

from __future__ import annotations

import functools
import resource
import sys
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from fontdemo.errors import FontdemoError
from train.data.glyphset import PARTS, GlyphSet

DEVICES = ("auto", "cpu", "cuda")

# Images that are copied to another device at a time.
_AT_ONCE = 4096


def choose_device(name: str) -> torch.device:
    """The device for "auto" (CUDA where there is one), "cpu" or "cuda"; FontdemoError where that is not to be had."""
    if name not in DEVICES:
        raise FontdemoError(f"no device {name!r}; there are {', '.join(DEVICES)}")
    if name == "cuda" and not torch.cuda.is_available():
        raise FontdemoError("this machine has no CUDA device that torch can use; choose auto or cpu")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def in_bfloat16(precision: str, device: torch.device) -> bool:
    """Whether a recipe of this precision trains in bfloat16 on the device."""
    return precision == "bfloat16" or (precision == "auto" and fast_bfloat16(device.type))


@functools.lru_cache
def fast_bfloat16(kind: str) -> bool:
    """Whether bfloat16 autocast is faster than float32 on a device of this kind ("cpu" or "cuda") of this machine.

    A CPU says so itself; where it leaves it open, a tenth of a second of convolutions decides.
    """
    if kind == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    known = says_bfloat16(_cpu_flags())
    return _measured_bfloat16() if known is None else known


def says_bfloat16(flags: Collection[str]) -> bool | None:
    """What a CPU's flags (of /proc/cpuinfo) say of bfloat16: faster, slower, or (None) that it has to be tried."""
    if {"avx512_bf16", "amx_bf16"} & set(flags):
        return True
    if "sse2" in flags and "avx512f" not in flags:  # x86 without wide registers: it is imitated, at half the speed
        return False
    return None


def _cpu_flags() -> frozenset[str]:
    """The CPU's abilities as Linux names them; empty elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    listed = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return frozenset(listed.partition(":")[2].split())


def _measured_bfloat16() -> bool:
    """Whether a convolution forward and backward takes less time in bfloat16."""
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(16, 32, 26, 26, generator=generator)
    kernels = torch.rand(64, 32, 5, 5, generator=generator, requires_grad=True)

    def seconds(enabled: bool) -> float:
        took = []
        for _ in range(4):
            began = time.perf_counter()
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=enabled):
                made = torch.nn.functional.conv2d(images, kernels)
            made.float().sum().backward()  # type: ignore[no-untyped-call]
            took.append(time.perf_counter() - began)
        return min(took)

    return seconds(True) < 0.9 * seconds(False)


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


@dataclass(frozen=True, eq=False)
class Images:
    """The images of `whole`, uint8 (N, H, W), at `rows`, int64 (n,); used like the tensor (n, H, W) that they make."""

    whole: Tensor
    rows: Tensor

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, which: Tensor | slice) -> Tensor:
        """Copies of the images at indices (int64), or of a slice."""
        return self.whole.index_select(0, self.rows[which])

    @property
    def device(self) -> torch.device:
        """Where they lie."""
        return self.whole.device

    def to(self, device: torch.device) -> Images | Tensor:
        """Themselves where they lie there already, else a tensor there of these images alone."""
        if self.device == device:
            return self
        made = torch.empty((len(self), *self.whole.shape[1:]), dtype=self.whole.dtype, device=device)
        for start in range(0, len(self), _AT_ONCE):
            made[start : start + _AT_ONCE] = self[start : start + _AT_ONCE].to(device)
        return made


def part_of(data: GlyphSet, part: str) -> tuple[Images, Tensor]:
    """The images of a part of `data`, whose memory they share, and their labels, int64 (n,)."""
    rows = torch.from_numpy(np.flatnonzero(data.split == PARTS.index(part)))
    return Images(torch.from_numpy(data.images), rows), torch.from_numpy(data.labels[rows])


def outliers_of(data: GlyphSet, part: str) -> Images:
    """The images of no character in a part of `data`, whose memory they share."""
    rows = torch.from_numpy(np.flatnonzero(data.outlier_split == PARTS.index(part)))
    return Images(torch.from_numpy(data.outliers), rows)
