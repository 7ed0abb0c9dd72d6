"""Designs against the report's tables and against real networks; and settings that make no network, told in words."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fontdemo.network.architectures import ARCHITECTURES
from fontdemo.network.network import Network
from fontdemo.network.report_claims import CLAIMS, tried
from fontdemo.network.stages import NetworkError
from fontdemo.network.what_if import (
    SETTINGS,
    DesignError,
    activation_titles,
    described,
    design,
    parse_settings,
    settings_of,
)
from tests.support import reporttables

BY_TITLE = {claim.title: found for claim, found in zip(CLAIMS, tried("course52"), strict=True)}


def test_the_layer_table_is_the_reports() -> None:
    found = design({}, "course52")
    assert [(row.title, row.computation, row.size) for row in found.rows] == reporttables.layer_rows()


def test_the_summary_is_the_reports() -> None:
    found = design({}, "course52")
    assert [(r.layer, str(list(r.out_shape)), r.parameters) for r in found.summary] == reporttables.summary()
    said = reporttables.totals()
    assert f"{found.total:,}" == said["Trainable params"] and f"{found.fixed:,}" == said["Non-trainable params"]
    assert found.sizes is not None
    sizes = (found.sizes.input, found.sizes.passes, found.sizes.parameters, found.sizes.total)
    assert [f"{size:.2f}" for size in sizes] == [said[name] for name in said if "(MB)" in name]


def test_what_the_report_counts_out_is_counted_so() -> None:
    formulas = "; ".join(row.formula for row in design({}, "course52").rows).split("; ")
    assert all(reporttables.plain(line) in formulas for line in reporttables.quoted("counted"))
    found = design({}, "course52")
    assert found.largest.short == "FC1" and f"{100 * found.fraction(found.largest):.0f}" == "84"


def test_kernel_9_has_the_same_sizes_and_other_parameters() -> None:
    listing, table = BY_TITLE["First kernel of 9"], BY_TITLE["The report's network"]
    assert [row.size for row in listing.rows] == [row.size for row in table.rows]
    assert listing.summary[0].parameters == (9 * 9 + 1) * 16
    assert table.summary[0].parameters == reporttables.summary()[0][2]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_is_described(name: str) -> None:
    network = Network(name)
    found = described(network)
    assert not found.problem and found.total == network.parameter_count == sum(row.parameters for row in found.rows)
    with torch.no_grad():
        outputs = network.eval().trace(torch.zeros(1, 1, 100, 100))
    wanted = ["×".join(map(str, output.shape[1:])) for output in outputs.values()]
    assert [row.size.replace(",", "") for row in found.rows[1:]] == wanted
    assert sum(row.parameters for row in found.summary) == found.total


@st.composite
def any_settings(draw: st.DrawFn) -> dict[str, Any]:
    """Settings of the form, now and then absurd."""
    count, width = draw(st.integers(1, 4)), draw(st.integers(0, 3))

    def listed(low: int, high: int, length: int = count) -> list[int]:
        return draw(st.lists(st.integers(low, high), min_size=length, max_size=length))

    activations = st.sampled_from(sorted(activation_titles()))
    return {
        "channels": listed(1, 8), "kernels": listed(1, 14), "strides": listed(1, 3), "paddings": listed(0, 4),
        "pool": draw(st.integers(1, 4)), "conv_activation": draw(activations), "flatten_activation": draw(activations),
        "widths": listed(1, 20, width),
        "fc_activations": draw(st.lists(activations, min_size=width, max_size=width)),
    }  # fmt: skip


@given(any_settings())
@settings(max_examples=40, deadline=None)
def test_shown_sizes_are_real_outputs_and_what_is_impossible_is_reported(chosen: dict[str, Any]) -> None:
    found = design(chosen, "course52")
    try:
        network = Network("report-cnn", options=chosen).eval()
    except NetworkError:
        assert re.fullmatch(r"These settings make no network\. \w+: a (kernel|window) of .+\.", found.problem)
        assert not found.fits and [row.short for row in found.rows if row.wrong] == [found.problem.split()[5][:-1]]
        return
    assert not found.problem
    with torch.no_grad():
        outputs = network.trace(torch.zeros(1, 1, 100, 100))
    wanted = ["×".join(map(str, output.shape[1:])) for output in outputs.values()]
    assert [row.size.replace(",", "") for row in found.rows[1:]] == wanted
    assert found.total == sum(p.numel() for p in network.parameters())


anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)


@given(st.fixed_dictionaries({name: anything | st.lists(anything, max_size=7) for name in SETTINGS}))
@settings(max_examples=100, deadline=None)
def test_whatever_a_browser_sends_gives_tables_or_a_sentence(chosen: dict[str, Any]) -> None:
    found = design(parse_settings(json.dumps(chosen)), "course52")
    assert found.rows[0].size == "1×100×100"
    assert found.problem.endswith(".") if found.problem else len(found.rows) > 1


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"kernels": [10, 5, 50]}, "Conv3: a kernel of 50×50 is larger than the 16×16"),
        ({"paddings": [2, 2, 0], "kernels": [10, 5, 13]}, "larger than the 12×12 that it would slide over."),
        ({"pool": 60}, "Pool1: a window of 60×60 is larger than the 48×48"),
        ({"kernels": [10, None, 5]}, "The 2nd convolution's kernel must be a whole number from 1 to 100."),
        ({"strides": [2, 0, 1]}, "The 2nd convolution's stride"),
        ({"channels": [16, 32, 2.5]}, "The 3rd convolution's number of maps"),
        ({"paddings": [-1, 2, 2]}, "The 1st convolution's padding must be a whole number from 0"),
        ({"widths": [512, None]}, "FC2's width"),
        ({"pool": None}, "The pooling's window"),
        ({"channels": []}, "Every convolutional layer needs all"),
        ({"conv_activation": "tanh"}, "An activation must be one of"),
        ({"channels": [4096] * 3}, "more than 20,000,000 parameters"),
    ],
    ids=str,
)
def test_what_is_impossible_says_where_and_why(changes: dict[str, Any], words: str) -> None:
    found = design(changes, "course52")
    assert words in found.problem and found.problem[0].isupper() and found.problem.endswith(".")
    assert not found.fits and found.sizes is None


def test_the_tables_stay_as_long_when_a_stage_fails() -> None:
    titles = [row.title for row in design({}, "course52").rows]
    assert [row.title for row in design({"kernels": [10, 5, 50]}, "course52").rows] == titles
    assert [row.title for row in design({"pool": 60}, "course52").rows] == titles


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"pool": 2}', "[" * 9_000, None, 3, "x" * 20_000])
def test_what_are_no_settings_is_refused(text: object) -> None:
    with pytest.raises(DesignError, match="a network's settings"):
        parse_settings(text)


def test_settings_of_a_network_make_that_network() -> None:
    options = {
        "channels": [4, 8],
        "kernels": [9, 3],
        "strides": [1, 2],
        "paddings": [0, 1],
        "widths": [],
        "fc_activations": [],
    }
    network = Network(options={**options, "dropout": 0.1})
    again = parse_settings(json.dumps(settings_of(network.options)))
    assert design({**network.options, **again}, "course52") == described(network)


def test_a_change_is_followed_at_once() -> None:
    torch.set_num_threads(1)  # as the page does
    design({}, "course52")  # the first pass takes longer
    times = []  # of the processor: what others do on this machine at the same time is not the page's
    for kernel in range(3, 12):
        start = time.process_time()
        design({"kernels": [kernel, 5, 5]}, "course52")
        times.append(time.process_time() - start)
    assert sorted(times)[len(times) // 2] < 0.1
