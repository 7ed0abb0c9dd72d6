"""train.data.safe_pickle against Python's own pickle, and what it refuses."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.train.data.test_course_files import PAPER
from train.data import safe_pickle
from train.data.safe_pickle import PickleError


@pytest.mark.parametrize(
    "code", [b"cos\nsystem\n(S'touch x'\ntR.", b"cbuiltins\neval\n(S'1'\ntR.", b"cnumpy\nload\n(S'x'\ntR."],
    ids=["os.system", "eval", "numpy.load"],
)  # fmt: skip
def test_other_names_are_refused_by_name(code: bytes) -> None:
    with pytest.raises(PickleError, match="something other than"):
        safe_pickle.read(code)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5) | st.binary(),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    | st.tuples(inner, inner),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(plain, st.sampled_from([0, 2, 3, 4, 5]))
def test_plain_containers_come_out_as_pickle_would_give_them(thing: Any, protocol: int) -> None:
    try:
        found = safe_pickle.read(pickle.dumps(thing, protocol))
    except PickleError:
        return  # protocol 0 and 2 spell bytes and long numbers in ways that no file of the course needs
    assert found == thing


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 400))
def test_noise_is_refused_and_never_crashes(noise: bytes, index: int) -> None:
    whole = pickle.dumps({"image": PAPER})
    for data in (noise, whole[:index] + noise + whole[index + len(noise) :]):
        try:
            safe_pickle.read(data)
        except PickleError:
            pass
