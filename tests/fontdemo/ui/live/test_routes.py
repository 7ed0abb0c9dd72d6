"""The addresses from which a browser takes the scripts and a network: only what is listed is served."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.reading.description import describe
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.live.routes import PREFIX, early, routes, version

MODEL, DESCRIPTION = f"{PREFIX}/network/model.safetensors", f"{PREFIX}/network/description.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pretrained.save(Network(), tmp_path / "weights", "")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "model.safetensors").write_bytes(b"secret")
    return tmp_path / "weights"


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    store = NetworkStore(lambda: {"trained: a run": folder, "gone": folder.parent / "gone"})
    with TestClient(Starlette(routes=routes(store))) as client:
        yield client


def test_a_network_is_served_by_its_name(client: TestClient, folder: Path) -> None:
    answer = client.get(MODEL, params={"name": "trained: a run"})
    assert answer.status_code == 200 and answer.content == (folder / "model.safetensors").read_bytes()
    answer = client.get(DESCRIPTION, params={"name": "trained: a run"})
    assert answer.json() == json.loads(json.dumps(describe(pretrained.load(folder))))


@pytest.mark.parametrize("path", [MODEL, DESCRIPTION])
def test_what_a_browser_keeps_is_asked_for_again_only_when_it_has_changed(
    client: TestClient, folder: Path, path: str
) -> None:
    first = client.get(path, params={"name": "trained: a run"})
    assert first.headers["cache-control"] == "no-cache"
    kept = {"if-none-match": first.headers["etag"]}
    assert client.get(path, params={"name": "trained: a run"}, headers=kept).status_code == 304
    os.utime(folder / "model.safetensors", (1, 1))
    again = client.get(path, params={"name": "trained: a run"}, headers=kept)
    assert again.status_code == 200 and again.headers["etag"] != first.headers["etag"]


HOSTILE = [
    "", "../secret", "..", ".", "/etc/passwd", "weights", "secret", "gone", "trained: a run/../../secret", "a" * 10_000,
    "trained: a run\0", "..%2fsecret", "__proto__",
]  # fmt: skip


@pytest.mark.parametrize("path", [MODEL, DESCRIPTION])
@pytest.mark.parametrize("name", HOSTILE)
def test_no_other_name_is_served(client: TestClient, folder: Path, path: str, name: str) -> None:
    answer = client.get(path, params={"name": name})
    assert answer.status_code == 404
    assert b"secret" not in answer.content and str(folder.parent).encode() not in answer.content


@pytest.mark.parametrize(
    "path", ["live/routes.py", "live/__init__.py", "read/read.css", "live/../context.py", "live/%2e%2e/context.py",
             "live//network.js", "read/", "", "network/", "network/config.json", "live/network.js/"]
)  # fmt: skip
def test_only_the_scripts_of_the_list_are_served(client: TestClient, path: str) -> None:
    assert client.get(f"{PREFIX}/{path}", follow_redirects=False).status_code in (307, 404)
    assert client.get(f"{PREFIX}/{path}").status_code == 404 or path == "live/network.js/"


def test_scripts_are_javascript(client: TestClient) -> None:
    for name in ("live/network.js", "live/worker.js", "read/session.js", "read/live_view.js"):
        answer = client.get(f"{PREFIX}/{name}")
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/javascript")


def test_under_its_version_a_script_is_kept_for_good_and_a_network_is_not(client: TestClient) -> None:
    name = {"name": "trained: a run"}
    kept = client.get(f"{PREFIX}/{version()}/read/session.js")
    assert kept.status_code == 200 and "immutable" in kept.headers["cache-control"]
    assert client.get(f"{PREFIX}/read/session.js").headers["cache-control"] == "no-cache"
    for path in (MODEL, DESCRIPTION):
        answer = client.get(path.replace(PREFIX, f"{PREFIX}/{version()}"), params=name)
        assert answer.status_code == 200 and answer.headers["cache-control"] == "no-cache"
    assert client.get(f"{PREFIX}/000000000000/read/session.js").status_code == 404


def test_the_head_of_the_page_names_every_script_that_a_page_fetches(client: TestClient, folder: Path) -> None:
    head = early(NetworkStore(lambda: {"</script><b>": folder}))
    assert "</script><b>" not in head
    wanted = json.loads(head.rpartition("fontdemoEarly(base, ")[2].partition(");")[0])
    assert wanted["network"] == "</script><b>" and f"'.{PREFIX}/{version()}/'" in head
    assert {"read/live_view.js", "read/session.js", "live/worker.js", "live/engine.js"} <= set(wanted["scripts"])
    for name in wanted["scripts"]:
        answer = client.get(f"{PREFIX}/{version()}/{name}")
        assert answer.status_code == 200 and ("export " in answer.text or "import " in answer.text)


def test_a_loaded_network_is_described_without_running_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finding what cells see runs the network in a way that other threads must not meet: once, where it is loaded."""
    store = NetworkStore(lambda: {"run": folder})
    store.get("run")

    def forbidden(*_: object) -> None:
        raise AssertionError("the network was run")

    for name in ("fields", "stage_facts"):
        monkeypatch.setattr(f"fontdemo.reading.description.{name}", forbidden)
    with TestClient(Starlette(routes=routes(store))) as client:
        assert client.get(DESCRIPTION, params={"name": "run"}).status_code == 200


def test_the_sample_of_glyphs_is_made_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes a tenth of a second, and no one has to wait in line for it."""
    made: list[object] = []
    monkeypatch.setattr("fontdemo.ui.live.routes.sample", lambda index: made.append(index) or {"characters": "A"})
    store = NetworkStore(lambda: {"one": folder})
    object.__setattr__(store.get("one"), "index", object())  # it is frozen
    with TestClient(Starlette(routes=routes(store))) as client:
        for _ in range(3):
            assert client.get(f"{PREFIX}/network/glyphs.json", params={"name": "one"}).json() == {"characters": "A"}
    assert len(made) == 1


@pytest.mark.parametrize("file", ["description.json", "model.safetensors", "glyphs.json"])
def test_a_network_that_vanishes_while_it_is_asked_for_is_told_of(
    client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    monkeypatch.setattr("fontdemo.network.pretrained.has_weights", lambda folder: True)
    for model in folder.rglob("model.safetensors"):
        model.unlink()
    answer = client.get(f"{PREFIX}/network/{file}", params={"name": "trained: a run"})
    assert answer.status_code == 404 and "changing" in answer.json()["error"]
