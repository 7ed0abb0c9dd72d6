"""A trainer that waits before anyone presses Start: libraries loaded, sample in memory, first steps taken.

One process beside the page. It waits on its standard input for the folder of a run, and ends by itself when the page
is gone. Beside a server (`Standby.lifespan`) one is there from the server's start to its end, and another once a run
has used it; else one comes with a visitor, and ends when nobody has wanted it for a while. While it waits it measures
how fast this machine trains. Once it has a folder, `train.runs.trainer` trains in it; the process's own side is
`wait_for_run`, in `train.cli.standby`.
"""

from __future__ import annotations

import dataclasses
import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from fontdemo.threads import TooBusyError, begin
from train.files import PROJECT
from train.loop.estimate import Estimate, Interrupted, estimate
from train.loop.recipe import Recipe, get_recipe
from train.runs import worker

#: Seconds after which a trainer that nobody wanted ends, where no server keeps one.
IDLE = 600.0

#: Seconds that a server has to itself before a trainer starts beside it: its own first answers come first.
HEAD_START = 1.0

#: Seconds between two that are started: one that fails at once is not started over and over.
_BETWEEN = 20.0

# Seconds that a trainer takes at most from reading which run it is to train to saying that one has come.
_JUST_READ = 1.0

#: Training and validation images of the epoch whose time is measured.
MEASURED = (8000, 2000)


def alike(recipe: Recipe) -> Recipe:
    """The same for all recipes whose steps take equally long, whether a form has their numbers as 0 or as 0.0."""
    numbers = {f.name: float(getattr(recipe, f.name)) for f in dataclasses.fields(recipe) if f.type == "float"}
    same = {"name": "", "epochs": 1, "minutes": 1.0, "patience": 0, "seed": 0, "learning_rate": 1e-3}
    return recipe.changed(**(numbers | same), schedule="constant")


class Standby:
    """At most one process that stands by; safe to share between threads.

    recipes: names of those whose pace it measures while it waits.
    """

    def __init__(self, recipes: Iterable[str] = ("quick", "report", "best")) -> None:
        self._recipes = tuple(recipes)
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self._started = float("-inf")
        self._kept = self._ended = False
        self._paces: dict[str, Estimate] = {}

    @property
    def paces(self) -> Mapping[str, Estimate]:
        """{`alike` recipe as JSON: its estimate for MEASURED images}, as far as measured."""
        return self._paces

    def pace(self, recipe: Recipe) -> Estimate | None:
        """How fast a recipe like this one trains, or None if that is not measured yet."""
        return self._paces.get(alike(recipe).to_json())

    def warm(self) -> None:
        """Have a trainer stand by, if there is none, and the system has room for one. Returns at once."""
        with self._lock:
            if self._ended or (self._child is not None and self._child.poll() is None):
                return
            _hang_up(self._child)
            if time.monotonic() - self._started < _BETWEEN:
                return
            self._started = time.monotonic()
            wanted = [name for name in self._recipes if self.pace(get_recipe(name)) is None]
            try:
                child = subprocess.Popen(
                    [sys.executable, "-m", "train.cli.standby", *wanted, *(["--kept"] if self._kept else [])],
                    cwd=PROJECT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,  # no Ctrl-C or hang-up of ours reaches it
                    env=os.environ | {"PYTHONUNBUFFERED": "1"},
                    text=True,
                )
            except OSError:  # no process is left
                return
            self._child = child
        with suppress(OSError):  # it has ended already
            os.setpriority(os.PRIO_PROCESS, child.pid, worker.NICENESS)
        try:
            begin(partial(self._listen, child), f"standby {child.pid}")
        except TooBusyError:
            with child:
                child.kill()

    def launch(self, folder: Path) -> bool:
        """Have the trainer that stands by train in `folder`; False if there is none, and nothing was done."""
        with self._lock:
            child, self._child = self._child, None
            self._started = float("-inf")
        if child is None or child.poll() is not None or child.stdin is None:
            _hang_up(child)
            return False
        worker.record(folder, child)
        try:
            child.stdin.write(json.dumps(str(folder.resolve())) + "\n")
            child.stdin.flush()
            _hang_up(child)
        except OSError:  # it has just ended
            _hang_up(child)
            (folder / worker.RECORD).unlink(missing_ok=True)
            return False
        return True

    @asynccontextmanager
    async def lifespan(self, _app: object) -> AsyncIterator[None]:
        """For a server's app: from soon after its start to its end a trainer stands by, whoever comes when."""
        later = threading.Timer(HEAD_START, self._keep)
        later.daemon = True
        later.start()
        try:
            yield
        finally:
            later.cancel()
            self.end()

    def end(self) -> None:
        """End the process that stands by, if there is one, and start no other."""
        with self._lock:
            child, self._child, self._ended = self._child, None, True
        if child is not None:
            _hang_up(child)
            child.kill()  # it may be loading yet, and has nothing to lose
            child.wait(30)

    def _keep(self) -> None:
        """Have a trainer stand by from now on."""
        self._kept = True
        self.warm()

    def _listen(self, child: subprocess.Popen[str]) -> None:
        """Take in what it measures until it says no more, then wait for its end, so that no zombie is left.

        After a run, another stands by where one is kept; after one that ended by itself, only once a visitor comes.
        """
        assert child.stdout is not None
        for line in child.stdout:
            with suppress(ValueError, TypeError, KeyError):
                message = json.loads(line)
                self._paces = {**self._paces, message["recipe"]: Estimate(**message["pace"])}
        child.stdout.close()
        child.wait()
        if self._kept and self._child is not child:
            self.warm()


def _hang_up(child: subprocess.Popen[str] | None) -> None:
    """Close the pipe to a child: nothing more will be said to it."""
    if child is not None and child.stdin is not None:
        with suppress(OSError):
            child.stdin.close()


def wait_for_run(
    recipes: Iterable[str], idle: float | None = IDLE, measured: Callable[[], object] = lambda: None
) -> Path | None:
    """Measure the paces of these recipes, then wait for a folder's name on standard input; None if none comes.

    idle: seconds to wait, None for as long as the page is there. measured: called before the wait. A folder that comes
    early is not kept waiting. Once one has come, what is printed goes to its log.
    """
    for name in recipes:
        if _asked(0.0):
            break
        recipe = alike(get_recipe(name))
        try:
            pace = estimate(recipe, *MEASURED, timed=0.5, stop=lambda: _asked(0.0))
        except Interrupted:
            break
        print(json.dumps({"recipe": recipe.to_json(), "pace": dataclasses.asdict(pace)}), flush=True)
    if not _asked(0.0):
        measured()
    if not _asked(idle):
        return None
    line = sys.stdin.readline()
    if not line.endswith("\n"):  # the page is gone
        return None
    folder = Path(json.loads(line))
    log = os.open(folder / worker.LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.close(log)
    return folder


def end_with_page() -> threading.Event:
    """From now on end this process when its page goes, whatever it does then, unless a run has come.

    The event is to be set once one has.
    """
    came = threading.Event()

    def watch() -> None:
        poll = select.poll()
        poll.register(sys.stdin, select.POLLIN)
        hung_up = not any(event & select.POLLIN for _, event in poll.poll())
        # Nothing is there to be read: nothing was said, or it has been read just now.
        if hung_up and not came.wait(_JUST_READ):
            os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
    return came


def _asked(seconds: float | None) -> bool:
    """Whether something, or the end of it, is there to be read within so many seconds; None waits for it."""
    return bool(select.select([sys.stdin], [], [], seconds)[0])

