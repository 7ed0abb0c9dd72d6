"""fontdemo.network.stages: sizes as torch makes them, and folding."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode

from fontdemo.alphabet import get_alphabet
from fontdemo.network.stages import Fold, NetworkError, sliding_size


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 40), st.integers(0, 12), st.integers(0, 5), st.integers(0, 5))
def test_the_size_formula_is_what_torch_does(size: int, kernel: int, stride: int, padding: int) -> None:
    try:
        wanted = functional.conv1d(torch.zeros(1, 1, size), torch.zeros(1, 1, kernel), None, stride, padding).shape[-1]
    except RuntimeError:
        wanted = None
    try:
        found = sliding_size(size, kernel, stride, padding)
    except NetworkError:
        found = None
    assert found == wanted


def test_before_folding_the_cases_are_told_where_one_is_far_likelier() -> None:
    fold = Fold(get_alphabet("course52"))
    classes, every = get_alphabet("course52").classes, get_alphabet("alnum62").classes
    logits = np.zeros((2, 62), np.float32)
    logits[0, every.index("O")] = 3.0  # e^3 = 20 times o
    logits[0, every.index("c")] = 2.0  # e^2 = 7.4 times C: not enough
    assert fold.likelier(logits, 9.0) == [{classes.index("o"): "O"}, {}]
    assert fold.likelier(logits, 7.0) == [{classes.index("o"): "O", classes.index("C"): "c"}, {}]
    assert Fold(get_alphabet("letters52")).likelier(logits, 7.0) == [{}, {}]


def test_folding_makes_no_tensor_on_the_host_and_moves_with_the_network() -> None:
    """Which is what capturing a CUDA graph asks for; and weights files hold nothing of it."""
    fold, logits = Fold(get_alphabet("course52")), torch.zeros(3, 62)
    assert not fold.state_dict()
    wanted = fold(logits)

    class NoLists(TorchDispatchMode):
        """A tensor made from a list, by `torch.tensor` or by indexing with one, passes through lift_fresh."""

        def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            assert "lift_fresh" not in str(function)
            return function(*args, **(kwargs or {}))

    with NoLists():
        torch.testing.assert_close(fold(logits), wanted)
    with torch.device("meta"):
        sketch = Fold(get_alphabet("course52"))
        assert sketch(torch.zeros(3, 62)).shape == (3, 52)
    assert fold.to("meta")(logits.to("meta")).device.type == "meta"


def test_folding_huge_values_overflows_nowhere() -> None:
    folded = Fold(get_alphabet("course52"))(torch.full((1, 62), 3e4).index_fill_(1, torch.tensor([5]), -3e4))
    assert torch.isfinite(folded).all()
    assert folded.argmin() == 5
