"""Normalisation and dropout as HTML: the numbers beside the pictures are those of the values."""

from __future__ import annotations

import re

import numpy as np
import pytest

from fontdemo.alphabet import get_alphabet
from fontdemo.network.regularization import Dropped, Normalised
from fontdemo.ui.html import number
from fontdemo.ui.ideas import regularization_view as view
from tests.support.outline import Outline

RNG = np.random.default_rng(0)


def normalised(maps: int = 3) -> Normalised:
    before = RNG.normal(1, 2, (maps, 8, 8)).astype(np.float32)
    mean, variance, weight, bias = (RNG.uniform(0.5, 2, maps).astype(np.float32) for _ in range(4))
    each = (values[:, None, None] for values in (weight, mean, variance, bias))
    w, m, v, b = each
    return Normalised(before, w * (before - m) / np.sqrt(v + 1e-5) + b, mean, variance, weight, bias, 1e-5)


def text(html: str) -> str:
    return Outline(re.sub(r"<(path|rect)([^>]*)/>", r"<\1\2></\1>", html)).text


@pytest.mark.parametrize("chosen", [0, 2, 99, -1])
def test_the_formula_has_the_numbers_of_the_chosen_map(chosen: int) -> None:
    shown = normalised()
    html = view.normalisation(shown, chosen)
    index = min(max(chosen, 0), 2)
    assert f"Map {index + 1} y = " in text(html) and html.count("histogram-chosen") == 2
    after = shown.after[index]
    assert f"mean {number(after.mean())}, spread {number(after.std())}" in text(html)
    scale, x = shown.weight[index] / np.sqrt(shown.variance[index] + 1e-5), shown.before[index]
    said = re.search(r"= ([0-9.]+) x \+ \(?(−?[0-9.]+)\)?$", text(html).strip().split("<")[0].splitlines()[-1].strip())
    assert said, text(html)
    assert float(said[1]) == pytest.approx(scale, rel=0.01)
    assert float(said[2].replace("−", "-")) == pytest.approx((after - scale * x).mean(), abs=0.02)


def test_dropout_counts_what_it_set_to_zero_and_names_both_answers() -> None:
    alphabet = get_alphabet("course52")
    before = RNG.uniform(0.1, 1, 40).astype(np.float32)
    kept = np.arange(40) % 4 > 0
    answers = np.zeros((2, len(alphabet)), np.float32)
    answers[0, alphabet.classes.index("7")], answers[1, alphabet.classes.index("A")] = 0.75, 0.5
    shown = Dropped(before, np.where(kept, before / 0.75, 0).astype(np.float32), kept, *answers)
    said = text(view.dropout(shown, 0.25, alphabet))
    assert "10 of 40 values set to 0 (25.0 % with p = 0.25), the others divided by 0.75." in said
    assert "The network answers A (50.0 %) instead of 7 (75.0 %)." in said
    assert "0 of 40 are 0" in said and "10 of 40 are 0" in said
    same = Dropped(before, shown.after, kept, answers[1], 0.6 * answers[1])
    said = text(view.dropout(same, 0.25, alphabet))
    assert "The network still answers A (30.0 %; with all values 50.0 %)." in said and "instead of" not in said


def test_what_is_all_one_value_has_a_histogram_too() -> None:
    shown = normalised(1)
    flat = Normalised(np.ones_like(shown.before), np.ones_like(shown.after), *[
        getattr(shown, name) for name in ("mean", "variance", "weight", "bias", "epsilon")
    ])  # fmt: skip
    assert "nan" not in view.normalisation(flat, 0)
