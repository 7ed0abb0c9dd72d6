"""/train, /status and /stop: called as plain functions, and by real clients of a served page."""

from __future__ import annotations

import ast
import asyncio
import importlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import gradio as gr
import pytest
import torch
from gradio_client import Client
from gradio_client.exceptions import AppError

from fontdemo.errors import FontdemoError
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.ui.api.endpoints import tools_installed
from tests.support.runs import make_run
from tests.support.servers.pageserver import serving_by
from tests.support.unserved import unserved
from train.access import Access, access, owner_of
from train.data import glyphset
from train.data.sample import sample_file
from train.loop.recipe import get_recipe
from train.runs.background import Launcher
from train.runs.folder import RunFolder
from train.runs.start import line
from train.ui.api import endpoints

HOME = access({})
SPACE = access({"SPACE_ID": "a/b"})
KEY, OTHER = "k" * 32, "o" * 32

NO_RUN = "no run of this name"
NOT_YOURS = "There is no run of this name at work that this key is for."


def stop_of(root: Path, rights: Access = SPACE) -> Callable[..., dict[str, Any]]:
    return endpoints.make_stop(Launcher(root), rights)


def begin(launcher: Launcher, rights: Access = SPACE, **given: Any) -> dict[str, Any]:
    return endpoints.make_train(launcher, rights)(**given)


def refused(call: Callable[..., Any], *given: Any, **named: Any) -> str:
    """The sentence with which it is refused."""
    with pytest.raises(FontdemoError) as caught:
        call(*given, **named)
    return str(caught.value)


@pytest.mark.parametrize(
    "environment, names",
    [
        ({}, ["train", "status", "stop"]),
        ({"SPACE_ID": "a/b"}, ["train", "status", "stop"]),
        ({"SPACE_ID": "a/b", "FONTDEMO_TRAINING": "off"}, []),
        ({"SPACE_ID": "a/b", "FONTDEMO_TRAINING": "off", "FONTDEMO_HOST_SECRET": "s" * 20}, []),
    ],
)
def test_they_are_there_only_where_visitors_may_train(
    root: Path, environment: dict[str, str], names: list[str]
) -> None:
    with unserved(), gr.Blocks() as demo:
        endpoints.add(Launcher(root), access(environment))
    assert [fn.api_name for fn in demo.fns.values()] == names
    assert all(fn.api_visibility == "public" for fn in demo.fns.values())


def test_the_recipes_are_those_that_fit_the_sample() -> None:
    with glyphset.opened(sample_file()) as archive:
        alphabet = glyphset.read_index(archive)[0].alphabet
    assert endpoints.TRAINED[:2] == ("quick", "report") and "best" not in endpoints.TRAINED
    assert {get_recipe(name).alphabet for name in endpoints.TRAINED} == {alphabet.name}


@pytest.mark.parametrize("recipe", ["best", "", "../quick", "/etc/passwd", "quick\0", None, 3, ["quick"], {"a": 1}])
def test_what_is_no_recipe_is_refused(root: Path, recipe: Any) -> None:
    assert refused(begin, Launcher(root), recipe=recipe).startswith("There is no such recipe. Choose one of these: qui")
    assert not root.exists()


@pytest.mark.parametrize("seed", [-1, 2**31, 10**400, 1.5, float("nan"), True, "1", [1], {"path": "/etc/passwd"}])
def test_what_is_no_seed_is_refused(root: Path, seed: Any) -> None:
    assert refused(begin, Launcher(root), seed=seed) == "seed must be a whole number from 0 to 2,147,483,647"
    assert not root.exists()


def test_the_limits_for_visitors_hold(root: Path) -> None:
    assert refused(begin, Launcher(root), recipe="report") == "At most 5 epochs here."
    off = access({"SPACE_ID": "a/b", "FONTDEMO_TRAINING": "off"})
    assert "Training is off" in refused(begin, Launcher(root), off)


def test_on_zerogpu_it_is_not_offered(root: Path) -> None:
    assert "not offered on this page" in refused(begin, Launcher(root, None, cast(Any, object())))


@pytest.mark.parametrize("rights", [HOME, SPACE])
def test_who_comes_while_another_trains_waits_in_line_and_programs_leave_places_for_people(
    root: Path, rights: Access
) -> None:
    make_run(root, "busy", status="running")  # by this very process, which is alive
    launcher = Launcher(root)
    status, stop = endpoints.make_status(launcher), endpoints.make_stop(launcher, rights)
    waiting = [begin(launcher, rights) for _ in range(endpoints.PLACES)]
    assert "Many are waiting" in refused(begin, launcher, rights)
    assert len({one["run"] for one in waiting}) == len({one["key"] for one in waiting}) == endpoints.PLACES < line.MOST
    second = status(waiting[1]["run"])
    assert second["state"] == "waiting" and second["message"].startswith("You are second, about")
    assert refused(stop, waiting[1]["run"], waiting[0]["key"]) == NOT_YOURS and len(launcher.line) == endpoints.PLACES
    assert stop(waiting[0]["run"], waiting[0]["key"])["state"] == "stopped"
    assert status(waiting[1]["run"])["message"].startswith("You are next, about")
    assert NO_RUN in refused(status, waiting[0]["run"])


def test_a_run_on_its_way_out_of_the_line_is_waited_for_and_one_that_there_is_not_is_not(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One at a time is answered: each question for a run that there was not kept all others waiting 0.2 s."""
    launcher, leaves, ends = Launcher(root), threading.Event(), threading.Event()
    status = endpoints.make_status(launcher)

    def begin_late() -> None:
        leaves.wait(10)
        launcher.begin("quick 1", lambda progress, say: ends.wait(10) and Path("none"), lambda data: None, "b" * 64)

    launcher.line.join("b" * 64, "quick 1", 60.0, begin_late)
    threading.Thread(target=launcher.keep_ready).start()
    while len(launcher.line):
        time.sleep(0.01)
    threading.Timer(0.5, leaves.set).start()
    assert status("quick 1")["state"] == "preparing"
    ends.set()
    launcher.wait(10)
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail("it waits"))
    assert NO_RUN in refused(status, "nothing")


def test_the_place_of_a_person_is_theirs_to_see(root: Path) -> None:
    launcher = Launcher(root)
    make_run(root, "busy", status="running")
    launcher.line.join("b" * 64, "quick", 60.0, lambda: None)
    assert NO_RUN in refused(endpoints.make_status(launcher), "quick")


@pytest.mark.parametrize("name", ["", "../a", "/etc/passwd", "a/../a", ".", None, 3, 10**400, ["a"], {"path": "/a"}])
def test_a_name_never_becomes_a_path(root: Path, name: Any) -> None:
    make_run(root, "a")
    assert NO_RUN in refused(endpoints.make_status(Launcher(root)), name)
    assert refused(stop_of(root), name, KEY) == NOT_YOURS


@pytest.mark.parametrize("rights", [HOME, SPACE])
def test_only_the_right_key_stops_a_run(root: Path, rights: Access) -> None:
    for name in ("mine", "the host's"):
        make_run(root, name, status="running")
    SPACE.of({"browser": KEY}).claim(root / "mine")
    owner = owner_of(root / "mine")
    stop = stop_of(root, rights)
    for key in (OTHER, owner, "", "k", "k" * 10**6, None, 7, [KEY], {"browser": KEY}):
        assert refused(stop, "mine", key) == refused(stop, "none", key) == NOT_YOURS
        assert refused(stop, "the host's", key) == NOT_YOURS
    assert not RunFolder(root / "mine").asked_to_stop(os.getpid())
    assert stop("mine", KEY)["state"] == "stopping"
    assert RunFolder(root / "mine").asked_to_stop(os.getpid())


def test_status_says_what_the_page_shows_and_no_path(root: Path) -> None:
    make_run(root, "a", status="failed", message=f"can't write {root}/a/state.json")
    said = endpoints.make_status(Launcher(root))("a")
    assert str(root) not in said.pop("message")
    assert said == {
        "run": "a", "state": "crashed", "epoch": 3, "epochs": 15, "train_accuracy": 0.75, "valid_accuracy": 0.75,
        "seconds": 180.0,
    }  # fmt: skip


def test_a_run_that_could_not_start_is_failed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: Any) -> Path:
        raise OSError(28, "No space left on device", str(root / "x"))

    monkeypatch.setattr("train.data.sources.prepare", broken)
    launcher = Launcher(root)
    mine = begin(launcher)
    launcher.wait(10)
    said = endpoints.make_status(launcher)(mine["run"])
    assert said["state"] == "failed" and "could not be started" in said["message"] and str(root) not in said["message"]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    weights, runs = tmp_path_factory.mktemp("weights"), tmp_path_factory.mktemp("runs")
    torch.manual_seed(0)
    pretrained.save(Network("report-cnn"), weights / "report-cnn", "")
    with serving_by("tests.support.servers.train_server", weights, runs) as found:
        yield found


def test_two_programs_train_one_after_the_other(url: str) -> None:
    client = Client(url, verbose=False)

    def call(name: str, **given: Any) -> Any:
        return client.predict(api_name=name, **given)

    def until(run: str, *states: str) -> dict[str, Any]:
        end = time.monotonic() + 120
        while (said := call("/status", run=run))["state"] not in states:
            assert time.monotonic() < end, said
            time.sleep(0.2)
        return cast(dict[str, Any], said)

    first, second = call("/train", seed=3), call("/train", recipe="quick")
    assert call("/status", run=second["run"])["state"] == "waiting"
    assert until(first["run"], "running")["epochs"] == 2
    for run, key in ((first["run"], second["key"]), ("none", first["key"])):
        with pytest.raises(AppError, match=NOT_YOURS):
            call("/stop", run=run, key=key)
    with pytest.raises(AppError, match="There is no such recipe"):
        call("/train", recipe=["quick"])
    with pytest.raises(AppError, match="seed must be a whole number"):
        call("/train", seed=10**30)
    assert call("/stop", run=first["run"], key=first["key"])["state"] in ("stopping", "stopped")
    until(first["run"], "stopped")
    until(second["run"], "running")  # though no one has the page open
    call("/stop", run=second["run"], key=second["key"])
    until(second["run"], "stopped")


@pytest.mark.skipif(not tools_installed() and "CI" not in os.environ, reason='needs pip install "gradio[mcp]"')
def test_an_agent_trains(url: str) -> None:
    mcp: Any = importlib.import_module("mcp")
    transport: Any = importlib.import_module("mcp.client.streamable_http")

    async def asked() -> None:
        async with (
            transport.streamable_http_client(f"{url}gradio_api/mcp/") as (read, write, _),
            mcp.ClientSession(read, write) as session,
        ):
            await session.initialize()

            async def call(tool: str, **given: Any) -> Any:
                result = await session.call_tool(tool, given)
                assert not result.isError, result.content[0].text
                return ast.literal_eval(result.content[0].text)

            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            assert {"train", "status", "stop"} <= set(tools)
            for name in ("train", "status", "stop"):
                assert len(tools[name].description) > 40
                properties = tools[name].inputSchema["properties"].values()
                assert all(one["description"].endswith(".") for one in properties)
            mine = await call("train", recipe="quick")
            assert (await call("status", run=mine["run"]))["state"] in ("waiting", "preparing", "running", "new")
            assert (await call("stop", **mine))["state"] in ("stopping", "stopped")

    asyncio.run(asked())
