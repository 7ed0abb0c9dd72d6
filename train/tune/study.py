"""The search for better settings: an Optuna study whose trials are short training runs.

Weak trials stop early (a median pruner checks every epoch), and so do those that would take longer
than a run may. The study lives in a database: several processes, on several machines, that are given the same address
share it, and one that is killed loses its own trial only, which another takes up again.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from fontdemo.errors import FontdemoError
from train.data.glyphset import GlyphSet
from train.loop.device import outliers_of, part_of
from train.loop.fit import Done, Epoch, Fit, Step
from train.loop.recipe import Recipe, from_json
from train.run_state import RunState
from train.tune.space import draw

if TYPE_CHECKING:
    import optuna

#: The study's name in its database.
STUDY = "fontdemo"

#: The report's limit for one run.
MINUTES = 15.0

#: Seconds between two signs of life of a worker; it counts as dead after twice that.
HEARTBEAT = 60

#: Times that a worker tries to open the database, and the seconds between two of them.
TRIES, PAUSE = 5, 1.0


class TuneError(FontdemoError):
    """The study cannot be opened or used; says why."""


class _Stopped(Exception):
    """The user asked to stop in mid-trial."""


def default_storage(root: Path) -> str:
    """The address of the database that is used unless another is given: a file under the runs' folder."""
    return f"sqlite:///{(root / 'tune.db').resolve()}"


@contextmanager
def studying(storage: str, seed: int | None = None, heartbeat: int = HEARTBEAT) -> Iterator[optuna.Study]:
    """The study in the database `storage`, as `open_study` gives it; its connections are closed in the end."""
    base, study = _open(storage, seed, heartbeat)
    try:
        yield study
    finally:
        base.remove_session()
        base.engine.dispose()


def open_study(storage: str, seed: int | None = None, heartbeat: int = HEARTBEAT) -> optuna.Study:
    """The study in the database `storage` (an SQLAlchemy URL), made if it is not there, while the process runs.

    seed: of what is tried, for one worker alone: workers with one seed would try the same; None: each its own.
    TuneError if the database cannot be reached. Optuna takes a second to import, so it is imported here.
    """
    return _open(storage, seed, heartbeat)[1]


def _open(storage: str, seed: int | None, heartbeat: int) -> tuple[optuna.storages.RDBStorage, optuna.Study]:
    import optuna
    from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    for attempt in range(1, TRIES + 1):
        try:
            return _open_once(storage, seed, heartbeat)
        # The drivers of the databases each have their own errors, and one that is missing is an ImportError.
        except Exception as error:
            # Of workers that begin at once in an empty database one makes the tables, and the others fail at theirs.
            raced = isinstance(error, (IntegrityError, ProgrammingError)) or (
                isinstance(error, DBAPIError) and "already exists" in str(error)
            )
            if attempt == TRIES or not raced:
                message = str(error).splitlines()[0][:200]
                raise TuneError(f"the study's database cannot be used: {message}") from error
            time.sleep(PAUSE)
    raise AssertionError("the last attempt returns or raises")


def _open_once(storage: str, seed: int | None, heartbeat: int) -> tuple[optuna.storages.RDBStorage, optuna.Study]:
    import optuna

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        base = optuna.storages.RDBStorage(
            storage,
            heartbeat_interval=heartbeat,
            grace_period=2 * heartbeat,
            heartbeat_stale_trial_callback=optuna.storages.RetryHeartbeatStaleTrialCallback(max_retry=1),
        )
        study = optuna.create_study(
            study_name=STUDY,
            storage=base,
            direction="maximize",
            load_if_exists=True,
            pruner=optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=1),
        )
        # A worker that goes on with a study must not begin with the draws that it began with before.
        own = None if seed is None else seed * 1_000_003 + len(study.get_trials(deepcopy=False))
        study.sampler = optuna.samplers.TPESampler(seed=own, constant_liar=True)
        return base, study


def forget(storage: str) -> None:
    """Delete the study in the database `storage`, if there is one. TuneError if the database cannot be reached."""
    import optuna

    with studying(storage):  # so that there is one to delete, and an error if the database cannot be reached
        optuna.delete_study(study_name=STUDY, storage=storage)


def ended(study: optuna.Study) -> int:
    """Trials that came to a result: trained to the end, or pruned."""
    import optuna

    states = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED)
    return len(study.get_trials(deepcopy=False, states=states))


def search(
    study: optuna.Study,
    data: GlyphSet,
    *,
    trials: int,
    epochs: int = 5,
    minutes: float = MINUTES,
    device: torch.device,
    should_stop: Callable[[], bool] = lambda: False,
    log: Callable[[str], None] = print,
) -> None:
    """Run trials until the study has `trials` that ended, however many workers share it, or until `should_stop()`.

    epochs, minutes: of a trial; one that cannot keep within the minutes is pruned after its first epoch.
    TuneError if the study was made on other data.
    """
    fingerprint = data.fingerprint()
    known = study.user_attrs.get("data")
    if known is None:
        study.set_user_attr("data", fingerprint)
    elif known != fingerprint:
        raise TuneError("this study was made on other data; give it another --storage")
    learned, valid = part_of(data, "train"), part_of(data, "valid")
    choices, outliers = data.choices("train"), outliers_of(data, "train")

    def fit(recipe: Recipe) -> Fit:  # on all that the set has, as the run of the best recipe will be
        among = None if choices is None else torch.from_numpy(choices)
        return Fit(recipe, learned, valid, device, choices=among, outliers=outliers)

    def objective(trial: optuna.Trial) -> float:
        recipe = draw(
            trial, data.alphabet.name, epochs=epochs, minutes=minutes, seed=trial.number, name=f"tuned-{trial.number}"
        )
        trial.set_user_attr("recipe", recipe.to_json())
        return _train(trial, fit(recipe), should_stop)

    def after(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        log(_line(study, trial, trials))
        if ended(study) >= trials or should_stop():
            study.stop()

    if ended(study) < trials:
        study.set_user_attr("wanted", trials)
        study.optimize(objective, callbacks=[after], catch=(_Stopped,))


def best_recipe(study: optuna.Study) -> Recipe:
    """The recipe of the best trial that was trained to its end, for a whole run; TuneError if there is none."""
    try:
        tried = from_json(str(study.best_trial.user_attrs["recipe"]))
        return tried.changed(epochs=Recipe().epochs, seed=Recipe().seed)
    except (ValueError, KeyError) as error:
        raise TuneError("no trial has finished yet") from error


def _train(trial: optuna.Trial, fit: Fit, should_stop: Callable[[], bool]) -> float:
    """Train a trial; its best validation accuracy, 0..1."""
    import optuna

    recipe = fit.recipe
    trial.set_user_attr("parameters", fit.network.parameter_count)
    best = 0.0
    for event in fit.run(should_stop):
        if isinstance(event, Done):
            if event.reason == RunState.STOPPED:
                raise _Stopped
            if event.reason == RunState.TIME_LIMIT:
                raise optuna.TrialPruned
        if isinstance(event, Step):
            trial.set_user_attr("progress", (event.epoch - 1 + event.step / event.steps) / recipe.epochs)
        if isinstance(event, Epoch):
            trial.set_user_attr("progress", event.epoch / recipe.epochs)
            best = max(best, event.valid_accuracy)
            trial.set_user_attr("seconds", event.seconds)
            trial.report(event.valid_accuracy, event.epoch)
            too_slow = event.seconds / event.epoch * recipe.epochs > recipe.minutes * 60
            if event.epoch < recipe.epochs and (too_slow or trial.should_prune()):
                raise optuna.TrialPruned
    return best


def _line(study: optuna.Study, trial: optuna.trial.FrozenTrial, trials: int) -> str:
    """What came of a trial, in a line."""
    value = "–" if trial.value is None else f"{trial.value:.2%}"
    try:
        best = f"; best so far {study.best_value:.2%} (trial {study.best_trial.number})"
    except ValueError:
        best = ""
    return f"Trial {trial.number} {trial.state.name.lower()}: {value}{best}; {ended(study)} of {trials}"


def importances(study: optuna.Study) -> dict[str, float]:
    """How much each setting matters for the accuracy, fractions that add up to 1, the greatest first (PED-ANOVA).

    Empty while too few trials have finished.
    """
    import optuna

    complete = study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,))
    if len(complete) < 10 or len({trial.value for trial in complete}) < 3:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        evaluator = optuna.importance.PedAnovaImportanceEvaluator()
        found: dict[str, Any] = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return {name: float(part) for name, part in found.items()}
