"""fontdemo.reading.batching, and a network's reader with it: together as alone, but in fewer calls."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from fontdemo.glyph.glyph import Glyph
from fontdemo.network.network import Network
from fontdemo.reading.batching import Batched
from fontdemo.reading.reader import Reader
from tests.support.waiting import until


def held(answer: Callable[[int], int], most: int = 32) -> tuple[Batched[int, int], list[list[int]], threading.Event]:
    """Answers each with `answer`; its calls; and what the first of them waits for."""
    calls: list[list[int]] = []
    go = threading.Event()

    def together(asked: list[int]) -> list[int]:
        calls.append(asked)
        assert go.wait(30)
        return [answer(one) for one in asked]

    return Batched(together, most), calls, go


def test_who_comes_while_a_call_is_under_way_is_in_the_next() -> None:
    batched, calls, go = held(lambda one: one * one, most=4)
    with ThreadPoolExecutor(10) as pool:
        first = pool.submit(batched.ask, 0)
        until(lambda: calls == [[0]])  # alone: it waits for no company
        others = [pool.submit(batched.ask, n) for n in range(1, 10)]
        until(lambda: len(batched._waiting) == 9)
        go.set()
        assert [first.result(30), *(other.result(30) for other in others)] == [n * n for n in range(10)]
    assert [len(call) for call in calls] == [1, 4, 4, 1]
    assert sorted(sum(calls, [])) == list(range(10))


def test_an_error_is_everyones_in_the_batch_and_no_one_elses() -> None:
    batched, calls, go = held(lambda one: 1 // one)
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(batched.ask, 1)
        until(lambda: calls == [[1]])
        second = [pool.submit(batched.ask, n) for n in (0, 5)]
        until(lambda: len(batched._waiting) == 2)
        go.set()
        assert first.result(30) == 1
        for other in second:
            with pytest.raises(ZeroDivisionError):
                other.result(30)
    assert batched.ask(1) == 1


@pytest.mark.parametrize("name", ["report-cnn", "report-crnn"])
def test_a_burst_of_readings_is_read_as_each_would_be_alone(name: str) -> None:
    torch.manual_seed(0)
    network = Network(name)
    rng = np.random.default_rng(0)
    glyphs = [Glyph(rng.random((100, 100), np.float32), (), "drawing") for _ in range(24)]
    sizes: list[int] = []
    reader = Reader(network)
    trace = network.trace
    network.trace = lambda images: (sizes.append(len(images)), trace(images))[1]  # type: ignore[method-assign]
    reader._reading._turn.acquire()  # all 24 are there before the first is read
    with ThreadPoolExecutor(24) as pool:
        asked = [pool.submit(reader.read, glyph) for glyph in glyphs]
        until(lambda: len(reader._reading._waiting) == 24)
        reader._reading._turn.release()
        readings = [one.result(60) for one in asked]
    assert sizes == [8, 8, 8]
    for glyph, reading in zip(glyphs, readings, strict=True):
        with torch.inference_mode():
            value = torch.from_numpy(glyph.image)[None, None]
            for stage_name, stage in network.stages.items():
                value = stage(value)
                np.testing.assert_allclose(reading.outputs[stage_name], value[0].numpy(), atol=1e-4)
            np.testing.assert_allclose(reading.probabilities, network.probabilities(value)[0].numpy(), atol=1e-5)
        assert all(output.base is None for output in reading.outputs.values())
