"""/read and /read_many, called as plain functions: many are answered as each alone would be."""

from __future__ import annotations

import json
from typing import Any

from fontdemo.ui.api.given import MOST
from fontdemo.ui.api.read import make_read, make_read_many
from fontdemo.ui.context import NetworkStore
from tests.fontdemo.ui.api.refused import refused
from tests.support.letters import STROKES


def test_many_are_answered_in_order_each_as_alone(networks: NetworkStore, upload: dict[str, Any]) -> None:
    read, many = make_read(networks), make_read_many(networks)
    answers = many([STROKES, json.dumps(STROKES)], [upload], "report-crnn", "letter")
    alone = [read(STROKES, None, "report-crnn", "letter")] * 2 + [read(None, upload, "report-crnn", "letter")]
    for answer, one in zip(answers, alone, strict=True):
        assert one.pop("stages", True)
        assert answer == one
    assert answers[0] == answers[1] != answers[2] and answers[2]["seen"] == "dark ink"


def test_one_that_cant_be_read_keeps_no_other_from_it(networks: NetworkStore, upload: dict[str, Any]) -> None:
    bad = [[], "{", 7, [[["x", 1]]]]
    outside = [{"path": "/etc/passwd", "meta": upload["meta"]}, "/etc/passwd", None]
    answers = make_read_many(networks)([*bad, STROKES], [*outside, upload])
    assert [set(answer) == {"error"} for answer in answers] == [True] * 4 + [False] + [True] * 3 + [False]
    assert answers[0]["error"] == "The pad is empty. Draw one character."
    assert answers[4]["label"] and answers[5]["error"] == "Can't open this file. Upload it again."


def test_how_many_is_limited(networks: NetworkStore, upload: dict[str, Any]) -> None:
    many = make_read_many(networks)
    assert len(many([STROKES] * MOST)) == MOST
    for given in [(), ([], []), ([STROKES] * (MOST + 1),), ([STROKES] * MOST, [upload])]:
        assert f"1 to {MOST}" in refused(many, *given)
    assert "must be a list" in refused(many, "[]")
    assert "must be a list" in refused(many, None, upload)
    assert "no such network" in refused(many, [STROKES], network="../weights")


def test_what_it_is_among_may_be_of_any_kind(networks: NetworkStore) -> None:
    """A list there was a fault of ours, with a traceback in the host's log."""
    for among in (["digit"], {"digit": 1}, None, 7, "<img>"):
        assert "one of these words" in refused(make_read(networks), STROKES, None, "report-crnn", among)
