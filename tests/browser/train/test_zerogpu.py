"""Training on a ZeroGPU Space in a real browser, with the real `spaces`: slice by slice, on the visitor's own quota."""

from __future__ import annotations

import base64
import contextlib
import importlib.util
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.train.conftest import opened
from tests.support.servers.pageserver import PageProcess
from tests.support.servers.zerogpu_server import POOR
from tests.support.training import letter_set
from train.runs import trainer
from train.runs.folder import RunFolder

pytestmark = pytest.mark.skipif(importlib.util.find_spec("spaces") is None, reason="spaces is not installed")

PATIENCE = 90_000

ADA = ".".join(("x", base64.urlsafe_b64encode(b'{"user": "ada"}').decode().rstrip("="), "x"))


class Space(PageProcess):
    """The page in a process of its own, and what the service that lends cards was asked."""

    def __init__(self, folder: Path) -> None:
        self.sample, self.runs, self.notes = folder / "small.npz", folder / "home" / "runs", folder / "notes"
        letter_set().save(self.sample)
        more = {"OMP_NUM_THREADS": "1", "SPACES_ZERO_GPU": "true"}
        super().__init__("tests.support.servers.zerogpu_server", self.sample, self.runs, self.notes, more=more)
        self.url = self.start()

    def asked(self, path: str) -> list[dict[str, Any]]:
        noted = [json.loads(line) for line in self.notes.read_text().splitlines()]
        return [one for one in noted if one["path"] == path]


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Space]:
    made = Space(tmp_path_factory.mktemp("space"))
    yield made
    made.end()


@pytest.fixture
def visit(browser: Browser, space: Space) -> Iterator[Callable[[str], Page]]:
    """Opens the Train tab for the visitor whom this token names, as a Space's proxy adds it to each request."""
    with contextlib.ExitStack() as stack:
        yield lambda token: opened(browser, space.url, stack, [], extra_http_headers={"x-ip-token": token})


def test_the_space_announces_its_function_before_it_serves(space: Space) -> None:
    assert len(space.asked("/startup-report")) == 1


def test_a_run_is_a_row_of_slices_on_the_visitors_quota_and_equals_an_unbroken_one(
    space: Space, visit: Callable[[str], Page], tmp_path: Path
) -> None:
    page = visit(ADA)
    expect(page.locator("#estimate")).to_contain_text("A day's quota is 2 minutes without an account")
    page.locator("#start").click()
    # A process is forked for each step, and a second try would find the first one's run and slices.
    expect(page.locator("#run-card .pill")).to_have_text("finished", timeout=4 * PATIENCE)
    [folder] = [file.parent for file in space.runs.glob("*/recipe.json")]
    run = RunFolder(folder)
    steps = run.plan().recipe.epochs * -(-len(letter_set().part("train")[1]) // run.plan().recipe.batch)
    slices = space.asked("/schedule")
    assert len(slices) in (steps, steps + 1) and len(slices) > 2
    assert {one["token"] for one in slices} == {ADA} and {one["durationSeconds"] for one in slices} == {"60"}
    assert {one["taskId"] for one in slices} == {slices[0]["taskId"]}
    assert [one["fail"] for one in space.asked("/release")] == ["false"] * len(slices)
    # What trained was forked for it, while the page's own process stands for the run.
    assert {int(one["pid"]) for one in space.asked("/allow")}.isdisjoint({run.state()["pid"]})
    assert run.state()["pid"] == space.pid and run.state()["status"] == "finished"

    RunFolder.create(tmp_path / "whole", run.plan().recipe, space.sample, device="cpu")
    trainer.execute(tmp_path / "whole")
    clocks = ("seconds", "images_per_second", "memory", "device")
    rows = [[{k: v for k, v in row.items() if k not in clocks} for row in RunFolder(one).metrics()]
            for one in (folder, tmp_path / "whole")]  # fmt: skip
    assert rows[0] == rows[1]
    weights = [(one / "best" / "model.safetensors").read_bytes() for one in (folder, tmp_path / "whole")]
    assert weights[0] == weights[1]


def test_who_has_no_quota_left_is_told_so_and_can_go_on_another_day(
    space: Space, visit: Callable[[str], Page]
) -> None:
    page = visit(f"x.{base64.urlsafe_b64encode(b'{}').decode()}.{POOR}")
    page.locator("#start").click()
    # Where it can be seen: the run's log, which is folded up, has it too, and stands before what says so on the page.
    told = page.get_by_text("You have exceeded your ZeroGPU quota").filter(visible=True)
    expect(told.first).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#run-card .pill")).to_have_text("stopped", timeout=PATIENCE)
    expect(page.locator("#resume")).to_be_enabled(timeout=PATIENCE)
