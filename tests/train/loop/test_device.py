"""train.loop.device: which device, what it is called, what a CPU's flags say of bfloat16."""

from __future__ import annotations

import os

import pytest
import torch

from fontdemo.errors import FontdemoError
from train.loop import device


def test_auto_is_what_is_there_and_what_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert device.choose_device("auto").type == device.choose_device("cpu").type == "cpu"
    with pytest.raises(FontdemoError, match="no CUDA device"):
        device.choose_device("cuda")
    with pytest.raises(FontdemoError, match="tpu"):
        device.choose_device("tpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert device.choose_device("auto").type == "cuda" and device.choose_device("cpu").type == "cpu"


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ("sse2 avx512f avx512_bf16", True), ("sse2 amx_bf16", True), ("sse2 avx2", False), ("sse2 avx512f", None),
        ("asimd", None),
    ],
)
def test_a_cpu_says_whether_bfloat16_is_fast(flags: str, said: bool | None) -> None:
    assert device.says_bfloat16(flags.split()) is said


def test_the_cpu_is_named_with_its_threads_and_memory_is_counted_in_bytes() -> None:
    threads = torch.get_num_threads()
    assert device.device_name(torch.device("cpu")) == f"the CPU ({threads} thread{'' if threads == 1 else 's'})"
    with open(f"/proc/{os.getpid()}/status") as file:
        now = next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmRSS"))
    assert 0.5 * now < device.memory_used(torch.device("cpu")) < 100 * now
