"""The states of a run are the words that stand in files which were written long ago, and are shown as they are."""

from __future__ import annotations

import json

from train.run_state import RunState


def test_a_state_is_written_and_shown_as_its_word() -> None:
    for state in RunState:
        assert json.loads(json.dumps({"status": state})) == {"status": state.value}
        assert RunState(state.value) is state and f"{state}" == str(state) == state.value


def test_the_words_in_files_stay() -> None:
    written = ["running", "finished", "stopped", "time limit", "early stop", "failed"]
    seen = ["new", "stopping", "crashed"]
    assert sorted(RunState) == sorted(written + seen)
