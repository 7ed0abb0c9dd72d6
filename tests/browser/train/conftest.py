"""The page with the Train tab in a process of its own, and how a test opens it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from playwright.sync_api import Browser, Page

from fontdemo.network import pretrained
from fontdemo.network.network import Network
from tests.support.servers.pageserver import PageProcess, free_port
from tests.support.training import letter_set

PATIENCE = 60_000  # milliseconds; two cores train, serve and show at once


class Server(PageProcess):
    """The page in a process of its own, with its folders; on one port, however often it is started."""

    def __init__(self, folder: Path, weights: Path | None = None, threads: int = 1, when: str = "visited") -> None:
        self.runs, self.data = folder / "home" / "runs", folder / "small.npz"
        if weights is None:
            weights = folder / "weights"
            torch.manual_seed(0)
            pretrained.save(Network(), weights / "report-cnn", "")
        letter_set().save(self.data)
        more = {"OMP_NUM_THREADS": str(threads)}
        super().__init__("tests.support.servers.train_server", weights, self.runs, free_port(), when, more=more)
        self.url = self.start()

    def trained(self, run: str) -> float:
        """Epochs that the run has done, by its metrics."""
        lines = (self.runs / run / "metrics.jsonl").read_text().splitlines()
        return float(json.loads(lines[-1])["at"]) if lines else 0.0

    def accuracy(self, run: str) -> float:
        """The best on the validation part, 0..1, after any epoch so far."""
        rows = [json.loads(line) for line in (self.runs / run / "metrics.jsonl").read_text().splitlines()]
        return max((row["valid_accuracy"] for row in rows if row["kind"] == "epoch"), default=0.0)

    def trainer(self, run: str) -> int:
        return int(json.loads((self.runs / run / "state.json").read_text())["pid"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("train"))
    yield made
    for state in made.runs.glob("*/state.json"):
        record = json.loads(state.read_text())
        if record["status"] == "running":
            os.kill(record["pid"], signal.SIGKILL)
    made.end()


def opened(browser: Browser, url: str, stack: contextlib.ExitStack, troubles: list[str], **options: Any) -> Page:
    """The page at its Train tab, in a browser's context with these options, which closes with the stack.

    troubles: gets the errors of its scripts.
    """
    context = stack.enter_context(browser.new_context(viewport={"width": 1280, "height": 900}, **options))
    page = context.new_page()
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    page.get_by_role("tab", name="Train").click()
    return page


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Callable[..., Page]]:
    """Opens the page at the Train tab; a script error fails the test, but for those of a server that is away."""
    troubles: list[str] = []
    with contextlib.ExitStack() as stack:
        yield lambda: opened(browser, server.url, stack, troubles)
    assert not [trouble for trouble in troubles if "fetch" not in trouble.lower()]
