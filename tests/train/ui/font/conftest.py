"""Fonts and untrained networks, for the tests of the Font tab."""

from __future__ import annotations

import pytest
import torch

from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.ui.context import NetworkStore
from tests.support.letters import FONTS
from tests.train.fonts.test_sandbox import small_font
from train.fonts.sandbox import Specimen, read_font


@pytest.fixture(scope="module")
def sans() -> Specimen:
    return read_font(FONTS / "DejaVuSans.ttf")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Specimen:
    return read_font(small_font(tmp_path_factory.mktemp("font") / "small.ttf", "Ac7", "B"))


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> NetworkStore:
    root = tmp_path_factory.mktemp("weights")
    for alphabet in ("course52", "letters52"):
        torch.manual_seed(0)
        pretrained.save(Network(alphabet=alphabet), root / alphabet, "")
    return NetworkStore(lambda: {name: root / name for name in ("course52", "letters52")})
