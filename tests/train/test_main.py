"""python -m train: every command says what it does, and mistakes end in a sentence."""

from __future__ import annotations

import pytest

from train.__main__ import main


@pytest.mark.parametrize(
    "command", ["run", "data", "benchmark", "speed", "tune", "ship", "reproduce"]
)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([command, "--help"])
    said = capsys.readouterr().out
    assert left.value.code == 0 and f"train {command}" in said and len(said) > 200


def test_a_mistake_is_a_sentence_and_a_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", "--baseline-images", "0"]) == 1
    said = capsys.readouterr().err
    assert "--baseline-images must be at least 1" in said and "Traceback" not in said
