"""Space, study and their command: what is drawn keeps the limits; studies that end, go on and are shared."""

from __future__ import annotations

import gc
import multiprocessing
import os
import shutil
import subprocess
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.support.servers import tune_worker
from tests.support.training import SMALL, packed, small_set
from train.loop.recipe import Recipe, from_json
from train.tune import study as tune
from train.tune.study import TuneError

optuna = pytest.importorskip("optuna")


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials that differ in two settings only, of networks that train in milliseconds."""

    def draw(trial: Any, alphabet: str, *, epochs: int, minutes: float, seed: int, name: str) -> Recipe:
        return Recipe(
            name=name, options=SMALL, alphabet=alphabet, epochs=epochs, minutes=minutes, seed=seed,
            learning_rate=trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True),
            batch=trial.suggest_categorical("batch", (8, 26)),
        )  # fmt: skip

    monkeypatch.setattr(tune, "draw", draw)


def _search(study: Any, trials: int, **how: Any) -> list[str]:
    said: list[str] = []
    how = {"epochs": 2, "device": torch.device("cpu"), "log": said.append} | how
    tune.search(study, small_set(), trials=trials, **how)
    return said


def test_a_study_ends_is_gone_on_with_and_its_best_becomes_a_recipe(tiny: None, tmp_path: Path) -> None:
    storage = f"sqlite:///{tmp_path / 'study.db'}"
    study = tune.open_study(storage)
    with pytest.raises(TuneError, match="no trial"):
        tune.best_recipe(study)
    said = _search(study, 3)
    assert tune.ended(study) == 3 and len(said) == 3 and said[-1].endswith("3 of 3")
    again = tune.open_study(storage)
    assert _search(again, 3) == []
    _search(again, 4)
    assert tune.ended(again) == 4
    best = tune.best_recipe(again)
    complete = [trial for trial in again.trials if trial.value is not None and trial.state.name == "COMPLETE"]
    tried = from_json(max(complete, key=lambda trial: trial.value).user_attrs["recipe"])
    assert best == tried.changed(epochs=15, seed=0)
    assert all(trial.user_attrs["parameters"] > 0 and trial.user_attrs["progress"] == 1 for trial in complete)
    assert tune.importances(again) == {}
    with pytest.raises(TuneError, match="other data"):
        tune.search(again, small_set(seed=4), trials=9, device=torch.device("cpu"))


def test_a_trial_is_trained_on_all_that_its_set_has(
    tiny: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What images are chosen from, and outliers: a trial without them would be judged at another task than its run."""
    data = small_set()
    faces = tuple(replace(face, among=data.alphabet.classes) for face in data.faces)
    outliers, parts = np.full((3, 100, 100), 9, np.uint8), np.array([0, 1, 0], np.uint8)
    data = replace(data, faces=faces, outliers=outliers, outlier_split=parts)
    given: list[dict[str, Any]] = []

    class Watched(tune.Fit):
        def __init__(self, *parts: Any, **more: Any) -> None:
            given.append(more)
            super().__init__(*parts, **more)

    monkeypatch.setattr(tune, "Fit", Watched)
    study = tune.open_study(f"sqlite:///{tmp_path / 'study.db'}")
    tune.search(study, data, trials=1, epochs=1, device=torch.device("cpu"), log=lambda line: None)
    assert np.array_equal(given[0]["choices"], data.choices("train"))
    assert np.array_equal(given[0]["outliers"][:], outliers[:1].repeat(2, 0))


def _rates(storage: str, seed: int | None) -> list[float]:
    study = tune.open_study(storage, seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # signs of life are for studies that train
        trials = [study.ask() for _ in range(3)]
    return [float(trial.suggest_float("learning_rate", 1e-5, 1.0, log=True)) for trial in trials]


def test_workers_try_different_settings_and_a_seed_makes_one_worker_repeatable(tmp_path: Path) -> None:
    one, two, three = (f"sqlite:///{tmp_path / name}.db" for name in ("one", "two", "three"))
    assert not set(_rates(one, None)) & set(_rates(one, None))
    first = _rates(two, 7)
    assert first == _rates(three, 7)
    assert not set(first) & set(_rates(two, 7))  # gone on with


def test_a_trial_that_cannot_keep_the_time_is_pruned(tiny: None, tmp_path: Path) -> None:
    study = tune.open_study(f"sqlite:///{tmp_path / 'study.db'}")
    _search(study, 2, epochs=5000, minutes=0.02)
    assert [trial.state.name for trial in study.trials] == ["PRUNED", "PRUNED"]


def test_a_stop_in_mid_trial_loses_that_trial_only(tiny: None, tmp_path: Path) -> None:
    study = tune.open_study(f"sqlite:///{tmp_path / 'study.db'}")
    asked = iter([False] * 3 + [True] * 1000)
    _search(study, 5, should_stop=lambda: next(asked))
    assert [trial.state.name for trial in study.trials] == ["FAIL"]


def test_importance_is_reported_once_there_are_enough_trials(tmp_path: Path) -> None:
    study = tune.open_study(f"sqlite:///{tmp_path / 'study.db'}")
    for number in range(14):
        distributions = {"a": optuna.distributions.FloatDistribution(0, 1),
                         "b": optuna.distributions.FloatDistribution(0, 1)}  # fmt: skip
        params = {"a": number / 14, "b": (number * 5 % 14) / 14}
        study.add_trial(optuna.trial.create_trial(params=params, distributions=distributions, value=params["a"]))
    found = tune.importances(study)
    assert list(found) == ["a", "b"] and sum(found.values()) == pytest.approx(1)
    assert found["a"] > 0.6


def _binaries() -> Path | None:
    """The newest PostgreSQL server's programs, as Debian installs them."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    """The folder of the socket of a PostgreSQL server of these tests' own."""
    binaries = _binaries()
    root = hasattr(os, "getuid") and os.getuid() == 0
    try:
        import psycopg  # noqa: F401
    except ImportError:
        binaries = None
    if binaries is None or (root and shutil.which("runuser") is None):
        if os.environ.get("CI") == "true":
            pytest.fail("no PostgreSQL server (Debian: postgresql), no psycopg or no runuser")
        pytest.skip("no PostgreSQL server (Debian: postgresql), no psycopg or no runuser")
    # A socket's path must be short, and the server's user must reach it.
    folder = Path("/tmp") / f"fontdemo-postgres-{os.getpid()}"
    folder.mkdir(mode=0o755)
    if root:
        shutil.chown(folder, "postgres")
    user = ["runuser", "-u", "postgres", "--"] if root else []

    def call(*words: str) -> None:
        subprocess.run([*user, *words], cwd="/", check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    options = f"-k {folder} -c listen_addresses= -c fsync=off"
    try:
        call(str(binaries / "initdb"), "-D", str(folder / "data"), "-A", "trust", "-U", "tuner", "-N")
        control = [str(binaries / "pg_ctl"), "-D", str(folder / "data")]
        call(*control, "-w", "-l", str(folder / "log"), "-o", options, "start")
        yield folder
        call(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres(server: Path) -> str:
    """The address of an empty database."""
    import psycopg

    with psycopg.connect(f"postgresql://tuner@/postgres?host={server}", autocommit=True) as base:
        [number] = base.execute("SELECT count(*) FROM pg_database").fetchone() or [0]
        base.execute(f"CREATE DATABASE study{number:d}")
    return f"postgresql+psycopg://tuner@/study{number:d}?host={server}"


def _until(what: Callable[[], Any], worker: Any = None) -> None:
    end = time.monotonic() + 60
    while not what():
        assert time.monotonic() < end and (worker is None or worker.is_alive())
        time.sleep(0.05)


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")  # threads share what is ignored
@pytest.mark.filterwarnings("ignore:.*deleted while still open:ResourceWarning")  # of those who came too late
def test_workers_that_begin_at_once_in_an_empty_database_all_open_the_study(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tune, "PAUSE", 0.5)
    together = threading.Barrier(3, timeout=60)

    def begin(_: int) -> str:
        together.wait()
        with tune.studying(postgres) as study:
            return str(study.study_name)

    with ThreadPoolExecutor(3) as workers:
        assert list(workers.map(begin, range(3))) == [tune.STUDY] * 3
    gc.collect()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_two_workers_share_a_postgresql_study_and_a_killed_one_loses_its_trial_only(
    tiny: None, postgres: str, tmp_path: Path
) -> None:
    """A worker is ended in mid-trial by kill -9; two others take its trial up again and end the study."""
    import psycopg

    words = ["--storage", postgres, "--data", str(packed(tmp_path)), "--trials", "4", "--epochs", "1",
             "--device", "cpu", "--heartbeat", "1"]  # fmt: skip
    with tune.studying(postgres):  # its tables are there before anyone could race for them
        pass
    # Forked, since to load torch and Optuna once more takes longer than all the rest; it never comes to train.
    victim = multiprocessing.get_context("fork").Process(target=tune_worker.work, args=(words,))
    victim.start()
    with ExitStack() as stack:
        base = stack.enter_context(psycopg.connect(postgres.replace("+psycopg", ""), autocommit=True))
        first, second = (stack.enter_context(tune.studying(postgres, heartbeat=1)) for _ in range(2))

        def silent_for(seconds: float) -> bool:
            """Whether there was a sign of life, and none since."""
            asked = "SELECT max(heartbeat) < now() - make_interval(secs => %s) FROM trial_heartbeats"
            found = base.execute(asked, [seconds]).fetchone()
            return found is not None and bool(found[0])

        _until(lambda: first.get_trials(deepcopy=False), victim)
        _until(lambda: base.execute("SELECT 1 FROM trial_heartbeats").fetchone(), victim)
        victim.kill()
        victim.join()
        (lost,) = first.get_trials(deepcopy=False)
        assert lost.state.name == "RUNNING"
        _until(lambda: silent_for(2.5))  # the dead worker's has become stale
        with ThreadPoolExecutor(2) as workers:
            list(workers.map(lambda study: _search(study, 4, epochs=1), (first, second)))
        states = [trial.state.name for trial in first.get_trials(deepcopy=False)]
        assert states[0] == "FAIL"
        assert states.count("FAIL") == 1 and tune.ended(first) >= 4
        assert any("failed_trial" in str(trial.system_attrs) for trial in first.get_trials(deepcopy=False))
