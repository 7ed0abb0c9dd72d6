"""train.teach.rehearsal: what is rehearsed comes from what ships, and what is kept is made anew where it is damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from fontdemo.network.network import Network
from tests.support.training import SMALL, small_set
from train.loop.augment import plain
from train.loop.frozen import split
from train.teach import rehearsal as rehearsed
from train.teach.rehearsal import rehearsal


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(rehearsed, "sample_set", small_set)
    monkeypatch.setattr(rehearsed, "WRITERS", 1)
    monkeypatch.setattr(rehearsed, "OUTLIERS", 7)
    monkeypatch.setenv("FONTDEMO_CACHE", str(tmp_path))


def small(alphabet: str = "course52") -> Network:
    torch.manual_seed(0)
    return Network(alphabet=alphabet, options=SMALL).eval()


def test_it_holds_faces_hands_and_what_is_no_character_as_the_frozen_stages_see_them() -> None:
    network = small()
    frozen, taught = split(network, "fc2")
    found = rehearsal(network, frozen, taught)
    data = small_set()
    assert len(found.rehearsed) == len(found.before) == (data.split == 0).sum() + 2 * 62 + 7
    images, labels = data.part("valid")
    with torch.no_grad():
        expected = frozen(plain(torch.from_numpy(images)))
        assert torch.allclose(found.printed, expected, atol=2e-3)
        assert torch.equal(found.before, taught(found.rehearsed))
    assert found.labels.tolist() == labels.tolist()


def test_printed_characters_have_the_labels_of_the_networks_own_alphabet() -> None:
    network = small("letters52")
    found = rehearsal(network, *split(network, "fc2"))
    _, labels = small_set().part("valid")
    letters = [c for c in (small_set().alphabet.classes[label] for label in labels) if c.isalpha()]
    assert [network.alphabet.classes[label] for label in found.labels.tolist()] == letters
    assert len(found.printed) == len(letters) < len(labels)


def test_a_damaged_file_is_made_anew_and_the_oldest_go(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    network = small()
    parts = split(network, "fc2")
    first = rehearsal(network, *parts)
    (file,) = tmp_path.rglob("*.safetensors")
    file.write_bytes(b"nothing")
    again = rehearsal(network, *parts)
    assert torch.equal(first.rehearsed, again.rehearsed) and file.stat().st_size > 1000
    monkeypatch.setattr(rehearsed, "_MOST_FILES", 1)
    with torch.no_grad():
        next(network.stages["conv1"].parameters()).add_(1)
    changed = rehearsal(network, *parts)
    assert not torch.equal(changed.rehearsed, first.rehearsed)
    (left,) = tmp_path.rglob("*.safetensors")
    assert left != file


def test_a_folder_that_can_not_be_written_costs_only_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FONTDEMO_CACHE", str(tmp_path / "file"))
    network = small()
    assert np.isfinite(rehearsal(network, *split(network, "fc2")).rehearsed.numpy()).all()
