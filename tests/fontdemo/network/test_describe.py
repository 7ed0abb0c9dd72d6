"""The facts of the stages against the report's tables, and the formulas against what torch's layers really do."""

from __future__ import annotations

import re

import pytest
import torch
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from torch import nn

from fontdemo.network.describe import layer_table, megabytes, stage_facts, summary_rows
from fontdemo.network.network import Network
from fontdemo.network.stages import NetworkError

# The report's tables, as printed there.
REPORT_TABLE = [
    ("Input Layer", "–", "1×100×100"),
    ("1st Convolutional Layer", "((100+2×2)-(10-2))/2=48", "16×48×48"),
    ("1st Pooling Layer", "48/2=24", "16×24×24"),
    ("2nd Convolutional Layer", "(24+2×2)-(5-1)=24", "32×24×24"),
    ("2nd Pooling Layer", "24/2=12", "32×12×12"),
    ("3rd Convolutional Layer", "(12+2×2)-(5-1)=12", "32×12×12"),
    ("3rd Pooling Layer", "12/2=6", "32×6×6"),
    ("1st Flattening Layer", "32×6×6 → 1,152", "1,152"),
    ("1st FC Layer", "1,152 → 512", "512"),
    ("2nd FC Layer", "512 → 128", "128"),
    ("3rd FC Layer", "128 → 52", "52"),
]
REPORT_SUMMARY = """
Conv2d-1	[-1, 16, 48, 48]	1,616
BatchNorm2d-2	[-1, 16, 48, 48]	32
SiLU-3	[-1, 16, 48, 48]	0
MaxPool2d-4	[-1, 16, 24, 24]	0
Conv2d-5	[-1, 32, 24, 24]	12,832
BatchNorm2d-6	[-1, 32, 24, 24]	64
SiLU-7	[-1, 32, 24, 24]	0
MaxPool2d-8	[-1, 32, 12, 12]	0
Conv2d-9	[-1, 32, 12, 12]	25,632
BatchNorm2d-10	[-1, 32, 12, 12]	64
SiLU-11	[-1, 32, 12, 12]	0
MaxPool2d-12	[-1, 32, 6, 6]	0
Linear-13	[-1, 512]	590,336
Linear-14	[-1, 128]	65,664
Linear-15	[-1, 52]	6,708
""".strip()


@pytest.fixture(scope="module")
def cnn() -> Network:
    return Network("report-cnn")


def result(formula: str) -> int:
    """The number after a formula's last "=" sign."""
    return int(formula.rpartition("=")[2].replace(",", ""))


def value(formula: str) -> int:
    """What the left side of a formula comes to, by Python's own arithmetic."""
    left = formula.rpartition("=")[0].removeprefix("batch norm ")
    expression = left.replace("×", "*").replace("/", "//").replace("⌊", "(").replace("⌋", ")").replace(",", "")
    assert re.fullmatch(r"[\d()+\-*/]+", expression)
    return int(eval(expression))


def test_layer_table_is_the_reports(cnn: Network) -> None:
    assert layer_table(cnn) == REPORT_TABLE


def test_summary_is_the_reports(cnn: Network) -> None:
    lines = [f"{row.layer}\t{list(row.out_shape)}\t{row.parameters:,}" for row in summary_rows(cnn)]
    assert "\n".join(lines) == REPORT_SUMMARY
    assert sum(row.parameters for row in summary_rows(cnn)) == 702_948


def test_sizes_are_the_reports(cnn: Network) -> None:
    size = megabytes(cnn)
    rounded = [f"{x:.2f}" for x in (size.input, size.passes, size.parameters, size.total)]
    assert rounded == ["0.04", "1.49", "2.68", "4.21"]


def test_parameters_are_counted_in_the_reports_way(cnn: Network) -> None:
    facts = {f.name: f for f in stage_facts(cnn)}
    assert facts["conv1"].parameter_formula == "(10×10×1+1)×16=1,616; batch norm 2×16=32"
    assert facts["conv2"].parameter_formula == "(5×5×16+1)×32=12,832; batch norm 2×32=64"
    assert facts["fc1"].parameter_formula == "(32×6×6+1)×512=590,336"
    assert facts["fc2"].parameter_formula == "(512+1)×128=65,664"
    assert facts["pool1"].parameter_formula == ""
    assert sum(f.parameters for f in facts.values()) == 702_948


def test_short_names_and_kinds(cnn: Network) -> None:
    facts = stage_facts(cnn)
    assert [f.short for f in facts] == "Conv1 Pool1 Conv2 Pool2 Conv3 Pool3 Flatten FC1 FC2 FC3".split()
    assert [f.kind for f in facts] == ["conv", "pool"] * 3 + ["flatten"] + ["fc"] * 3
    assert facts[0].sentence.startswith("16 filters of 10×10 slide over the image in steps of 2;")
    assert "SiLU once more" in facts[6].sentence and "a sigmoid" in facts[8].sentence


def test_crnn_describes_itself() -> None:
    network = Network("report-crnn")
    facts = {f.name: f for f in stage_facts(network)}
    assert [f.short for f in facts.values()] == ["Conv1", "Pool1", "Conv2", "Pool2", "GRU", "FC"]
    assert facts["conv2"].size_formula == "(24-(10-2))/2=8"
    assert facts["gru"].size_formula == "32×4×4 → 1×512 → 256"
    assert facts["gru"].parameter_formula == "3×(512+256+2)×256=591,360; 3×(256+256+2)×256=394,752"
    assert sum(f.parameters for f in facts.values()) == 1_052_420
    gru = next(row for row in summary_rows(network) if row.layer.startswith("GRU"))
    assert (gru.out_shape, gru.parameters) == ((-1, 1, 256), 591_360 + 394_752)


def test_a_stage_of_another_kind_is_shown_with_its_numbers() -> None:
    network = Network("report-cnn")
    network.stages["extra"] = nn.Softplus()
    last = stage_facts(network)[-1]
    assert (last.kind, last.out_shape, last.parameters, last.size_formula) == ("other", (52,), 0, "")


def test_reading_the_facts_changes_nothing() -> None:
    network = Network("report-cnn").train()
    before = {k: v.clone() for k, v in network.state_dict().items()}
    stage_facts(network), summary_rows(network)
    assert network.training
    assert all(torch.equal(before[k], v) for k, v in network.state_dict().items())
    assert not any(layer._forward_hooks for layer in network.modules())


@given(
    channels=st.lists(st.integers(1, 6), min_size=2, max_size=2),
    kernels=st.lists(st.integers(1, 9), min_size=2, max_size=2),
    strides=st.lists(st.integers(1, 3), min_size=2, max_size=2),
    paddings=st.lists(st.integers(0, 3), min_size=2, max_size=2),
    pool=st.integers(1, 3),
    widths=st.lists(st.integers(1, 9), max_size=2),
)
@settings(max_examples=40, deadline=None)
def test_facts_are_those_of_the_layers_for_any_settings(
    channels: list[int], kernels: list[int], strides: list[int], paddings: list[int], pool: int, widths: list[int]
) -> None:
    options = {"channels": channels, "kernels": kernels, "strides": strides, "paddings": paddings, "pool": pool}
    try:
        network = Network(options={**options, "widths": widths, "fc_activations": ["relu"] * len(widths)}).eval()
    except NetworkError:  # nothing is left of the image
        reject()
    image = torch.rand(1, 1, 100, 100)
    for facts, stage in zip(stage_facts(network), network.stages.values(), strict=True):
        assert tuple(image.shape[1:]) == facts.in_shape
        with torch.no_grad():
            image = stage(image)
        assert tuple(image.shape[1:]) == facts.out_shape
        assert facts.parameters == sum(p.numel() for p in stage.parameters())
        if facts.kind in ("conv", "pool"):
            assert result(facts.size_formula) == value(facts.size_formula) == image.shape[-1]
        else:
            assert facts.size_formula.endswith(f"→ {image.shape[-1]:,}")
        terms = facts.parameter_formula.split("; ") if facts.parameter_formula else []
        assert [value(term) for term in terms] == [result(term) for term in terms]
        assert sum(result(term) for term in terms) == facts.parameters
    assert sum(f.parameters for f in stage_facts(network)) == network.parameter_count
