"""Weights folders: written and read back, whole or not at all; hostile ones refused by name, nothing unpickled."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from fontdemo.errors import FontdemoError
from fontdemo.network import pretrained
from fontdemo.network.architectures import SIDE
from fontdemo.network.network import Network
from fontdemo.network.pretrained import WeightsError, default_name, load, save, shipped

SMALL = {"channels": [2], "kernels": [10], "strides": [10], "paddings": [0], "widths": [4], "fc_activations": ["relu"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small network's weights folder."""
    torch.manual_seed(0)
    save(Network(options=SMALL), tmp_path / "small", "# A card\n")
    return tmp_path / "small"


def configure(folder: Path, value: Any) -> Path:
    (folder / "config.json").write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return folder


@pytest.mark.parametrize("architecture", ["report-cnn", "report-crnn"])
def test_what_is_saved_is_loaded(tmp_path: Path, architecture: str) -> None:
    torch.manual_seed(0)
    network = Network(architecture, "alnum62", {"conv_activation": "elu"}, temperature=1.25, threshold=0.5)
    network.train()
    network(torch.rand(4, 1, SIDE, SIDE))  # Moves the batch statistics, which must be saved too.
    save(network, tmp_path / "w", "---\nlicense: mit\n---\n# Card ä\n")
    assert sorted(file.name for file in (tmp_path / "w").iterdir()) == ["README.md", "config.json", "model.safetensors"]
    assert (tmp_path / "w" / "README.md").read_text(encoding="utf-8") == "---\nlicense: mit\n---\n# Card ä\n"
    loaded = load(tmp_path / "w")
    assert not loaded.training
    assert (loaded.architecture, loaded.alphabet, loaded.options, loaded.temperature, loaded.threshold) == (
        architecture, network.alphabet, {"conv_activation": "elu"}, 1.25, 0.5,
    )  # fmt: skip
    saved, found = network.state_dict(), loaded.state_dict()
    assert list(saved) == list(found) and all(torch.equal(saved[name], found[name]) for name in saved)


def test_a_config_from_before_there_was_a_threshold_is_loaded(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert config.pop("threshold") == 0.0
    assert load(configure(folder, config)).threshold == 0.0


def test_a_string_is_as_good_as_a_path(folder: Path) -> None:
    assert load(str(folder)).options == load(folder).options == SMALL


def test_the_hubs_own_way_reads_the_folder_too(folder: Path) -> None:
    assert Network.from_pretrained(str(folder)).options == SMALL


def test_only_safetensors_are_loaded(folder: Path, tmp_path: Path) -> None:
    trap = tmp_path / "sprung"

    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (trap,))

    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with pytest.raises(WeightsError, match="only safetensors"):
        load(folder)
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(WeightsError, match="only safetensors"):
        load(folder)
    # Nor when a pickle lies there under the right name, nor by the Hub's own road.
    (folder / "model.safetensors").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(WeightsError, match="cannot be loaded"):
        load(folder)
    (folder / "model.safetensors").unlink()
    with pytest.raises(Exception, match="model.safetensors|No such file"):
        Network.from_pretrained(str(folder))
    assert not trap.exists()


@pytest.mark.parametrize(
    "config",
    [
        "", "{", "[]", "null", "7", "[" * 100_000, "\ufeff{}", '{"options": ' + "9" * 5000 + "}",
        {"architecture": "none"}, {"architecture": ["report-cnn"]}, {"architecture": None}, {"alphabet": "greek"},
        {"alphabet": {}}, {"alphabet": None}, {"temperature": 0}, {"temperature": "x"}, {"temperature": 10**400},
        {"threshold": -1}, {"threshold": 2}, {"threshold": []},
        {"options": {"channels": [4096] * 5, "kernels": [20] * 5, "strides": [1] * 5, "paddings": [10] * 5}},
        {"options": {"__class__": "x"}}, {"options": [[]]}, {"options": {"classes": 3}},
        # A network, but not that of the weights:
        {}, {"options": {}}, {"architecture": "report-crnn"}, {"options": SMALL, "alphabet": "alnum62"},
    ],
    ids=lambda config: str(config)[:40],
)  # fmt: skip
def test_a_hostile_config_is_refused_by_name(folder: Path, config: Any) -> None:
    with pytest.raises(FontdemoError):
        load(configure(folder, config))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5000) | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
configs = st.fixed_dictionaries(
    {},
    optional={
        "architecture": st.sampled_from(["report-cnn", "report-crnn"]) | json_values,
        "alphabet": st.sampled_from(["course52", "letters52"]) | json_values,
        "options": st.dictionaries(st.sampled_from([*SMALL, "pool", "dropout", "layers", "width"]), json_values)
        | st.just(SMALL) | json_values,
        "temperature": json_values,
        "threshold": json_values,
    },
)  # fmt: skip


@pytest.mark.filterwarnings("ignore:dropout option")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(configs)
def test_any_config_is_loaded_or_refused(folder: Path, config: Any) -> None:
    try:
        load(configure(folder, config))
    except FontdemoError as error:
        assert str(error)


def test_hostile_weights_are_refused_by_name(folder: Path) -> None:
    file = folder / "model.safetensors"
    whole = file.read_bytes()
    tensors = load_file(file)
    name = "stages.conv1.conv.weight"
    for content in (b"", whole[:-4], whole[:20], b"\xff" * 8 + whole[8:], b"\x10" + bytes(7) + b"{" * 16):
        file.write_bytes(content)
        with pytest.raises(WeightsError, match="small"):
            load(folder)
    for changed in (
        {**tensors, name: torch.zeros(3)},
        {**tensors, "more": torch.zeros(3)},
        {key: value for key, value in tensors.items() if key != name},
    ):
        save_file(changed, file)
        with pytest.raises(WeightsError, match="small"):
            load(folder)


def test_what_is_nowhere_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    for source in ("none", "", "a/b/c", "../..", "with\0nul", str(tmp_path / "none" / "x")):
        with pytest.raises(WeightsError):
            load(source)
    with pytest.raises(WeightsError, match="no model.safetensors"):
        load("empty")


def test_a_repository_that_cannot_be_reached_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(WeightsError, match="the Hub repository fontdemo-tests/none cannot be loaded"):
        load("fontdemo-tests/none")


def test_the_best_that_ships_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pretrained, "WEIGHTS", tmp_path)
    with pytest.raises(WeightsError, match="no weights ship"):
        default_name()
    for name, best in (("zebra", "zebra"), ("report-cnn", "report-cnn"), ("best52", "best52"), ("a", "best52")):
        save(Network(options=SMALL), tmp_path / name, "")
        assert default_name() == best
    for half in ("a.new", "a.old"):  # of a process that was killed
        save(Network(options=SMALL), tmp_path / half, "")
    assert shipped() == ["a", "best52", "report-cnn", "zebra"]
    assert load("zebra").options == SMALL


def test_saving_again_replaces_the_folder_whole(folder: Path) -> None:
    (folder / "metrics.jsonl").write_text("old\n")
    save(Network(options=SMALL, temperature=2.0), folder, "# Another\n")
    assert load(folder).temperature == 2.0
    assert sorted(file.name for file in folder.iterdir()) == ["README.md", "config.json", "model.safetensors"]
    assert [entry.name for entry in folder.parent.iterdir()] == ["small"]


@pytest.mark.skipif(sys.platform == "win32", reason="limits on file sizes are a thing of Unix")
def test_a_full_disk_leaves_the_old_folder_whole(folder: Path) -> None:
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    # A limit on the size of files stands for the full disk; in another process, as it cannot be lifted again.
    script = textwrap.dedent("""
        import resource, sys
        from pathlib import Path
        from fontdemo.network.network import Network
        from fontdemo.network.pretrained import save
        from safetensors import SafetensorError
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        try:
            save(Network(), Path(sys.argv[1]), "# A card")
        except (OSError, SafetensorError) as error:
            print("refused:", error)
    """)
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], cwd=root, capture_output=True, text=True, timeout=120
    )
    assert done.stdout.startswith("refused:"), done.stderr
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert [entry.name for entry in folder.parent.iterdir()] == ["small"]
    assert load(folder).options == SMALL


def test_confidence_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    pretrained.save(Network("report-cnn", "course52", {"widths": [8, 8]}), folder, "card")
    pretrained.set_confidence(folder, 1.5, 0.25)
    network = pretrained.load(folder)
    assert (network.temperature, network.threshold) == (1.5, 0.25)
    written = (folder / "config.json").read_bytes()
    for temperature, threshold in ((0.0, 0.5), (1.0, 2.0)):
        with pytest.raises(pretrained.WeightsError, match="small"):
            pretrained.set_confidence(folder, temperature, threshold)
    assert (folder / "config.json").read_bytes() == written
    with pytest.raises(pretrained.WeightsError):
        pretrained.set_confidence(tmp_path / "none", 1.0, 0.0)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_came_apart_are_refused(folder: Path, value: float) -> None:
    """As those of a training at too high a rate: with them "0" was read, certain, at a probability of no number."""
    tensors = load_file(folder / "model.safetensors")
    broken = {name: torch.full_like(each, value) if name.endswith("conv.weight") else each
              for name, each in tensors.items()}  # fmt: skip
    save_file(broken, folder / "model.safetensors")
    with pytest.raises(WeightsError, match="no number"):
        load(folder)


@pytest.mark.parametrize("file", ["config.json", "README.md", "model.safetensors"])
def test_files_of_a_size_that_no_network_has_are_not_read(folder: Path, file: str) -> None:
    os.truncate(folder / file, 1 << 40)  # a terabyte that takes no room
    with pytest.raises(WeightsError, match=f"{file} is too large"):
        load(folder)
