"""fontdemo.network.formulas: each formula against the layer that it describes."""

from __future__ import annotations

import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from fontdemo.network import formulas
from tests.fontdemo.network.test_describe import result, value


@given(size=st.integers(1, 40), kernel=st.integers(1, 12), stride=st.integers(1, 5), padding=st.integers(0, 4))
@settings(max_examples=150, deadline=None)
def test_sliding_formula_is_what_a_convolution_does(size: int, kernel: int, stride: int, padding: int) -> None:
    assume(size + 2 * padding >= kernel)
    out = nn.Conv2d(1, 1, kernel, stride, padding)(torch.zeros(1, 1, size, size)).shape[-1]
    text = formulas.sliding(size, kernel, stride, padding)
    assert result(text) == value(text) == out
    assert ("⌊" in text) == ((size + 2 * padding - kernel) % stride != 0)


@given(size=st.integers(1, 60), kernel=st.integers(1, 8))
@settings(max_examples=100, deadline=None)
def test_pooling_formula_is_what_a_pooling_does(size: int, kernel: int) -> None:
    assume(size >= kernel)
    out = nn.MaxPool2d(kernel)(torch.zeros(1, 1, size, size)).shape[-1]
    assert result(formulas.pooling(size, kernel)) == value(formulas.pooling(size, kernel)) == out


@given(inputs=st.integers(1, 20), width=st.integers(1, 20), layers=st.integers(1, 3))
@settings(max_examples=30, deadline=None)
def test_gru_formula_counts_a_real_gru(inputs: int, width: int, layers: int) -> None:
    terms = [formulas.gru_parameters(size, width) for size in [inputs] + [width] * (layers - 1)]
    assert sum(map(result, terms)) == sum(p.numel() for p in nn.GRU(inputs, width, layers).parameters())


def test_ordinals() -> None:
    assert [formulas.ordinal(n) for n in (1, 2, 3, 4, 11, 12, 21)] == "1st 2nd 3rd 4th 11th 12th 21st".split()
