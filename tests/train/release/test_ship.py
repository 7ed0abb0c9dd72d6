"""train.release.ship: a run's best network under weights/, with a card whose every figure comes from files."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from fontdemo.errors import FontdemoError
from fontdemo.files import recover_folder
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from tests.support.training import packed, small_recipe
from train.__main__ import main
from train.data.glyphset import GlyphSet
from train.release import ship
from train.runs.folder import RunFolder
from train.runs.trainer import execute


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "one"
    data = packed(folder.parent)
    RunFolder.create(folder, small_recipe(), data, GlyphSet.load(data).fingerprint(), "cpu")
    execute(folder)
    return folder


def test_what_ships_reads_like_the_runs_best_and_says_how_it_was_trained(finished: Path, tmp_path: Path) -> None:
    folder = tmp_path / "weights" / "mine"
    ship.ship(finished, folder, commands=["python -m train data build -o small.npz"])
    image = torch.rand(1, 1, 100, 100)
    shipped, best = pretrained.load(folder), pretrained.load(finished / "best")
    assert torch.equal(shipped(image), best(image))
    assert (folder / "metrics.jsonl").read_text() == (finished / "metrics.jsonl").read_text()
    training = json.loads((folder / ship.TRAINING).read_text())
    epochs = [row for row in RunFolder(finished).metrics() if row["kind"] == "epoch"]
    assert training["epoch"] == min(epochs, key=lambda row: row["valid_error"])["epoch"]
    assert training["data"]["parts"]["train"]["images"] == 52
    assert training["data"]["parts"]["train"]["families"] == 3
    card = (folder / "README.md").read_text()
    assert card.startswith("---\n") and "python -m train data build -o small.npz" in card
    assert f"{shipped.parameter_count:,} parameters" in card
    assert "How well it reads" not in card
    (folder / ship.TRAINING).write_text(json.dumps(training | {"after": ["Averaged with others."]}))
    ship.write_card(folder, [])
    assert "```\n\nAveraged with others.\n" in (folder / "README.md").read_text()


def test_a_network_can_go_a_part_of_the_way_from_what_it_started_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pretrained, "WEIGHTS", tmp_path / "weights")
    recipe = small_recipe()
    first = Network(recipe.architecture, recipe.alphabet, recipe.options)
    pretrained.save(first, tmp_path / "weights" / "first", "")
    data = packed(tmp_path)
    run, fingerprint = tmp_path / "run", GlyphSet.load(data).fingerprint()
    RunFolder.create(run, recipe.changed(start_from="first"), data, fingerprint, "cpu")
    execute(run)
    ship.ship(run, tmp_path / "half", way=0.5)
    folders = (tmp_path / "weights" / "first", run / "best", tmp_path / "half")
    before, after, half = (load_file(folder / "model.safetensors") for folder in folders)
    moved = [name for name in after if after[name].is_floating_point() and not torch.equal(before[name], after[name])]
    assert len(moved) > 10
    for name in moved:
        assert torch.allclose(half[name], (before[name] + after[name]) / 2, atol=1e-6)
    assert "50% of the way" in (tmp_path / "half" / "README.md").read_text()
    with pytest.raises(FontdemoError, match="between 0 and 1"):
        ship.ship(run, tmp_path / "much", way=1.5)


def test_there_is_no_way_from_weights_that_are_others_by_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    weights, run = tmp_path / "weights", tmp_path / "run"
    monkeypatch.setattr(pretrained, "WEIGHTS", weights)
    recipe = small_recipe(start_from="first", epochs=1)
    kind = recipe.architecture, recipe.alphabet, recipe.options
    pretrained.save(Network(*kind), weights / "first", "")
    RunFolder.create(run, recipe, packed(tmp_path))
    # Others before it begins: then it starts from these. What is not weights may change at any time.
    pretrained.save(Network(*kind), weights / "first", "")
    execute(run)
    pretrained.set_confidence(weights / "first", 1.5, 0.2)
    assert main(["ship", str(run), str(tmp_path / "half"), "--way", "0.5"]) == 0
    assert not capsys.readouterr().err
    kept = (weights / "first" / "model.safetensors").read_bytes()
    execute(run)  # resumed, at its end
    pretrained.save(Network(*kind), weights / "first", "")
    assert main(["ship", str(run), str(tmp_path / "no"), "--way", "0.5"]) == 1
    told = capsys.readouterr().err
    assert "weights/first no longer holds" in told and hashlib.sha256(kept).hexdigest()[:16] in told
    (weights / "first" / "model.safetensors").unlink()
    with pytest.raises(FontdemoError, match="Put those back"):
        ship.ship(run, tmp_path / "no", way=0.5)
    assert not (tmp_path / "no").exists()
    ship.ship(run, tmp_path / "all")  # needs none of them
    (weights / "first" / "model.safetensors").write_bytes(kept)
    (run / "start.json").unlink()  # as in a run of old
    assert main(["ship", str(run), str(tmp_path / "old"), "--way", "0.5"]) == 0
    assert "Make sure that weights/first still holds" in capsys.readouterr().err
    halves = [load_file(tmp_path / name / "model.safetensors") for name in ("half", "old")]
    assert all(torch.equal(values, halves[1][name]) for name, values in halves[0].items())


def test_what_started_from_nothing_goes_all_the_way(finished: Path, tmp_path: Path) -> None:
    with pytest.raises(FontdemoError, match="started from others"):
        ship.ship(finished, tmp_path / "half", way=0.5)


def test_the_card_tells_what_was_measured_of_this_network_only(finished: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    ship.ship(finished, folder)
    scores = {"images": 1234, "refused": 0, "left_out": 0, "alphabet": 0.91234, "twins": 0.95, "case_blind": 0.96,
              "top5": None, "calibration": 0.0125}  # fmt: skip
    row = {"reader": "mine", "trial": "printed", "scores": scores, "milliseconds": 1.0}
    rows = [row, row | {"reader": "other", "scores": scores | {"images": 77}}]
    ship.write_card(folder, rows)
    card = (folder / "README.md").read_text()
    assert "| printed | 1,234 | 91.23% | 95.00% | 96.00% | – | 1.25% |" in card
    assert "| 77 |" not in card
    experiments = [{"name": "small", "valid_accuracy": 0.9321}, {"name": "small-families", "valid_accuracy": 0.9}]
    ship.write_card(folder, rows, [*experiments, {"name": "other", "valid_accuracy": 0.5}])
    card = (folder / "README.md").read_text()
    assert "on a random split of the images reached 93.21%" in card and "never saw reached 90.00%" in card
    assert "50.00%" not in card


def test_a_network_of_all_characters_is_folded_without_training(tmp_path: Path) -> None:
    whole = Network("report-cnn", "alnum62").eval()
    folded = ship.folded(whole, "course52")
    image = torch.rand(1, 1, 100, 100)
    with torch.no_grad():
        probabilities, joined = whole.probabilities(whole(image))[0], folded.probabilities(folded(image))[0]
    capital, small, single = (whole.alphabet.classes.index(character) for character in "CcA")
    both, alone = (joined[folded.alphabet.classes.index(character)] for character in "CA")
    wanted = (probabilities[capital] + probabilities[small]) / 2**0.5 / probabilities[single]
    assert float(both / alone) == pytest.approx(float(wanted), rel=1e-4)
    with pytest.raises(FontdemoError, match="all 62"):
        ship.folded(Network(), "course52")


def test_a_folder_that_was_not_shipped_gets_no_card(tmp_path: Path) -> None:
    pretrained.save(Network(), tmp_path / "other", "as it was")
    with pytest.raises(FontdemoError, match="how it was trained"):
        ship.write_card(tmp_path / "other", [])
    assert (tmp_path / "other" / "README.md").read_text() == "as it was"


def test_a_run_without_an_ended_epoch_or_with_other_data_does_not_ship(finished: Path, tmp_path: Path) -> None:
    plan = RunFolder(finished).plan()
    data = Path(plan.data)
    kept = data.read_bytes()
    try:
        packed(data.parent, seed=5)
        with pytest.raises(FontdemoError, match="not the data"):
            ship.ship(finished, tmp_path / "mine")
    finally:
        data.write_bytes(kept)
    assert not (tmp_path / "mine").exists()


def test_the_card_tells_of_the_weights_that_it_went_on_from_and_of_what_it_learned_from(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even when the weights of that name are others by now."""
    weights = tmp_path / "weights"
    ship.ship(finished, weights / "early", commands=["python -m train once"])
    monkeypatch.setattr(pretrained, "WEIGHTS", weights)
    data = RunFolder(finished).plan().data
    RunFolder.create(tmp_path / "two", small_recipe(start_from="early", epochs=1), Path(data))
    execute(tmp_path / "two")
    ship.ship(tmp_path / "two", weights / "early", commands=["python -m train twice"], sources=["Pens of 1903, MIT"])
    card = (weights / "early" / "README.md").read_text()
    assert "trained from earlier weights" in card and "- Pens of 1903, MIT" in card
    now, before = card.split("### Before that")
    assert "python -m train twice" in now and "after epoch 1 of 1" in now
    assert "python -m train once" in before and "of 3, the one" in before
    RunFolder.create(tmp_path / "three", small_recipe(start_from="early", epochs=1), Path(data))
    execute(tmp_path / "three")
    ship.ship(tmp_path / "three", weights / "early", commands=["python -m train thrice"])
    now, before, first = (weights / "early" / "README.md").read_text().split("### Before that")
    assert "train thrice" in now and "train twice" in before and "train once" in first


def test_a_kill_at_any_moment_leaves_the_old_network_or_the_new_one_whole(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights, moments = tmp_path / "weights", []
    monkeypatch.setattr(pretrained, "WEIGHTS", weights)
    ship.ship(finished, weights / "mine", commands=["old"])
    replace, copy, write = os.replace, shutil.copyfile, Path.write_text

    def look() -> None:
        moments.append(shutil.copytree(weights, tmp_path / str(len(moments)), copy_function=copy))

    def watched(what: Callable[..., Any]) -> Callable[..., Any]:
        def act(*arguments: Any, **options: Any) -> Any:
            look()
            done = what(*arguments, **options)
            look()
            return done

        return act

    with monkeypatch.context() as patch:
        for where, name, what in ((os, "replace", replace), (shutil, "copyfile", copy), (Path, "write_text", write)):
            patch.setattr(where, name, watched(what))
        ship.ship(finished, weights / "mine", commands=["new"])
    assert len(moments) > 8
    away = 0
    for moment in moments:
        monkeypatch.setattr(pretrained, "WEIGHTS", moment)
        assert pretrained.shipped() in (["mine"], [])
        if not pretrained.shipped():  # between the renamings: the next to ship finds it
            away += 1
            recover_folder(moment / "mine")
        pretrained.load("mine")
        assert json.loads((moment / "mine" / ship.TRAINING).read_text())["commands"] in (["old"], ["new"])
        assert (moment / "mine" / "metrics.jsonl").read_bytes() == (finished / "metrics.jsonl").read_bytes()
        assert "```" in (moment / "mine" / "README.md").read_text()
    assert away <= 2
    monkeypatch.setattr(pretrained, "WEIGHTS", weights)
    (weights / "mine").rename(weights / "mine.old")
    with pytest.raises(FontdemoError):
        ship.ship(tmp_path / "none", weights / "mine")
    ship.ship(finished, weights / "mine")
    assert [folder.name for folder in weights.iterdir()] == ["mine"]


def test_a_folder_of_something_else_is_not_replaced(finished: Path, tmp_path: Path) -> None:
    for name in ("weights", "file", "link", "one.old"):
        target = tmp_path / name
        (tmp_path / "weights" / "best52").mkdir(parents=True, exist_ok=True)
        if name == "file":
            target.write_text("mine")
        elif name == "link":
            target.symlink_to(tmp_path / "weights")
        with pytest.raises(FontdemoError, match="holds something else"):
            ship.ship(finished, target)
    assert (tmp_path / "weights" / "best52").is_dir() and (tmp_path / "file").read_text() == "mine"
