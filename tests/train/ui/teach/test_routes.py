"""train.ui.teach.routes: a network is handed out once, to who knows its key; scripts to everyone, and nothing else."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.testclient import TestClient

from train.ui.teach import routes as module
from train.ui.teach.routes import HEADER, Handout, routes


def test_a_network_is_handed_out_once_to_who_knows_the_key() -> None:
    handout = Handout()
    first, second = handout.put(b"one"), handout.put(b"two")
    assert first != second and len(first) > 40
    with TestClient(Starlette(routes=routes(handout))) as client:
        for key in ("", "x", first[:-1], first + "x"):
            assert client.get("/fontdemo/teach/model.safetensors", headers={HEADER: key}).status_code == 404
        assert client.get(f"/fontdemo/teach/model.safetensors?{HEADER}={first}").status_code == 404
        answer = client.get("/fontdemo/teach/model.safetensors", headers={HEADER: first})
        assert answer.content == b"one" and answer.headers["cache-control"] == "no-store"
        assert client.get("/fontdemo/teach/model.safetensors", headers={HEADER: first}).status_code == 404
        assert client.post("/fontdemo/teach/model.safetensors", headers={HEADER: second}).status_code == 405
    assert handout.holds(second)


def test_every_script_is_served_and_no_other_file() -> None:
    with TestClient(Starlette(routes=routes(Handout()))) as client:
        for file in Path(module.__file__).parent.iterdir():
            answer = client.get(f"/fontdemo/teach/{file.name}")
            if file.suffix == ".js":
                assert answer.headers["content-type"].startswith("text/javascript")
                assert answer.content == file.read_bytes() and answer.headers["cache-control"] == "no-cache"
            else:
                assert answer.status_code == 404


def test_what_is_dropped_is_gone() -> None:
    handout = Handout()
    key = handout.put(b"one")
    handout.drop(key)
    handout.drop(key)
    assert not handout.holds(key) and handout.pop(key) is None
