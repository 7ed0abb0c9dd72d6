"""train.tune.job, tune_view and tune_tab: a search started as a process, watched, stopped; what is shown of it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.page import build
from tests.support.training import packed, small_recipe
from tests.support.unserved import unserved
from train.access import access
from train.runs import jobs
from train.runs.jobs import JobError
from train.tune import job as tune_job
from train.tune import study as tune
from train.ui.tune import tab, view
from train.ui.tune.view import Row

optuna = pytest.importorskip("optuna")

PATIENCE = 120.0


def wait(root: Path, alive: bool) -> None:
    until = time.monotonic() + PATIENCE
    while tune_job.status(root).alive is not alive:
        assert time.monotonic() < until, tune_job.status(root).log_tail
        time.sleep(0.1)


def test_a_search_is_a_process_that_refuses_company_and_can_be_stopped(tmp_path: Path) -> None:
    root, data = tmp_path / "runs", packed(tmp_path)
    with pytest.raises(JobError, match="no data set"):
        tune_job.start(root, tmp_path / "none.fd", trials=1, epochs=1, minutes=1)
    root.mkdir()
    with pytest.raises(JobError, match="no search"):
        tune_job.stop(root)
    tune_job.start(root, data, trials=500, epochs=200, minutes=15)
    assert tune_job.status(root).alive
    with pytest.raises(JobError, match="search for settings is running"):
        jobs.start(root, "one", small_recipe(), data)
    with pytest.raises(JobError, match="search for settings is running"):
        tune_job.start(root, data, trials=1, epochs=1, minutes=1)
    with pytest.raises(JobError, match="stop it first"):
        tune_job.start_over(root)
    study = tune.open_study(tune.default_storage(root))
    until = time.monotonic() + PATIENCE
    while not study.get_trials(deepcopy=False) and time.monotonic() < until:
        time.sleep(0.2)
    assert study.get_trials(deepcopy=False), tune_job.status(root).log_tail
    tune_job.stop(root)
    wait(root, alive=False)
    above, table = tab.look(root)
    assert "stopped" in above and "failed" in table
    tune_job.start_over(root)
    assert tune.open_study(tune.default_storage(root)).get_trials(deepcopy=False) == []


def test_trials_on_other_data_are_not_mixed(tmp_path: Path) -> None:
    root = tmp_path / "runs"
    root.mkdir()
    tune.open_study(tune.default_storage(root)).set_user_attr("data", "another")
    with pytest.raises(JobError, match="another data set"):
        tune_job.start(root, packed(tmp_path), trials=1, epochs=1, minutes=1)


def test_what_is_shown() -> None:
    trials = [
        Row(0, "complete", 0.9, 700_000, 10.0, {"learning_rate": 0.00123, "batch": 50}),
        Row(1, "pruned", 0.4, 600_000, 2.0, {"batch": 25}),
        Row(2, "complete", 0.95, 1_100_000, 11.0, {"fc1": 512, "conv_activation": "<b>"}),
        Row(3, "running", None, None, None, progress=0.375),
    ]
    best = view.best_of(trials)
    assert best is not None and best.number == 2
    card = view.card(trials, True, "one\ntwo <script>")
    assert "95.00%" in card and "3 trials, 1 of them stopped early" in card and "searching" in card
    assert "&lt;script&gt;" in card and "&lt;b&gt;" in card and "<script>" not in card
    assert "Trial 3" in card and "38 %" in card and "Trial 1<" not in card
    assert "Trial 3" not in view.card(trials, False, "")  # nothing is under way once the search has stopped
    table = view.table(trials)
    places = [table.index(f"<td>{number}</td>") for number in (2, 0, 1, 3)]
    assert places == sorted(places)
    assert "learning rate 0.00123" in table and "stopped early" in table
    chart = view.chart(trials)
    assert chart.count("<circle") == 3 and 'class="tune-line" d="M' in chart
    assert view.chart([]) == "" and "No trial" in view.card([], False, "")
    assert "After ten finished trials" in view.importance({})
    assert "width:100%" in view.importance({"batch": 0.7, "fc1": 0.3})


@pytest.mark.parametrize(
    ("accuracies", "labels"),
    [((0.0385, 0.0192), ["1.5 %", "2 %", "2.5 %", "3 %", "3.5 %", "4 %"]),
     ((0.9, 0.4), ["40 %", "60 %", "80 %", "100 %"]),
     ((0.5,), ["49.5 %", "50 %", "50.5 %"]), ((1.0, 1.0), ["99.6 %", "100 %"]), ((0.0,), ["0 %", "0.4 %"])],
)  # fmt: skip
def test_the_chart_fits_its_trials(accuracies: tuple[float, ...], labels: list[str]) -> None:
    chart = view.chart([Row(n, "complete", value, None, None) for n, value in enumerate(accuracies)])
    ticks = {text: float(y) for y, text in re.findall(r'y1="([\d.]+)".*?>([\d.]+ %)</text>', chart)}
    assert set(labels) <= set(ticks)
    first, last = min(ticks, key=lambda text: float(text[:-2])), max(ticks, key=lambda text: float(text[:-2]))
    low, high = float(first[:-2]) / 100, float(last[:-2]) / 100
    for value, y in zip(accuracies, re.findall(r'cy="([\d.]+)"', chart), strict=True):
        part = (value - low) / (high - low)
        assert 0 <= part <= 1
        assert float(y) == pytest.approx(ticks[first] + part * (ticks[last] - ticks[first]), abs=0.11)


def test_rows_tell_the_width_that_was_trained(tmp_path: Path) -> None:
    study = optuna.create_study(storage=f"sqlite:///{tmp_path / 'study.db'}")
    trial = study.ask({"fc1": optuna.distributions.CategoricalDistribution([512, 1024])})
    recipe = small_recipe(options={"widths": [448, 16]})
    trial.set_user_attr("recipe", recipe.to_json())
    study.tell(trial, 0.5)
    (row,) = view.rows(study)
    assert row.settings["fc1"] == 448 and row.accuracy == 0.5 and row.state == "complete"


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Callable[[], dict[str, Callable[..., Any]]]]:
    """The functions behind the page with the tab, by their names; there is a data set to search on."""
    pretrained.save(Network(), tmp_path / "weights", "")
    (tmp_path / "data").mkdir()
    packed(tmp_path / "data")

    def functions() -> dict[str, Callable[..., Any]]:
        tabs = [(tab.TITLE, tab.tab(tmp_path / "runs", access({})))]
        demo = build(NetworkStore(lambda: {"w": tmp_path / "weights"}), tabs)
        return {getattr(each.fn, "__name__", ""): each.fn for each in demo.fns.values() if each.fn is not None}

    with unserved():
        yield functions


def test_the_end_of_a_run_is_seen_without_a_reload(
    page: Callable[[], dict[str, Callable[..., Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    handlers = page()
    at_work: list[object] = [object()]
    monkeypatch.setattr(jobs, "active", lambda root: at_work[0] if at_work else None)
    data, _, _, start, _, _, timer, _ = handlers["load"](None)
    assert data.value is not None and not start.interactive
    assert timer.active  # so that the tab looks again
    at_work.clear()
    _, _, start, _, _, timer, _ = handlers["refresh"]()
    assert start.interactive and not timer.active
    here, elsewhere = (gr.SelectData(None, {"value": title, "index": 0}) for title in (tab.TITLE, "Network"))
    assert handlers["opened"](data.value, here)[3].interactive
    assert all(value == gr.skip() for value in handlers["opened"](data.value, elsewhere))


def test_the_best_settings_are_trained_with(tmp_path: Path) -> None:
    pretrained.save(Network(), tmp_path / "weights", "")
    root = tmp_path / "runs"
    root.mkdir()
    with tune.studying(tune.default_storage(root)) as study:
        for accuracy, rate in ((0.5, 0.001), (0.8, 0.0005)):
            recipe = small_recipe(learning_rate=rate).to_json()
            study.add_trial(optuna.trial.create_trial(value=accuracy, user_attrs={"recipe": recipe}))
    with unserved():
        tabs = [("Train", lambda shared: None), (tab.TITLE, tab.tab(root, access({})))]
        demo = build(NetworkStore(lambda: {"w": tmp_path / "weights"}), tabs)
        handlers = {getattr(each.fn, "__name__", ""): each.fn for each in demo.fns.values() if each.fn is not None}
        assert handlers["refresh"]()[-1].visible
        design, chosen = handlers["take_over"]()
    assert json.loads(design)["learning_rate"] == 0.0005 and chosen.selected == "Train"
