"""Whatever values an event of the whole page is sent: the sender reads a sentence, the host no traceback. Over HTTP."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from fontdemo.ui.gate.events import IncompleteEventError
from tests.fontdemo.ui.gate.uploads.conftest import (
    HTTP,
    Job,
    Served,
    ask_many,
    events_of,
    told,
)


def test_nothing_skips_the_queue(space: Served) -> None:
    for event in events_of(space.url):
        job = {"data": [None] * len(event["inputs"]), "fn_index": event["id"], "session_hash": "direct"}
        for route in ("run/predict", "api/predict"):
            assert HTTP.post(f"{space.url}/gradio_api/{route}", json=job, timeout=20).status_code == 404


ODD_DATA: list[Any] = [
    None, "text", {}, [], 7, True, {"index": "x"}, {"index": 1e300}, {"index": -1}, {"index": [1, 2]},
    {"index": None, "value": {}}, {"value": "Picture"}, {"index": True, "value": ["Train"]}, {"index": 0.5},
    {"layout": "x", "index": None}, {"layout": -1, "index": 10**30}, {"run": {}, "what": [], "name": 7},
    {"run": "../..", "what": "delete", "name": None}, {"page": "x"}, {"page": [[]]}, {"_data": 1, "target": 2},
    {"__class__": "x", "__dict__": {}}, {"index": {"__proto__": 1}},
]  # fmt: skip


def test_events_whose_data_is_anything_end_in_a_sentence(page: Served) -> None:
    """What a click brings may be missing, or be anything: the visitor reads a sentence, the host no traceback."""
    parts = {part["id"]: part["type"] for part in HTTP.get(f"{page.url}/config").json()["components"]}
    events = events_of(page.url)
    pressed = [event for event in events if any(parts.get(t[0]) in ("html", "tabs") for t in event["targets"])]
    assert len(pressed) > 7
    said = len(page.log)
    jobs: list[Job] = [(event, [None] * len(event["inputs"]), data) for event in pressed for data in ODD_DATA]
    for answer, (event, _, data) in zip(ask_many(page.url, jobs), jobs, strict=True):
        reply = json.loads(answer.removeprefix("data: "))
        if not reply["success"]:
            assert str(reply["output"]["error"]).endswith("."), (event["id"], event["targets"], data, reply)
    assert "Traceback" not in "".join(page.log[said:]), "".join(page.log[said:])


@pytest.mark.parametrize("count", [0, 1])
def test_an_event_with_too_few_values_ends_in_a_sentence(space: Served, count: int) -> None:
    said = len(space.log)
    jobs: list[Job] = [(event, [None] * count, {"index": 0, "value": ""}) for event in events_of(space.url)
                       if len(event["inputs"]) > count]  # fmt: skip
    assert {told(answer) for answer in ask_many(space.url, jobs)} == {str(IncompleteEventError())}
    assert "Traceback" not in "".join(space.log[said:])


@pytest.mark.parametrize(
    "value", [{"a": [1]}, "\ud800", {"__type__": "update", "value": 3}], ids=["record", "half a character", "order"]
)
def test_values_of_any_kind_end_in_a_sentence(space: Served, value: Any) -> None:
    """What a component can't take, or no list offers: never a broken answer, nor what was sent as the sentence.

    A record that Gradio takes for an update of ours came back as one: a traceback each time.
    """
    said, events = len(space.log), events_of(space.url)
    jobs: list[Job] = [(event, [value] * len(event["inputs"]), {"index": 0, "value": ""}) for event in events]
    for answer, (event, _, _) in zip(ask_many(space.url, jobs), jobs, strict=True):
        reply = json.loads(answer.removeprefix("data: "))
        if not reply["success"]:
            error = str(reply["output"]["error"])
            assert error.endswith(".") and len(error) < 300, (event["id"], event["targets"], reply)
    assert "Traceback" not in "".join(space.log[said:]), "".join(space.log[said:])


def test_large_requests_are_refused_before_they_are_read(space: Served) -> None:
    url = space.url
    join = f"{url}/gradio_api/queue/join"
    body = json.dumps({"data": ["[" * 10_000_000], "fn_index": 0, "session_hash": "large"}).encode()
    answer = HTTP.post(join, content=body, headers={"content-type": "application/json"}, timeout=20)
    assert (answer.status_code, answer.json()["detail"]) == (413, "This request is too large.")

    def pieces() -> Iterator[bytes]:  # without a Content-Length
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    with contextlib.suppress(httpx.WriteError):
        assert HTTP.post(join, content=pieces(), timeout=20).status_code == 413
    small = {"data": ["x" * 900_000], "fn_index": 0, "session_hash": "small"}
    assert HTTP.post(join, json=small, timeout=20).status_code == 200


@pytest.mark.parametrize("number", [99_999, -1, 2**70])
def test_an_event_that_the_page_does_not_have_is_refused_with_a_sentence(space: Served, number: int) -> None:
    job = {"data": [], "fn_index": number, "session_hash": "unknown"}
    answer = HTTP.post(f"{space.url}/gradio_api/queue/join", json=job)
    assert answer.status_code == 404 and "Reload it" in answer.text
    assert not any("KeyError" in line for line in space.log)
