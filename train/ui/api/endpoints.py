"""/train, /status and /stop: a program's own runs, under the rules that visitors of the page have, even at home.

A caller is known by the key that /train gives: it is to a run what a browser's secret is (`train.access`), so the run's
folder holds only its SHA-256. A run's name ends with the first digits of that, so that a name belongs to one caller
even before there is a folder.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gradio.events import api

from fontdemo.errors import FontdemoError, without_paths
from fontdemo.ui.api.given import plainly
from train.access import Access
from train.data import sources
from train.loop.recipe import RECIPES, Recipe, get_recipe
from train.runs import jobs
from train.runs.background import Launcher
from train.runs.folder import runs_in
from train.runs.start.line import MOST, LineError
from train.runs.summary import summaries
from train.ui.start import plan

#: The recipes that can be trained on the sample, whose alphabet is the report's; the first is the default.
TRAINED = ("quick", *(name for name, one in RECIPES.items() if one.alphabet == Recipe().alphabet and name != "quick"))

#: Places in the line that programs may have together: the others are for people.
PLACES = MOST // 2

#: What the API view says of the endpoints.
TRAIN = f"""Train a network on the sample: the run begins at once, or waits in line while another one is at work.
recipe: {", ".join(TRAINED)}; by default {TRAINED[0]}.
seed: a whole number, by default the recipe's.
The answer: {{"run": its name, for /status, "key": a secret, which /stop asks for}}. While it waits in line, ask /status
at least once a minute, or it loses its place.
"""
STATUS = """How a run stands.
run: its name, as /train gave it, or as the page lists it.
The answer: {"run", "state": waiting, preparing, running, stopping, finished, stopped, time limit, early stop, crashed,
failed or new; "epoch": whole epochs trained, "epochs": of how many, "train_accuracy", "valid_accuracy": from 0 to 1, or
null; "seconds", "message": its place in line, or what went wrong, or ""}.
"""
STOP = """Stop a run that /train began: it ends its step, and what it learned is kept.
run: its name. key: the secret that /train gave with it.
The answer is that of /status.
"""

# Digits of the key's hash in a run's name.
_DIGITS = 8

# Seconds in which a preparation that was told to stop does so.
_PATIENCE = 10.0

_UNKNOWN = "There is no run of this name. It may have been deleted, or have lost its place in line."
_NOT_YOURS = "There is no run of this name at work that this key is for."
_SLICES = "Training by API is not offered on this page, as its card is lent to people. Open the Train tab instead."


def add(launcher: Launcher, rights: Access) -> None:
    """Make the endpoints public, within a Blocks context, where visitors may train; else there are none.

    rights: of any visitor.
    """
    if not rights.train:
        return
    api(plainly(make_train(launcher, rights)), api_name="train", api_description=TRAIN)
    api(plainly(make_status(launcher)), api_name="status", api_description=STATUS)
    api(plainly(make_stop(launcher, rights)), api_name="stop", api_description=STOP)


def _caller(rights: Access, key: object) -> Access:
    """What the holder of `key` may do: as a visitor, even at home, where whoever has the page may do anything."""
    return replace(rights.of({"browser": key}), manage=False)


def make_train(launcher: Launcher, rights: Access) -> Callable[..., dict[str, Any]]:
    """The function behind /train; the API view shows TRAIN."""

    def train(recipe: str = TRAINED[0], seed: int | None = None) -> dict[str, Any]:
        """Train a network on the sample of printed letters; the run goes on when this has answered.

        Parameters:
            recipe: What to train: quick (by default), report, or another recipe's name.
            seed: A whole number; the same seed gives the same results.
        """
        if launcher.slices is not None:
            raise FontdemoError(_SLICES)
        if recipe not in TRAINED:
            raise FontdemoError(f"There is no such recipe. Choose one of these: {', '.join(TRAINED)}.")
        wanted = get_recipe(recipe) if seed is None else get_recipe(recipe).changed(seed=seed)
        key = secrets.token_urlsafe(24)
        mine = _caller(rights, key)
        name = f"{recipe} {mine.browser[:_DIGITS]}"
        planned = plan(launcher, mine, wanted, name, "auto", sources.Source(sources.SAMPLE))
        if len(launcher.line) >= PLACES:
            raise LineError("Many are waiting to train. Try again in a few minutes.")
        planned.begin()
        return {"run": planned.name, "key": key}

    return train


def make_status(launcher: Launcher) -> Callable[..., dict[str, Any]]:
    """The function behind /status; the API view shows STATUS."""

    def status(run: str) -> dict[str, Any]:
        """How a run stands: its state, epochs and accuracy.

        Parameters:
            run: The run's name, as the tool train gave it.
        """
        launcher.keep_ready()  # those in line come up even if no one has the page open
        found = _stands(launcher, run)
        if found is None:  # it may just have been on its way from the line to its preparation: look once more
            launcher.settle()
            found = _stands(launcher, run)
        if found is None:
            raise FontdemoError(_UNKNOWN)
        return found

    return status


def make_stop(launcher: Launcher, rights: Access) -> Callable[..., dict[str, Any]]:
    """The function behind /stop; the API view shows STOP."""

    def stop(run: str, key: str) -> dict[str, Any]:
        """Stop a run that the tool train began.

        Parameters:
            run: The run's name, as the tool train gave it.
            key: The key that the tool train gave with it.
        """
        mine = _caller(rights, key)
        place, preparing = launcher.line.place(mine.browser), launcher.preparing
        if place is not None and place.name == run and launcher.line.leave(mine.browser):
            return _answer(place.name, "stopped")
        cancelled = preparing is not None and preparing.name == run and mine.starter(preparing.starter)
        if preparing is not None and cancelled:
            launcher.cancel(preparing)
            launcher.wait(_PATIENCE)  # it may have been too late, and the run begins
        own = [folder for folder in runs_in(launcher.root) if folder.name == run and mine.owns(folder)]
        if cancelled and not own:
            return _answer(run, "stopped")
        if not own or not jobs.status(own[0]).alive:
            raise FontdemoError(_NOT_YOURS)
        jobs.stop(own[0])
        return _of_run(own[0].name, launcher)

    return stop


def _stands(launcher: Launcher, run: object) -> dict[str, Any] | None:
    """The answer of /status, None for no such run. Looked for in the order in which a run gets on."""
    if not isinstance(run, str):
        return None
    browser = launcher.line.browser_of(run)
    if browser and run.endswith(browser[:_DIGITS]):  # else it is a person's, whose place is theirs to see
        place = launcher.line.place(browser)
        if place is not None:
            active = next((one for one in summaries(launcher.root) if one.status.alive), None)
            left = active.left if active is not None and active.left is not None else 0.0
            then = "Ask /status at least once a minute to keep this place."
            return _answer(run, "waiting", message=place.sentence(left, then))
    preparing = launcher.preparing
    if preparing is not None and preparing.name == run:
        return _answer(run, "preparing", message=preparing.sentence)
    if any(folder.name == run for folder in runs_in(launcher.root)):
        return _of_run(run, launcher)
    failed = launcher.refused(run)
    return _answer(run, "failed", message=without_paths(failed)) if failed else None


def _of_run(name: str, launcher: Launcher) -> dict[str, Any]:
    """Of a run that has a folder; FontdemoError if it is gone meanwhile."""
    found = next((one for one in summaries(launcher.root) if one.name == name), None)
    if found is None:
        raise FontdemoError(_UNKNOWN)
    rows = found.rows
    valid = (row.get("valid_accuracy") for row in reversed(rows))
    return _answer(
        name,
        str(found.status.status),
        epoch=int(found.at),
        epochs=found.recipe.epochs,
        train_accuracy=rows[-1]["train_accuracy"] if rows else None,
        valid_accuracy=next((accuracy for accuracy in valid if accuracy is not None), None),
        seconds=round(found.seconds, 1),
        message=without_paths(found.status.message),
    )


def _answer(run: str, state: str, **known: Any) -> dict[str, Any]:
    nothing = {"epoch": 0, "epochs": None, "train_accuracy": None, "valid_accuracy": None, "seconds": 0.0}
    return {"run": run, "state": state, **nothing, "message": "", **known}
