"""train.loop.checkpoint: what was saved comes back to the bit, and damage gives way to the state before."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from fontdemo.errors import FontdemoError
from train.loop import checkpoint


def _state(seed: int) -> dict[str, torch.Tensor]:
    rng = torch.Generator().manual_seed(seed)
    weights = torch.randn(3, 4, generator=rng)
    return {"weights": weights, "random": torch.arange(9, dtype=torch.uint8), "one": torch.ones(())}


def _same(found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor]) -> bool:
    return found.keys() == expected.keys() and all(torch.equal(found[name], expected[name]) for name in expected)


def test_a_state_comes_back_and_the_one_before_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "last" / "state.safetensors"
    assert checkpoint.load_newest(file) is None
    checkpoint.save(file, _state(1), {"epoch": 1, "best": None})
    checkpoint.save(file, _state(2), {"epoch": 2, "best": 0.25})
    tensors, numbers = checkpoint.load(file)
    assert _same(tensors, _state(2)) and numbers == {"epoch": 2, "best": 0.25}
    tensors, numbers = checkpoint.load(checkpoint.previous(file))
    assert _same(tensors, _state(1)) and numbers == {"epoch": 1, "best": None}


def test_a_flipped_bit_is_noticed_and_the_state_before_takes_its_place(tmp_path: Path) -> None:
    file = tmp_path / "state.safetensors"
    checkpoint.save(file, _state(1), {"epoch": 1})
    checkpoint.save(file, _state(2), {"epoch": 2})
    content = bytearray(file.read_bytes())
    content[-3] ^= 1
    file.write_bytes(content)
    with pytest.raises(FontdemoError, match=r"state\.safetensors"):
        checkpoint.load(file)
    found = checkpoint.load_newest(file)
    assert found is not None and found[1] == {"epoch": 1} and _same(found[0], _state(1))
    assert _same(checkpoint.load(file)[0], _state(1)) and not checkpoint.previous(file).exists()


@pytest.mark.parametrize("content", [b"", b"nothing of the kind", b"\x80\x04N."])
def test_what_is_no_state_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "state.safetensors"
    file.write_bytes(content)
    with pytest.raises(FontdemoError):
        checkpoint.load(file)
    assert checkpoint.load_newest(file) is None


@pytest.mark.parametrize("changed", [
    {"epoch": -1_000_000_000}, {"epoch": 0.5}, {"epoch": "1"}, {"epoch": True}, {"step": -1}, {"step": 10**30},
    {"reported": None}, {"best_epoch": []}, {"seconds": float("nan")}, {"seconds": -1e18}, {"seconds": "0"},
    {"best_error": -1.0}, {"best_error": float("nan")},
])  # fmt: skip
def test_numbers_with_which_training_would_never_end_are_refused(tmp_path: Path, changed: dict[str, object]) -> None:
    """Whoever writes them knows how to make their checksum."""
    file = tmp_path / "state.safetensors"
    numbers = {"epoch": 1, "step": 2, "reported": 2, "best_epoch": 1, "best_error": float("inf"), "seconds": 1.5}
    checkpoint.save(file, _state(1), numbers)
    assert checkpoint.load(file)[1] == numbers
    checkpoint.save(file, _state(1), numbers | changed)
    with pytest.raises(FontdemoError, match=f"its {next(iter(changed))} is out of range"):
        checkpoint.load(file)


def test_a_state_of_nothing_but_its_size_or_without_names_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "state.safetensors"
    for numbers in ([1, 2], "text", None):
        checkpoint.save(file, _state(1), numbers)  # type: ignore[arg-type]  # as an attacker may
        with pytest.raises(FontdemoError, match="have no names"):
            checkpoint.load(file)
    checkpoint.save(file, _state(1), {"epoch": 1})
    with open(file, "r+b") as opened:
        opened.truncate(1 << 40)  # a terabyte that takes no room
    with pytest.raises(FontdemoError, match="too large"):
        checkpoint.load(file)
