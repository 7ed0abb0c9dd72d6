"""What every test starts from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

_BROWSER = Path(__file__).parent / "browser"

#: Its folders whose files are quick come after the others: two processes then end at about the same time.
_LATE = {"browser": 2, "read": 3, "live": 4}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser comes last: Playwright leaves an event loop running in its process, which no other test must meet."""
    items.sort(key=lambda one: one.path.is_relative_to(_BROWSER) and _LATE.get(one.path.parent.name, 1))


@pytest.fixture(autouse=True)
def _whole_numbers() -> Iterator[None]:
    """Training sets this process to flush denormals; whoever counts on IEEE 754 after it must not notice."""
    yield
    torch.set_flush_denormal(False)


@pytest.fixture(scope="session", autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test, nor a process that one starts, sees or fills what this user's programs remember and fetched."""
    before = {name: os.environ.get(name) for name in ("FONTDEMO_CACHE", "FONTDEMO_FONTS")}
    for name in before:
        os.environ[name] = str(tmp_path_factory.mktemp("own") / name.lower())
    yield
    for name, value in before.items():
        os.environ.pop(name)
        if value is not None:
            os.environ[name] = value
