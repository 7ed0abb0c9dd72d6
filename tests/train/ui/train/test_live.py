"""train.ui.train.live: what is shown is what lies on disk, and only what has changed is sent."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.runs import make_run, row
from tests.train.ui.train.test_tab import HOME, HOSTED, QUICK
from train.access import Access
from train.loop.recipe import Recipe
from train.run_state import RunState
from train.runs import background
from train.runs.folder import RunFolder
from train.runs.summary import summaries
from train.ui.train import live


@pytest.mark.parametrize(
    ("status", "start", "stop", "resume"),
    [("stopped", True, False, True), ("running", False, True, False), ("finished", True, False, False),
     ("time limit", True, False, True), ("early stop", True, False, False), ("failed", True, False, True)],
)  # fmt: skip
def test_buttons_do_something_when_they_are_enabled(
    root: Path, status: str, start: bool, stop: bool, resume: bool
) -> None:
    make_run(root, "a", status=status)
    shown = live.parts(background.Launcher(root), HOME, live.View(), "report")
    assert (shown["start"], shown["stop"], shown["resume"]) == (start, stop, resume)
    assert not shown["read"]  # there is no best yet
    closed = live.parts(background.Launcher(root), HOSTED, live.View(), "report")
    assert not (closed["start"] or closed["stop"] or closed["resume"])


def test_a_run_at_its_limit_goes_on_with_more_time_where_that_is_allowed(root: Path) -> None:
    recipe = Recipe(epochs=10, minutes=3.0)  # three epochs took three minutes
    folder = make_run(root, "a", status="time limit", recipe=recipe)
    (found,) = summaries(root)
    assert live.more_minutes(found, HOME) == 12.0 == found.more_minutes
    assert live.more_minutes(found, QUICK) == 5.0  # as long as any run may take there
    limited = replace(QUICK, limits=replace(QUICK.limits, minutes=3.0))
    assert live.more_minutes(found, limited) is None and not live.goes_on(found, limited)
    shown = live.parts(background.Launcher(root), HOME, live.View(), "report")
    assert shown["resume"] and "Resume goes on from here, with a limit of 12 minutes." in shown["card"]
    RunFolder(folder).write_state(RunState.FINISHED)
    assert live.more_minutes(summaries(root)[0], HOME) is None


def test_no_card_is_marked_while_another_tabs_network_is_the_one_to_train(root: Path) -> None:
    def shown(view: live.View) -> str:
        return str(live.parts(background.Launcher(root), HOME, view, "quick")["choices"])

    assert shown(live.View()).count(" checked") == 1 and " checked" not in shown(live.View(designed=True))


def test_only_changes_are_sent(root: Path) -> None:
    folder = make_run(root, "a")
    starter, view = background.Launcher(root), live.View()
    everything = view.news(live.parts(starter, HOME, view, "report"))
    assert {"card", "curves", "log", "table", "start"} <= set(everything)
    assert view.news(live.parts(starter, HOME, view, "report")) == {}
    with open(folder / "metrics.jsonl", "a") as file:
        file.write(json.dumps(row(4, 0.2, 0.9)) + "\n")
    assert set(view.news(live.parts(starter, HOME, view, "report"))) == {"card", "curves", "table", "answer"}


def test_the_runs_networks_are_to_choose_from(trained: Path, root: Path) -> None:
    make_run(root, "b")
    assert live.trained_networks(root) == {"trained: a": trained / "best"}
    assert live.trained_networks(root / "none") == {}


def test_the_chosen_run_is_shown_else_the_one_at_work_else_the_newest(root: Path) -> None:
    assert live.shown_run([], live.View()) is None
    for number, name in enumerate(("old", "middle", "new")):
        folder = make_run(root, name)
        plan = json.loads((folder / "recipe.json").read_text())
        (folder / "recipe.json").write_text(json.dumps(plan | {"created": 1e9 + number}))

    def shown(chosen: str = "") -> str:
        found = live.shown_run(summaries(root), live.View(shown=chosen))
        assert found is not None
        return found.name

    assert (shown(), shown("old"), shown("gone")) == ("new", "old", "new")
    RunFolder(root / "middle").write_state(RunState.RUNNING)  # by this very process, which is alive
    assert (shown(), shown("old")) == ("middle", "old")


def test_a_path_in_a_crash_is_for_the_host_alone(root: Path) -> None:
    make_run(root, "a", status="failed", message="[Errno 28] No space left on device: '/home/ada/runs/a'")
    launcher = background.Launcher(root)
    assert "/home/ada" in live.parts(launcher, HOME, live.View(), "report")["card"]
    assert "/home/ada" not in live.parts(launcher, HOSTED, live.View(), "report")["card"]


def test_everything_is_sent_once_more_now_and_then() -> None:
    view = live.View()
    sent = [view.news({"card": "the same"}) for _ in range(21)]
    assert [number for number, news in enumerate(sent, start=1) if news] == [1, 10, 20]


class _Browser:
    """What has reached a browser, and what it says of that."""

    def __init__(self) -> None:
        self.has: dict[str, Any] = {"answer": 0}

    def get(self, news: dict[str, Any]) -> None:
        self.has.update(news)

    def look(self, view: live.View, parts: dict[str, Any]) -> dict[str, Any]:
        return view.news(parts, self.has["answer"])


def test_an_answer_that_is_lost_is_sent_again_at_the_next_look() -> None:
    view, browser = live.View(), _Browser()
    browser.get(browser.look(view, {"read": False, "card": "training"}))
    browser.look(view, {"read": True, "card": "training"})  # lost on its way
    browser.get(browser.look(view, {"read": True, "card": "training"}))
    assert browser.has["read"] and browser.look(view, {"read": True, "card": "training"}) == {}


def test_an_answer_that_overtakes_another_does_not_leave_the_older_one_standing() -> None:
    """A look at the disk and a press of a button are answered at the same time: which comes first is chance."""
    view, browser = live.View(), _Browser()
    browser.get(browser.look(view, {"read": True}))
    older = browser.look(view, {"read": False})
    newer = browser.look(view, {"read": True})
    browser.get(newer)
    browser.get(older)
    assert not browser.has["read"]
    browser.get(browser.look(view, {"read": True}))
    assert browser.has["read"] and browser.look(view, {"read": True}) == {}


@pytest.mark.parametrize("has", [None, "1", [1], float("nan"), 2**70])
def test_a_browser_that_says_anything_else_is_sent_all(has: object) -> None:
    view = live.View()
    for _ in range(3):
        news = view.news({"card": "the same"}, has)
    assert news == ({} if has is None else {"card": "the same", "answer": 3})


def test_a_recordings_card_is_headed_as_the_list_of_networks_calls_it(root: Path) -> None:
    shown = live.parts(background.Launcher(root), HOME, live.View(recording="report-cnn"), "report")
    assert "The report&#39;s CNN" in shown["card"] and "report-cnn" not in shown["card"]
    assert shown["follow"] == ""  # no drawing was followed in it, and one's own run is not its
    assert not shown["pin"] and live.parts(background.Launcher(root), HOME, live.View(), "report")["pin"]


def test_the_starter_alone_looks_sooner_until_the_first_point(root: Path) -> None:
    folder = make_run(root, "a", rows=0, status="running")

    def soon(access: Access) -> bool:
        return bool(live.parts(background.Launcher(root), access, live.View(), "report")["soon"])

    assert soon(HOME) and not soon(QUICK.of({"browser": "someone else's, sixteen"}))
    (folder / "metrics.jsonl").write_text(json.dumps(row(1, 0.5, 0.5)) + "\n")
    assert not soon(HOME)


def test_on_a_busy_machine_everything_is_sent_again_after_seconds_not_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("train.ui.train.live.monotonic", lambda: clock[0])
    view = live.View(renewed=0.0)
    sent = []
    for clock[0] in (0.0, 6.0, 12.0, 18.0, 24.0):
        sent.append(bool(view.news({"card": "the same"})))
    assert sent == [True, False, False, True, False]
