"""The networks to choose from: only those of the list, loaded once, and again when the file changes; plain errors."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import gradio as gr
import pytest

from fontdemo.errors import FontdemoError
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.reading.reader import Reader
from fontdemo.ui import context
from fontdemo.ui.context import NetworkStore, UnknownNetworkError, user_errors


@pytest.mark.parametrize("name", ["nothing", "../report-cnn", "", None, ["report-cnn"], 3])
def test_only_networks_of_the_list_are_loaded(networks: NetworkStore, name: object) -> None:
    with pytest.raises(UnknownNetworkError):
        networks.get(name)  # type: ignore[arg-type]


def test_networks_load_once_and_again_when_the_weights_change(tmp_path: Path) -> None:
    pretrained.save(Network(), tmp_path / "run", "")
    chosen: dict[str, Path] = {}
    networks = NetworkStore(lambda: chosen)
    assert networks.names() == []
    chosen["run"] = tmp_path / "run"
    first = networks.get("run")
    assert networks.get("run") is first and networks.names() == ["run"]
    pretrained.save(Network(alphabet="alnum62"), tmp_path / "run", "")
    assert len(networks.get("run").reader.alphabet) == 62
    (tmp_path / "run" / "model.safetensors").unlink()
    with pytest.raises(FontdemoError):
        networks.get("run")


def test_a_network_that_does_not_load_keeps_no_one_from_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "ab":
        pretrained.save(Network(), tmp_path / name, "")
    networks = NetworkStore(lambda: {name: tmp_path / name for name in "ab"})
    back, load = threading.Event(), Reader.load

    def stalled(folder: Path) -> Reader:
        if folder.name == "a":
            assert back.wait(30)
        return load(folder)

    monkeypatch.setattr(Reader, "load", stalled)
    monkeypatch.setattr(context, "PATIENCE", 0.1)
    found: list[object] = []
    waits = threading.Thread(target=lambda: networks.get("a"), daemon=True)
    other = threading.Thread(target=lambda: found.append(networks.get("b")), daemon=True)
    waits.start()
    other.start()
    other.join(20)
    assert len(found) == 1
    with pytest.raises(UnknownNetworkError, match="still being loaded"):
        networks.get("a")
    back.set()
    waits.join(20)
    assert networks.get("a") is networks.get("a")


def test_no_more_than_a_few_networks_stay_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "_KEPT", 2)
    for name in "abc":
        pretrained.save(Network(), tmp_path / name, "")
    networks = NetworkStore(lambda: {name: tmp_path / name for name in "abc"})
    first, second = networks.get("a"), networks.get("b")
    assert networks.get("a") is first  # used again: the other one is the oldest now
    networks.get("c")
    assert networks.get("a") is first and networks.get("b") is not second


def test_only_errors_that_a_person_can_mend_reach_the_page() -> None:
    @user_errors
    def mended(number: int) -> int:
        if number < 0:
            raise FontdemoError("Can't read /tmp/secret/folder/file.png.")
        return 10 // number

    assert mended(5) == 2
    with pytest.raises(gr.Error) as caught:
        mended(-1)
    assert "/tmp/secret" not in str(caught.value.message) and not caught.value.print_exception
    with pytest.raises(ZeroDivisionError):
        mended(0)


def test_a_card_of_a_size_that_none_has_is_not_read(tmp_path: Path) -> None:
    pretrained.save(Network(), tmp_path / "a", "# A card")
    networks = NetworkStore(lambda: {"a": tmp_path / "a"})
    assert networks.card("a") == "# A card"
    os.truncate(tmp_path / "a" / "README.md", 1 << 40)  # a terabyte that takes no room
    assert networks.card("a") == ""
