"""python -m fontdemo read: answers, order, batches, bad files, exit status."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from fontdemo.__main__ import main, open_glyph
from fontdemo.errors import GlyphError
from fontdemo.glyph.glyph import from_drawing, from_picture
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.reading.reader import Reader
from tests.support.letters import picture

ROOT = Path(__file__).parents[2]
PAD = [[[0.2, 0.85], [0.5, 0.15], [0.8, 0.85]], [[0.3, 0.6], [0.7, 0.6]]]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    network = Network()
    with torch.no_grad():  # Untrained answers differ too little to be told apart in print.
        network.stages["fc3"].fc.weight.mul_(30)  # type: ignore[union-attr, operator]
    folder = tmp_path_factory.mktemp("weights") / "untrained"
    pretrained.save(network, folder, "# For tests only\n")
    return folder


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Good ones only: two pictures and two drawings."""
    picture("A").save(tmp_path / "a.png")
    picture("g", paper=0, ink=255).convert("RGB").save(tmp_path / "with space.JPG")
    (tmp_path / "pad.json").write_text(json.dumps(PAD))
    (tmp_path / "pixels.JSON").write_text(json.dumps([[[900 * x, 900 * y] for x, y in stroke] for stroke in PAD]))
    return [tmp_path / name for name in ("a.png", "with space.JPG", "pad.json", "pixels.JSON")]


def test_every_file_gets_a_line_of_json(weights: Path, files: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", "--json", "--weights", str(weights), *map(str, files)]) == 0
    out, err = capsys.readouterr()
    answers = [json.loads(line) for line in out.splitlines()]
    assert err == "" and [answer["file"] for answer in answers] == [str(file) for file in files]
    reader = Reader.load(weights)
    for file, answer in zip(files, answers, strict=True):
        reading = reader.read(open_glyph(file))
        seen = [] if file.suffix.lower() == ".json" else ["seen", "rejected"]
        assert list(answer) == ["file", "label", "twin", "probabilities", "certain", "alike", *seen]
        assert answer["certain"] is True  # these weights have no threshold
        assert [each["label"] for each in answer["alike"]] == [
            reading.alphabet.classes[label] for label, _ in reading.answer.together
        ]
        assert (answer["label"], answer["twin"]) == (reading.character, reading.twin)
        assert list(answer["probabilities"]) == list(reader.alphabet.classes)
        np.testing.assert_allclose(list(answer["probabilities"].values()), reading.probabilities, atol=1e-6)


def test_people_get_the_label_and_the_top_five(
    weights: Path, files: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["read", "--weights", str(weights), str(files[0])]) == 0
    line = capsys.readouterr().out
    reading = Reader.load(weights).read(from_picture(files[0]))
    assert line.startswith(f"{files[0]}: {reading.top(1)[0][0]} ")
    probabilities = re.findall(r"(\w(?: \w)?) ([\d.]+)%", line)
    assert [title for title, _ in probabilities] == [title for title, _ in reading.top(5)]
    wanted = [100 * probability for _, probability in reading.top(5)]
    assert [float(probability) for _, probability in probabilities] == pytest.approx(wanted, abs=0.06)


def test_drawings_on_the_pad_keep_their_place_and_others_are_fitted(files: list[Path]) -> None:
    assert np.array_equal(open_glyph(files[2]).image, from_drawing(PAD).image)
    assert np.array_equal(open_glyph(files[3]).image, from_drawing(PAD, fit=True).image)


def test_bad_files_are_reported_and_the_others_answered(
    weights: Path, files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "blank.json").write_text("[]")
    (tmp_path / "not.json").write_bytes(b"\xff\xfe{")
    bad = [tmp_path / name for name in ("text.png", "blank.json", "not.json", "none.png", "none.json", "empty")]
    bad[-1].mkdir()
    mixed = [bad[0], files[0], *bad[1:4], files[2], *bad[4:]]
    assert main(["read", "--json", "--weights", str(weights), *map(str, mixed)]) == 1
    out, err = capsys.readouterr()
    assert [json.loads(line)["file"] for line in out.splitlines()] == [str(files[0]), str(files[2])]
    assert [line.startswith(f"{file}: ") for file, line in zip(bad, err.splitlines(), strict=True)] == [True] * 6
    assert "The pad is empty" in err and "No such file" in err and "Traceback" not in err


def test_a_folder_stands_for_its_files(weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("b.json", "a.json", ".hidden.json"):
        (tmp_path / name).write_text(json.dumps(PAD))
    (tmp_path / "folder").mkdir()
    assert main(["read", "--json", "--weights", str(weights), str(tmp_path)]) == 0
    files = [json.loads(line)["file"] for line in capsys.readouterr().out.splitlines()]
    assert files == [str(tmp_path / "a.json"), str(tmp_path / "b.json")]


def test_many_files_are_answered_in_order(weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # More than two batches, of three contents.
    contents = [json.dumps([[[0.1 * n + 0.2, 0.1], [0.5, 0.9]]]) for n in range(3)]
    names = [f"{n:03}.json" for n in range(150)]
    for n, name in enumerate(names):
        (tmp_path / name).write_text(contents[n % 3])
    assert main(["read", "--json", "--weights", str(weights), *(str(tmp_path / name) for name in names)]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [Path(answer["file"]).name for answer in answers] == names
    for n, answer in enumerate(answers):
        assert answer["probabilities"] == pytest.approx(answers[n % 3]["probabilities"], abs=1e-6)


@pytest.mark.parametrize("arguments", [[], ["read"], ["write"], ["read", "--what", "x"]])
def test_a_wrong_call_shows_the_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2 and "usage: python -m fontdemo" in capsys.readouterr().err


def test_the_help_tells_what_a_file_may_be(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["read", "--help"])
    out = capsys.readouterr().out
    assert "[[[x, y], ...], ...]" in out and "examples:" in out and "exit status is 1" in out.replace("\n", " ")


def test_weights_that_are_not_there_are_an_error(files: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", "--weights", "no-such-weights", str(files[0])]) == 1
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("error: no weights 'no-such-weights'")


def test_an_endless_drawing_is_refused_without_reading_it_all(tmp_path: Path) -> None:
    with open(tmp_path / "long.json", "w") as file:
        file.write("[[" + "[0.5, 0.5]," * 200_000)
    with pytest.raises(GlyphError, match="too long"):
        open_glyph(tmp_path / "long.json")


@pytest.mark.skipif(sys.platform != "linux", reason="only here may a file name be any bytes")
def test_as_a_program_it_takes_any_file_name_and_a_closed_pipe(weights: Path, tmp_path: Path) -> None:
    odd = os.fsencode(tmp_path) + b"/\xff\n\xc3\xa4.png"
    picture("A").save(tmp_path / "a.png")
    os.rename(tmp_path / "a.png", odd)
    command = [sys.executable, "-W", "error", "-m", "fontdemo", "read", "--weights", str(weights)]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([*command, odd], cwd=ROOT, env=environment, capture_output=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, b"") and b"%" in done.stdout
    with subprocess.Popen([*command, odd], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b"" and process.wait(120) == 1


def test_what_it_is_may_be_said_and_rejected_ways_are_reported(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture("R", height=40, margin=0).save(tmp_path / "R.png")
    for among, letters in (("digit", "0123456789"), ("small", "abcdefghijklmnopqrstuvwxyz")):
        assert main(["read", "--json", "--weights", str(weights), "--among", among, str(tmp_path / "R.png")]) == 0
        answer = json.loads(capsys.readouterr().out)
        assert answer["label"] in letters
        assert all(each["label"] in letters for each in answer["alike"])
    assert answer["seen"] == "dark ink" or answer["rejected"]
    assert all(each.keys() == {"seen", "label", "twin", "probability"} for each in answer["rejected"])
    with pytest.raises(SystemExit):
        main(["read", "--among", "vowel", str(tmp_path / "R.png")])
