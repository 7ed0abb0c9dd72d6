"""fontdemo.ui.gate.crowd: how much of the queue one visitor may fill, and what who must wait is told."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import torch

from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.ui.gate import crowd
from tests.load.readings import drawing, load, reading_event
from tests.support.servers.pageserver import ROOT, serving

JOIN = "/gradio_api/queue/join"


def event(session: str, address: str = "8.8.8.8") -> Any:
    return SimpleNamespace(session_hash=session, request=SimpleNamespace(scope=came_from(address)))


def came_from(address: str) -> dict[str, Any]:
    return {"client": (address, 1), "headers": []}


def asked(events: list[Any], session: str = "me", address: str = "9.9.9.9", path: str = JOIN, **more: Any) -> Any:
    """What someone who joins the queue of `events` is answered: the body that reached the page, or the refusal."""
    reached: list[bytes] = []
    answer: list[Any] = []
    body = json.dumps({"data": ["x" * 5000], "session_hash": session, "fn_index": 1}).encode()
    chunks = [body[i : i + 1000] for i in range(0, len(body), 1000)]

    async def receive() -> Any:
        return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        more = True
        while more:
            message = await receive()
            reached.append(message["body"])
            more = message["more_body"]

    async def send(message: Any) -> None:
        answer.append(message)

    queue = SimpleNamespace(event_ids_to_events=dict(enumerate(events)), pending_messages_per_session={})
    page = SimpleNamespace(get_blocks=lambda: SimpleNamespace(_queue=queue))
    scope = {"type": "http", "method": "POST", "path": path, "app": page, **came_from(address), **more}
    asyncio.run(crowd.FairQueue(app, on_space=False)(scope, receive, send))
    if reached:
        assert b"".join(reached) == body and not answer
        return 200
    if answer[0]["status"] == 400:
        return 400
    assert json.loads(answer[1]["body"])["detail"] == crowd.SENTENCE
    assert (b"retry-after", b"1") in answer[0]["headers"]
    return answer[0]["status"]


def test_a_session_has_no_long_name_however_it_is_written() -> None:
    """Gradio keeps the names of a thousand, and a name could be as long as a request: 150 of them took 170 MB."""
    names = ["a" * 128, "a" * 129, "ü" * 129, "a" * 900_000]
    assert [asked([], session=name) for name in names] == [200, 400, 400, 400]
    assert asked([], session="") == 400  # Gradio's events of such a one fail, and others' with them
    mine = [event("ü\n\"") for _ in range(crowd.OF_A_SESSION)]
    assert asked(mine, session="ü\n\"") == 429 and asked(mine, session="me") == 200


def test_answers_that_no_one_fetches_are_forgotten() -> None:
    news = {name: asyncio.Queue[str]() for name in ("gone", "slow", "reader")}
    queue = SimpleNamespace(
        event_ids_to_events={1: event("slow")}, pending_messages_per_session=dict(news),
        pending_event_ids_session={name: {1} for name in news},
    )  # fmt: skip
    unread = crowd.Unread()
    for now in range(0, int(crowd.PATIENCE[0]) + 2):
        for name in ("gone", "slow") if now == 0 else ("reader",):
            news[name].put_nowait("answer")
        unread.forget(queue, float(now))
        if now < crowd.PATIENCE[0]:
            assert news["gone"].qsize() == news["slow"].qsize() == 1
        assert news["reader"].qsize() == (now > 0)
        if now:
            news["reader"].get_nowait()
            unread.forget(queue, now + 0.5)
    assert set(queue.pending_messages_per_session) == set(queue.pending_event_ids_session) == {"slow", "reader"}
    assert news["slow"].empty()  # one who still waits in the queue keeps the place, not the old news
    for _ in range(crowd.UNREAD + 1):
        news["slow"].put_nowait("answer")
    unread.forget(queue, 100.0)
    assert news["slow"].qsize() == crowd.UNREAD + 1
    unread.forget(queue, 100.0 + crowd.PATIENCE[1])
    assert news["slow"].empty()


def test_what_no_one_fetches_is_forgotten_even_if_no_one_asks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "PATIENCE", (0.2, 0.05))
    queue = SimpleNamespace(
        event_ids_to_events={1: event("me")}, pending_messages_per_session={"me": asyncio.Queue[Any]()},
        pending_event_ids_session={},
    )  # fmt: skip
    scope = {"type": "http", "method": "POST", "path": JOIN, **came_from("8.8.8.8")}
    scope["app"] = SimpleNamespace(get_blocks=lambda: SimpleNamespace(_queue=queue))

    async def receive() -> Any:
        return {"type": "http.request", "body": b"{}"}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        pass

    async def visit() -> None:
        await crowd.FairQueue(app, on_space=False)(scope, receive, None)  # type: ignore[arg-type]  # not used
        queue.pending_messages_per_session["me"].put_nowait(SimpleNamespace(output={"data": [1]}))
        queue.event_ids_to_events.clear()
        for _ in range(100):
            await asyncio.sleep(0.05)
            if not queue.pending_messages_per_session:
                break

    asyncio.run(visit())
    assert not queue.pending_messages_per_session


@pytest.mark.parametrize(
    "large",
    [
        [{"values": [[[0.5] * 50] * 50] * 400, "file": None}],
        ["x" * 32_000_000, None],
        [[[{"uri": "x" * 320}] * 100] * 1000],
    ],
    ids=["a stage's values", "a text", "pictures"],
)
def test_a_few_large_answers_that_no_one_fetches_are_forgotten_as_soon_as_many_small_ones(large: list[Any]) -> None:
    def waiting(count: int) -> Any:
        queues = {f"session {n}": asyncio.Queue[Any]() for n in range(count)}
        for news in queues.values():
            news.put_nowait(SimpleNamespace(output={"data": large}))
        return SimpleNamespace(
            event_ids_to_events={}, pending_messages_per_session=queues, pending_event_ids_session={}
        )

    for count, left in ((3, 3), (5, 0)):
        queue, unread = waiting(count), crowd.Unread()
        unread.forget(queue, 0.0)
        unread.forget(queue, crowd.PATIENCE[1])
        assert len(queue.pending_messages_per_session) == left


@pytest.mark.parametrize("path", [JOIN, JOIN + "/", "/gradio_api/call/read", "/gradio_api/call/v2/read", "/x" + JOIN])
def test_one_visitor_fills_its_own_part_of_the_queue_only(path: str) -> None:
    mine = [event("me") for _ in range(crowd.OF_A_SESSION)]
    assert asked(mine, path=path) == 429
    assert asked(mine, "you", path=path) == 200
    assert asked(mine[1:], path=path) == 200
    assert asked(mine[1:] + [event("you")] * 300, path=path) == 200


def test_new_sessions_of_one_address_are_one_visitor() -> None:
    many = [event(f"session {n}", "9.9.9.9") for n in range(crowd.OF_AN_ADDRESS)]
    assert asked(many, "another") == 429
    assert asked(many, "another", "9.9.9.8") == 200
    assert asked(many[1:], "another") == 200


def test_the_owners_machine_and_a_proxy_on_it_are_no_visitor() -> None:
    many = [event(f"session {n}", "127.0.0.1") for n in range(crowd.OF_AN_ADDRESS)]
    assert asked(many, "another", "127.0.0.1") == 200


def test_only_what_joins_the_queue_is_held_up() -> None:
    mine = [event("me") for _ in range(200)]
    assert asked(mine, path="/gradio_api/upload") == asked(mine, path="/config") == 200
    assert asked(mine, method="GET") == 200


def test_the_queue_is_for_a_crowd_and_spends_nothing_on_a_dashboard(tmp_path: Path) -> None:
    torch.manual_seed(0)
    pretrained.save(Network(), tmp_path / "report-cnn", "")
    code = (
        "import pathlib, sys; from fontdemo.network import pretrained; from fontdemo.ui import page\n"
        "pretrained.WEIGHTS = pathlib.Path(sys.argv[1])\n"
        "demo = page.build(); queue = demo._queue; queue.create_event_queue_for_fn(demo.fns[0])\n"
        "print(queue.max_size, queue.ANAYLTICS_CACHE_FREQUENCY > 10**9)\n"
        "print({type(one.queue).__name__ for one in queue.event_queue_per_concurrency_id.values()})"
    )
    answer = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    assert answer.stdout.split() == ["500", "True", "{'InTurns'}"], answer.stderr


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Any:
    weights = tmp_path_factory.mktemp("weights")
    torch.manual_seed(0)
    pretrained.save(Network(), weights / "report-cnn", "")
    with serving(weights) as url:
        yield url


def test_sixty_visitors_at_once_are_all_answered(url: str) -> None:
    """More than the queue of 32 and the 4 at work that there once were; the short form of tests/load/readings.py."""
    result = asyncio.run(load(url, 60, 5.0))
    assert not result.errors and result.waited == 0
    assert len(result.seconds) >= 60
    # Three of its own each, and its place when it comes and every other second: not whenever another one begins.
    assert result.messages < 10 * len(result.seconds)


def test_a_flood_is_told_to_wait_and_others_are_not(url: str) -> None:
    async def flood() -> tuple[list[httpx.Response], httpx.Response]:
        # A new connection each: one that was idle for 5 s the server closes just when the next round may take it.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        async with httpx.AsyncClient(timeout=60, limits=limits) as http:
            number, more = reading_event((await http.get(f"{url}config")).json())

            # Each another one: what was read before is answered at once, and the page would keep up.
            drawn = [drawing(random.Random(seed)) for seed in range(301)]

            def join(session: str, drawn: str) -> Any:
                body = {"data": [drawn, *more], "fn_index": number, "session_hash": session}
                return http.post(f"{url}gradio_api/queue/join", json=body)

            answers: list[httpx.Response] = []
            for _ in range(5):  # where the clients are slower than the page, it may keep up with the first ones
                *answers, other = await asyncio.gather(
                    *(join("flood", one) for one in drawn[1:]), join("other", drawn[0])
                )
                if any(answer.status_code == 429 for answer in answers):
                    break
            return answers, other

    flooded, other = asyncio.run(flood())
    refused = [answer for answer in flooded if answer.status_code == 429]
    assert refused and refused[0].json()["detail"] == crowd.SENTENCE and refused[0].headers["retry-after"] == "1"
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [("queue/join", '{"data":[],"fn_index":1e400,"session_hash":"s"}', 422),
     ("queue/join", '{"data":[],"fn_index":NaN,"session_hash":"s"}', 422),
     ("queue/join", '{"data":[],"fn_index":99999,"session_hash":"s"}', 404),
     ("queue/join", '{"data":[],"fn_index":0,"session_hash":"s<gradio-sep>"}', 400),  # no one could cancel anything
     ("call/v2/nothing", "{}", 404), ("call/v2/read", '{"nothing":1}', 422), ("call/v2/stages", "{}", 422),
     ("call/nothing", '{"data":[]}', 404), ("call/nothing", '{"data":1e400}', 422), ("cancel", "NaN", 422)],
)  # fmt: skip
def test_what_is_no_event_of_the_page_is_refused_in_a_sentence(url: str, path: str, body: str, code: int) -> None:
    answer = httpx.post(f"{url}gradio_api/{path}", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == code and answer.json()["detail"].endswith(".")


def test_what_is_said_of_the_api_never_names_a_host_that_someone_else_asked_with(url: str) -> None:
    """Gradio kept the first answer: its examples sent everyone's drawings to whatever host that visitor had named."""
    first = httpx.get(f"{url}gradio_api/info", headers={"X-Forwarded-Proto": "https"}).text
    assert url.replace("http:", "https:").rstrip("/") in first
    for more in ("", "?all_endpoints=1", "?page=x"):
        text = httpx.get(f"{url}gradio_api/info{more}").text
        assert "https://127.0.0.1" not in text and url.rstrip("/") in text and "/read" in text


def test_what_gradio_fails_at_is_refused_in_a_sentence_instead(url: str) -> None:
    """Each wrote a traceback into the host's log: 0.7 MB a second of them, for some 100 requests a second."""
    assert httpx.get(f"{url}static/{'a' * 300}").status_code == 404
    border = {"Content-Type": f"multipart/form-data; boundary={'b' * 300}"}
    assert httpx.post(f"{url}gradio_api/upload", content=b"x", headers=border).status_code == 422
    assert httpx.get(f"{url}gradio_api/call/read/none").text == 'event: error\ndata: "404: Not Found"\n\n'
