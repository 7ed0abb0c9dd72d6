"""train.parallel: results in order, and what becomes of errors and processes that die."""

from __future__ import annotations

import os
import time

import pytest

from train.parallel import spread


def _square(number: int) -> int:
    if number == 13:
        os._exit(3)  # as a font engine does that runs into a broken font
    return number * number


def _slowly(number: int) -> int:
    time.sleep(0.001 * (number % 3))
    return number


def _fails(number: int) -> int:
    if number == 45:
        raise ValueError("forty-five")
    return number


def test_a_process_that_dies_costs_its_item_alone() -> None:
    seen: list[tuple[int, int]] = []
    results = spread(_square, range(60), progress=lambda done, of: seen.append((done, of)), workers=2)
    assert results == [None if number == 13 else number * number for number in range(60)]
    assert {of for _, of in seen} == {60} and [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_results_come_in_order_and_errors_come_through() -> None:
    assert spread(_slowly, range(50), workers=2) == list(range(50))
    assert spread(_slowly, range(5)) == list(range(5))
    assert spread(_slowly, []) == []
    with pytest.raises(ValueError, match="forty-five"):
        spread(_fails, range(50), workers=2)


@pytest.mark.parametrize("count", [5, 50])
def test_each_result_is_taken_as_it_comes_with_its_index(count: int) -> None:
    taken: dict[int, int] = {}

    def take(index: int, result: int) -> int:
        assert taken.setdefault(index, result) == result and len(taken) <= count
        return -result

    assert spread(_slowly, range(count), workers=2, take=take) == [-number for number in range(count)]
    assert taken == {number: number for number in range(count)}
