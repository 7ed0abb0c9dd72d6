"""What every test starts from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(autouse=True)
def _whole_numbers() -> Iterator[None]:
    """Training sets this process to flush denormals; whoever counts on IEEE 754 after it must not notice."""
    yield
    torch.set_flush_denormal(False)
