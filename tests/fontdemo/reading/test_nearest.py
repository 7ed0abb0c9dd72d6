"""The search for the closest typefaces: against brute force over whole features, and with files that nobody trusts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file

from fontdemo.errors import FontdemoError
from fontdemo.glyph.glyph import Glyph, from_drawing
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.reading import nearest
from fontdemo.reading.nearest import FILE, Index, NearestError
from fontdemo.reading.reader import Reader
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.read import closest
from tests.support.training import letter_set
from train.__main__ import main
from train.data.glyphset import GlyphSet
from train.release import nearest_index

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def data() -> GlyphSet:
    return letter_set(shifts=6)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, data: GlyphSet) -> Path:
    """An untrained network with its index, made by the command."""
    root = tmp_path_factory.mktemp("weights")
    torch.manual_seed(0)
    network = Network(options={"fc_activations": ["silu", "silu"]})
    network.train()
    network(torch.from_numpy(data.images[::4]).float()[:, None] / 255)
    pretrained.save(network, root / "report-cnn", "")
    data.save(root / "small.fd")
    assert main(["index", str(root / "report-cnn"), "--data", str(root / "small.fd"), "--device", "cpu"]) == 0
    return root / "report-cnn"


@pytest.fixture(scope="module")
def network(folder: Path) -> Network:
    return pretrained.load(folder)


@pytest.fixture(scope="module")
def made(folder: Path, network: Network) -> Index:
    return nearest.load(folder, network)


def hidden(network: Network, images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """What FC2 makes of images, by calling the stages by hand."""
    value = torch.from_numpy(images).float()[:, None] / 255
    with torch.no_grad():
        for stage in list(network.stages.values())[:-1]:
            value = stage(value)
    return value.double().numpy()


def test_only_training_glyphs_are_in_it(made: Index, data: GlyphSet) -> None:
    assert {name.family for name in made.names} == {note.family for note in data.faces[:-2]}
    assert len(made) == (data.split == 0).sum()
    assert made.stage == "fc2" and made.usual > 0


def test_it_agrees_with_brute_force_over_whole_features(made: Index, network: Network, data: GlyphSet) -> None:
    """The oracle: angles of unreduced, unrounded features in float64, the best glyph of each family."""
    training = data.split == 0
    known, asked = hidden(network, data.images[training]), hidden(network, data.images[~training])
    centre = known.mean(axis=0)
    units = (known - centre) / np.linalg.norm(known - centre, axis=1, keepdims=True)
    family = np.array([data.faces[face].key for face in data.face[training]])
    agreed = 0
    for values in asked:
        cosines = units @ ((values - centre) / np.linalg.norm(values - centre))
        best = sorted({str(key) for key in family}, key=lambda key: -cosines[family == key].max())
        found = made.nearest({"fc2": values.astype(np.float32)}, 3)
        assert [n.similarity for n in found] == sorted((n.similarity for n in found), reverse=True)
        assert len({n.face.key for n in found}) == 3
        agreed += len({n.face.key for n in found} & set(best[:3]))
    assert agreed / (3 * len(asked)) > 0.9


def test_a_training_glyph_finds_itself(made: Index, network: Network, data: GlyphSet) -> None:
    for index in np.flatnonzero(data.split == 0)[::7]:
        (found,) = made.nearest({"fc2": hidden(network, data.images[[index]])[0].astype(np.float32)}, 1)
        assert found.face.family == data.faces[data.face[index]].family
        assert found.character == data.alphabet.classes[data.labels[index]] and found.similarity > 0.9
        wanted = nearest_index.small_picture(data.images[index])
        assert np.abs(found.picture - wanted).max() <= 1 / 6 + 1e-6


def test_another_networks_outputs_are_refused(made: Index) -> None:
    for outputs in ({}, {"fc2": np.zeros(5, np.float32)}, {"fc1": np.zeros(128, np.float32)}):
        with pytest.raises(NearestError, match="another network"):
            made.nearest(outputs)


@pytest.mark.parametrize(
    "architecture, options, stage",
    [("report-crnn", {}, "gru"), ("residual-cnn", {}, "fc1"), ("residual-cnn", {"fold": True}, "fc1")],
)
def test_every_architecture_has_its_last_hidden_layer(architecture: str, options: dict[str, Any], stage: str) -> None:
    assert nearest.hidden_stage(Network(architecture, options=options)) == stage


def test_a_network_without_a_hidden_layer_is_reported() -> None:
    network = Network()
    for name in list(network.stages)[1:]:
        del network.stages[name]
    with pytest.raises(NearestError, match="no hidden layer"):
        nearest.hidden_stage(network)


def test_equal_data_and_seed_make_equal_files(folder: Path, network: Network, data: GlyphSet) -> None:
    glyphs = nearest_index.joined([nearest_index.candidates(data, nearest_index.CANDIDATES, 0)])
    before = (folder / FILE).read_bytes()
    nearest_index.write(network, folder, glyphs, 0)
    assert (folder / FILE).read_bytes() == before
    assert sorted(file.name for file in folder.iterdir()) == ["README.md", "config.json", "model.safetensors", FILE]


def test_it_never_grows_larger_than_it_may(
    folder: Path, network: Network, data: GlyphSet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pretrained.save(network, tmp_path / "w", "")
    monkeypatch.setattr(nearest, "LARGEST", 78_000)
    assert nearest_index.write(network, tmp_path / "w", nearest_index.candidates(data, 400, 0), 0) <= 78_000
    assert 10 <= len(nearest.load(tmp_path / "w", pretrained.load(tmp_path / "w"))) < (data.split == 0).sum()
    monkeypatch.setattr(nearest, "LARGEST", 20_000)
    with pytest.raises(FontdemoError, match="too wide"):
        nearest_index.write(network, tmp_path / "w", nearest_index.candidates(data, 400, 0), 0)


# Files that cannot be trusted


def parts(folder: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    with safe_open(folder / FILE, framework="numpy") as opened:
        return {name: opened.get_tensor(name) for name in opened.keys()}, json.loads(opened.metadata()["about"])


def _other(name: str, change: Callable[[NDArray[Any]], NDArray[Any]]) -> Callable[[Any, Any], None]:
    def act(tensors: dict[str, NDArray[Any]], about: dict[str, Any]) -> None:
        tensors[name] = change(tensors[name].copy())

    return act


def _said(key: str, value: Any) -> Callable[[Any, Any], None]:
    def act(tensors: dict[str, NDArray[Any]], about: dict[str, Any]) -> None:
        about[key] = value

    return act


SPOILT: list[tuple[Callable[[Any, Any], Any], str]] = [
    (lambda tensors, about: tensors.pop("scale"), "not those of an index"),
    (_other("vectors", lambda a: a.astype(np.int16)), "not those of an index"),
    (_other("vectors", lambda a: a[:-1]), "do not fit"),
    (_other("axes", lambda a: a[:-1]), "do not fit"),
    (_other("faces", lambda a: a[None]), "do not fit"),
    (_other("usual", lambda a: a * 0), "usual distance"),
    (_other("usual", lambda a: a * np.float32(np.nan)), "not finite"),
    (_other("centre", lambda a: a * np.float32(np.inf)), "not finite"),
    (_other("faces", lambda a: a + np.uint16(1)), "face is out of range"),
    (_other("characters", lambda a: a * 0 + np.uint8(60)), "character is out of range"),
    (_other("pictures", lambda a: a[:-9]), "another size"),
    (_other("pictures", lambda a: a[::-1].copy()), "damaged"),
    (_other("pictures", lambda a: np.concatenate([a, a])), "another size"),
    (_said("weights", "0" * 64), "made for others"),
    (_said("stage", 3), "incomplete"),
    (_said("stage", "fc1"), "another stage"),
    (_said("faces", {}), "incomplete"),
    (_said("faces", [["a", "b"]]), "faces is damaged"),
    (_said("faces", [["a", "b\n", "c"]]), "faces is damaged"),
    (_said("faces", [["a" * 101, "b", "c"]]), "faces is damaged"),
]


@pytest.mark.parametrize("spoil, words", SPOILT)
def test_a_spoilt_index_is_refused(
    folder: Path, network: Network, tmp_path: Path, spoil: Callable[[Any, Any], Any], words: str
) -> None:
    tensors, about = parts(folder)
    spoil(tensors, about)
    (tmp_path / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    save_file({name: np.ascontiguousarray(a) for name, a in tensors.items()}, tmp_path / FILE,
              {"about": json.dumps(about)})  # fmt: skip
    with pytest.raises(NearestError, match=words):
        nearest.load(tmp_path, network)


@pytest.mark.parametrize("content", [None, b"", b"{", b"\x10" + bytes(200), bytes(nearest.LARGEST + 1), b"[" * 5000])
def test_a_file_that_is_no_index_means_no_section(folder: Path, tmp_path: Path, content: bytes | None) -> None:
    pretrained.save(pretrained.load(folder), tmp_path / "w", "")
    if content is not None:
        (tmp_path / "w" / FILE).write_bytes(content)
    loaded = NetworkStore(lambda: {"w": tmp_path / "w"}).get("w")
    assert loaded.index is None and closest.section(None, None) == ""


def test_pictures_keep_four_shades() -> None:
    side = nearest.PICTURE_SIDE
    image = np.random.default_rng(0).random((3, side, side)).astype(np.float32)
    back = np.stack([nearest.unpacked(picture) for picture in nearest.packed(image)])
    assert np.array_equal(back, np.round(3 * image) / np.float32(3)) and len(np.unique(back)) == 4


# What is shown


def test_the_section_names_five_families_and_escapes_them(made: Index, network: Network) -> None:
    names = tuple(nearest.FaceName(f"<b>{n.family}", n.style, n.key) for n in made.names)
    spoilt = Index(made.stage, made.centre, made.axes, made.vectors, made.characters, made.faces, names,
                   made.pictures, made.usual)  # fmt: skip
    glyph: Glyph = from_drawing([[[0.2, 0.2], [0.8, 0.8]]])
    shown = closest.section(spoilt, Reader(network).read(glyph))
    assert shown.count("<img") == 5 and "&lt;b&gt;" in shown and "<b><b>" not in shown
    assert re.search(r"<p>Your . is closest to (the . of )?&lt;b&gt;", shown)
    assert "<p>This q is closest to the " in closest.section(spoilt, Reader(network).read(glyph), "q")
    unsure = replace(Reader(network).read(glyph), threshold=1.0)
    assert "<img" not in closest.section(spoilt, unsure) and "<img" in closest.section(spoilt, unsure, "q")
    empty = closest.section(spoilt, None)
    assert empty.count("<li") == 5 and "<img" not in empty
