"""The page without a browser: handlers as plain functions, the HTML they make, and /read through gradio_client."""

from __future__ import annotations

import html.parser
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import torch
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image, ImageDraw, ImageFont

from fontdemo.errors import FontdemoError
from fontdemo.glyph.glyph import Glyph, from_drawing, from_picture
from fontdemo.glyph.interpretations import interpretations
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.ui.context import NetworkStore, UnknownNetworkError
from fontdemo.ui.page import build
from fontdemo.ui.read import tab, view
from fontdemo.ui.read.examples import make_examples
from fontdemo.ui.read.tab import WELCOME, read_again, read_drawing, read_example, read_upload
from tests.fontdemo.glyph.test_interpretations import on_desk
from tests.support.pageserver import ROOT, serving
from tests.support.unserved import unserved
from tests.support.untrained import save_untrained

STROKES = [[[0.2, 0.85], [0.5, 0.15], [0.8, 0.85]], [[0.3, 0.6], [0.7, 0.6]]]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two untrained networks, saved as weights are."""
    return save_untrained(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module")
def networks(folders: dict[str, Path]) -> NetworkStore:
    return NetworkStore(lambda: folders)


@pytest.fixture(scope="module")
def uploads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of this process's uploads: only what lies in it is ever opened."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("uploads")
        patch.setenv("GRADIO_TEMP_DIR", str(folder))
        yield folder


@pytest.fixture(scope="module")
def picture_file(uploads: Path) -> Path:
    picture = Image.new("RGB", (120, 120), "white")
    ImageDraw.Draw(picture).text((60, 60), "K", font=ImageFont.load_default(80), anchor="mm", fill="black")
    file = uploads / "K.png"
    picture.save(file)
    return file


class Outline(html.parser.HTMLParser):
    """Checks that every tag closes, and keeps attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def direct(folder: Path, glyph: Glyph) -> torch.Tensor:
    """Probabilities by calling the network's layers by hand."""
    network = pretrained.load(folder)
    value = torch.from_numpy(glyph.image)[None, None]
    with torch.no_grad():
        for stage in network.stages.values():
            value = stage(value)
    return torch.softmax(value[0], 0)


# Handlers


def test_a_drawing_is_read(networks: NetworkStore, folders: dict[str, Path]) -> None:
    glyph, answer, saw, shown = read_drawing(networks, json.dumps(STROKES), "report-cnn", "")
    assert glyph is not None and glyph.steps == ()
    probabilities = direct(folders["report-cnn"], from_drawing(STROKES))
    alphabet = pretrained.load(folders["report-cnn"]).alphabet
    title = alphabet.title(int(probabilities.argmax()))
    assert f'aria-hidden="true">{title}</div>' in answer
    assert f"{100 * probabilities.max():.1f} %" in answer
    assert len(re.findall("<li>", answer)) == 5
    assert "The path of the pen: 2 strokes." in saw
    for text in ("((100+2×2)-(10-2))/2=48", "(32×6×6+1)×512=590,336", "32×6×6 → 1,152", "16×48×48", "Softmax"):
        assert text in Outline(shown).text
    for part in (answer, saw, shown):
        Outline(part)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "[[[1]]]", '[[["a", 2]]]', "[" * 100_000])
def test_what_is_no_drawing_is_reported_in_the_answers_place(networks: NetworkStore, text: str) -> None:
    glyph, answer, saw, shown = read_drawing(networks, text, "report-cnn", "")
    assert glyph is None
    sentence = re.search(r'role="status">([^<]+)<', answer)
    assert sentence and sentence[1].endswith(".") and "Error" not in answer
    assert "Nothing yet." in saw
    assert "values from" not in shown


def test_a_picture_is_read_with_all_its_steps(networks: NetworkStore, picture_file: Path) -> None:
    glyph, _, saw, shown, *_ = read_upload(networks, {"path": str(picture_file)}, "report-cnn", "")
    assert glyph is not None and glyph.source == "picture"
    assert np.array_equal(glyph.image, from_picture(picture_file).image)
    assert Outline(saw).text.count("Cropped to the ink.") == 1 and saw.count("<img") == 5
    assert "values from" in shown


def test_a_picture_on_a_desk_shows_every_way_to_see_it_and_takes_the_one_chosen(
    networks: NetworkStore, uploads: Path
) -> None:
    on_desk("R").save(uploads / "desk.png")
    upload = {"path": str(uploads / "desk.png")}
    seen = interpretations(uploads / "desk.png")
    assert len(seen) > 1
    for index, one in enumerate(seen):
        glyph, _, saw, *_ = read_upload(networks, upload, "report-cnn", "", taken=index)
        assert glyph is not None and np.array_equal(glyph.image, one.glyph.image)
        outline = Outline(saw)
        buttons = [dict(attrs) for tag, attrs in outline.tags if tag == "button"]
        assert [button["aria-pressed"] for button in buttons] == [str(k == index).lower() for k in range(len(seen))]
        assert all(other.name in outline.text for other in seen)
    # A number from a browser is brought within bounds.
    assert read_upload(networks, upload, "report-cnn", "", taken=99)[0] is not None
    assert read_upload(networks, upload, "report-cnn", "", taken=-5)[0] is not None


def test_no_picture_and_a_bad_one(networks: NetworkStore, uploads: Path) -> None:
    assert WELCOME in read_upload(networks, None, "report-cnn", "")[1]
    bad = uploads / "<b>bad.png"
    bad.write_bytes(b"no picture")
    glyph, answer, *_ = read_upload(networks, {"path": str(bad)}, "report-cnn", "")
    assert glyph is None and "bad.png" in answer
    assert "<b>bad" not in answer and "&lt;b&gt;bad.png" in answer


def test_another_network_reads_the_same_glyph(networks: NetworkStore, folders: dict[str, Path]) -> None:
    glyph = read_drawing(networks, json.dumps(STROKES), "report-cnn", "")[0]
    answer, shown = read_again(networks, glyph, "report-crnn", "")
    probabilities = direct(folders["report-crnn"], from_drawing(STROKES))
    assert f"{100 * probabilities.max():.1f} %" in answer
    assert "1,052,420 parameters" in shown and "32×4×4 → 1×512 → 256" in shown
    assert WELCOME in read_again(networks, None, "report-cnn", "")[0]


@pytest.mark.parametrize("name", ["nothing", "../report-cnn", "", None, ["report-cnn"], 3])
def test_only_networks_of_the_list_are_loaded(networks: NetworkStore, name: object) -> None:
    with pytest.raises(UnknownNetworkError):
        networks.get(name)  # type: ignore[arg-type]


def test_readers_load_once_and_again_when_the_weights_change(tmp_path: Path) -> None:
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


def test_every_example_is_read(networks: NetworkStore) -> None:
    examples = make_examples()
    for example in examples:
        assert read_example(networks, example, "report-cnn", "")[0] is not None
    outline = Outline(view.examples(examples))
    buttons = [attributes for tag, attributes in outline.tags if tag == "button"]
    assert [b["data-index"] for b in buttons] == [str(i) for i in range(len(examples))]
    assert buttons[0]["aria-label"] == "Drawing of capital A"


# What is shown


def test_whatever_may_open_a_picture_is_among_the_two_at_a_time(networks: NetworkStore) -> None:
    """Decoding is what a hostile file makes dear; opening the Picture tab reads what is there as well."""
    with unserved():
        demo = build(networks)
    opening = [fn for fn in demo.fns.values() if fn.fn and any(isinstance(part, gr.Image) for part in fn.inputs)]
    assert len(opening) >= 5
    assert {fn.concurrency_id for fn in opening} == {"pictures"}


def test_the_answer_is_of_what_is_in_sight(networks: NetworkStore, picture_file: Path) -> None:
    drawing, upload = json.dumps(STROKES), {"path": str(picture_file)}
    of_drawing = read_drawing(networks, drawing, "report-cnn", "")
    of_picture = read_upload(networks, upload, "report-cnn", "")[:4]
    assert tab.look_at_drawing(networks, drawing, upload, "report-cnn", "")[1:4] == of_drawing[1:]
    assert tab.look_at_picture(networks, drawing, upload, "report-cnn", "")[1:4] == of_picture[1:]
    for empty in (tab.look_at_drawing(networks, "[]", upload, "report-cnn", ""),
                  tab.look_at_picture(networks, drawing, None, "report-cnn", "")):  # fmt: skip
        assert empty[0] is None and WELCOME in empty[1]
    # What another tab sent stays.
    for kept in (tab.look_at_drawing(networks, "", None, "report-cnn", ""),
                 tab.look_at_picture(networks, "", None, "report-cnn", "")):  # fmt: skip
        assert len(kept) == 6 and all(value == gr.skip() for value in kept)


# The endpoint


@pytest.fixture(scope="module")
def client(folders: dict[str, Path]) -> Iterator[Client]:
    with serving(folders["report-cnn"].parent) as url:
        yield Client(url, verbose=False)


@pytest.mark.parametrize("as_text", [True, False])
def test_read_answers_strokes(client: Client, folders: dict[str, Path], as_text: bool) -> None:
    answer = client.predict(strokes=json.dumps(STROKES) if as_text else STROKES, api_name="/read")
    probabilities = direct(folders["report-cnn"], from_drawing(STROKES))
    alphabet = pretrained.load(folders["report-cnn"]).alphabet
    assert answer["label"] == alphabet.classes[int(probabilities.argmax())]
    assert answer["twin"] == alphabet.twin(answer["label"])
    assert list(answer["probabilities"]) == list(alphabet.classes)
    assert np.allclose(list(answer["probabilities"].values()), probabilities.numpy(), atol=1e-5)
    assert answer["network"] == "report-cnn"
    assert answer["stages"][0] == {"name": "conv1", "shape": [16, 48, 48], "parameters": 1648}
    assert [s["name"] for s in answer["stages"]][-1] == "fc3"


def test_read_answers_a_picture_with_the_network_named(
    client: Client, folders: dict[str, Path], picture_file: Path
) -> None:
    answer = client.predict(picture=handle_file(str(picture_file)), network="report-crnn", api_name="/read")
    probabilities = direct(folders["report-crnn"], from_picture(picture_file))
    assert np.allclose(list(answer["probabilities"].values()), probabilities.numpy(), atol=1e-5)
    assert "gru" in [stage["name"] for stage in answer["stages"]]


def test_read_takes_the_answer_among_what_it_is_said_to_be(client: Client, picture_file: Path) -> None:
    for given in ({"strokes": STROKES}, {"picture": handle_file(str(picture_file))}):
        answer = client.predict(**given, among="digit", api_name="/read")
        assert answer["label"].isdigit() and sum(answer["probabilities"].values()) == pytest.approx(1)
        assert all(not value for character, value in answer["probabilities"].items() if not character.isdigit())
    assert answer["seen"] == "dark ink" and answer["rejected"] == []


@pytest.mark.parametrize(
    "inputs, words",
    [
        ({}, "either strokes or a picture"),
        ({"strokes": []}, "pad is empty"),
        ({"strokes": [[["x", 1]]]}, "must be numbers"),
        ({"strokes": STROKES, "network": "../weights"}, "no such network"),
        ({"strokes": STROKES, "among": "vowel"}, "one of these words"),
        ({"picture": {"path": "/etc/hostname"}}, "Upload it again"),
        ({"picture": "/etc/hostname"}, "Can't open this file"),
        ({"picture": 7}, "uploaded file"),
    ],
)
def test_read_tells_what_is_wrong(client: Client, inputs: dict[str, object], words: str) -> None:
    with pytest.raises(AppError, match=words):
        client.predict(**inputs, api_name="/read")


def test_a_path_that_was_not_uploaded_is_never_opened(client: Client) -> None:
    """Raw requests, as nobody's client sends them: to the endpoint, and to the picture's own event."""
    import httpx

    record = {"path": str(ROOT / "pyproject.toml"), "meta": {"_type": "gradio.FileData"}}
    config = httpx.get(client.src.rstrip("/") + "/config", timeout=20).json()
    image = next(c["id"] for c in config["components"] if c["type"] == "image")
    events = {d["id"]: [None] * len(d["inputs"]) for d in config["dependencies"] if image in d["inputs"]}
    read = next(d["id"] for d in config["dependencies"] if d["api_name"] == "read")
    for event, data in [*((e, [record, "report-cnn", ""]) for e in events), (read, [None, record, None])]:
        base = client.src.rstrip("/") + "/gradio_api"
        job = {"data": data, "fn_index": event, "session_hash": f"raw{event}"}
        assert httpx.post(f"{base}/queue/join", json=job, timeout=20).status_code == 200
        with httpx.stream("GET", f"{base}/queue/data", params={"session_hash": f"raw{event}"}, timeout=20) as stream:
            done = next(line for line in stream.iter_lines() if "process_completed" in line)
        assert json.loads(done.removeprefix("data: "))["success"] is False
        assert "build-backend" not in done and "[project]" not in done


# The entry point


def test_app_is_short_and_does_nothing_when_imported() -> None:
    assert len((ROOT / "app.py").read_text(encoding="utf-8").splitlines()) < 40
    code = "import sys, app; sys.exit(any(m in sys.modules for m in ('torch', 'gradio', 'fontdemo')))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_without_weights_the_page_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pretrained, "WEIGHTS", tmp_path)
    with pytest.raises(FontdemoError, match="no weights"):
        build()
