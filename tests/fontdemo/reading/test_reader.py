"""Reading with a network: the same answers alone, in batches and from many threads; and what an answer tells."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from fontdemo.alphabet import CHARACTERS, get_alphabet
from fontdemo.glyph.glyph import Glyph, from_drawing
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.reading import wording
from fontdemo.reading.reader import Reader, Reading, use_one_thread


def untrained(architecture: str = "report-cnn", temperature: float = 1.0) -> Network:
    torch.manual_seed(0)
    return Network(architecture, temperature=temperature)


def glyphs(count: int) -> list[Glyph]:
    points = np.random.default_rng(0).uniform(0.1, 0.9, (count, 4, 2))
    return [from_drawing([stroke.tolist()]) for stroke in points]


@pytest.mark.parametrize("architecture", ["report-cnn", "report-crnn"])
def test_a_reading_is_the_networks_own_trace_and_softmax(architecture: str) -> None:
    glyph = glyphs(1)[0]
    reading = Reader(untrained(architecture, temperature=1.7)).read(glyph)
    network = untrained(architecture, temperature=1.7).eval()
    trace = network.trace(torch.from_numpy(glyph.image)[None, None])
    assert list(reading.outputs) == list(trace)
    for name, output in trace.items():
        found = reading.outputs[name]
        assert found.dtype == np.float32 and found.flags.c_contiguous
        np.testing.assert_allclose(found, output[0].numpy(), atol=1e-5, rtol=1e-4)
    logits = trace[list(trace)[-1]][0].double().numpy() / 1.7
    powers = np.exp(logits - logits.max())
    np.testing.assert_allclose(reading.probabilities, powers / powers.sum(), atol=1e-6)


@pytest.mark.parametrize("count, batch", [(0, 4), (1, 4), (4, 4), (9, 4), (5, 1)])
def test_batches_give_what_single_readings_give_in_order(count: int, batch: int) -> None:
    reader = Reader(untrained())
    found = list(reader.read_many(iter(glyphs(count)), batch=batch))
    assert len(found) == count
    for glyph, reading in zip(glyphs(count), found, strict=True):
        np.testing.assert_allclose(reading.probabilities, reader.read(glyph).probabilities, atol=1e-6)
        assert reading.outputs == {} and reading.cropped == glyph.cropped


def test_only_a_batch_is_held_at_a_time() -> None:
    taken = 0

    def counted() -> Iterator[Glyph]:
        nonlocal taken
        for glyph in glyphs(9):
            taken += 1
            yield glyph

    answers = Reader(untrained()).read_many(counted(), batch=3)
    for answered in range(1, 10):
        next(answers)
        assert taken == -(-answered // 3) * 3


def test_threads_may_share_a_reader() -> None:
    reader, many = Reader(untrained()), glyphs(12)
    alone = [reader.read(glyph) for glyph in many]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(reader.read, many * 3))
    for index, reading in enumerate(together):
        wanted = alone[index % 12]
        for name in wanted.outputs:  # in a batch the last bits come out otherwise
            np.testing.assert_allclose(reading.outputs[name], wanted.outputs[name], atol=1e-5)


def test_reading_leaves_the_network_fit_to_be_saved(tmp_path: Path) -> None:
    network = untrained()
    network.train()
    reader = Reader(network)
    before = {name: values.clone() for name, values in network.state_dict().items()}
    reader.read(glyphs(1)[0])
    pretrained.save(network, tmp_path / "w", "")
    after = Reader.load(tmp_path / "w").network.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def reading_of(**named: float) -> Reading:
    alphabet = get_alphabet("course52")
    probabilities = np.zeros(len(alphabet), np.float32)
    for character, probability in named.items():
        probabilities[alphabet.classes.index(character.removeprefix("_"))] = probability
    return Reading(alphabet, probabilities)


def test_an_answer_names_the_class_its_twin_and_the_next_likeliest() -> None:
    reading = reading_of(C=0.5, G=0.3, _0=0.15, e=0.05)
    assert (reading.label, reading.character, reading.twin) == (12, "C", "c")
    assert reading.top(3) == [("C c", 0.5), ("G", pytest.approx(0.3)), ("0", pytest.approx(0.15))]
    assert len(reading.top(100)) == 52 and reading.top(0) == []
    assert reading_of(A=1.0).twin is None


def test_a_reading_says_whether_the_ink_stands_in_two_parts() -> None:
    bars = [[[0.2, 0.2], [0.2, 0.8]], [[0.7, 0.2], [0.7, 0.8]]]
    reader = Reader(untrained())
    assert [reading.side_by_side for reading in reader.read_many([from_drawing(bars), from_drawing(bars[:1])])] == [
        True, False,
    ]  # fmt: skip
    assert reader.read(from_drawing(bars)).side_by_side and not reader.read(from_drawing(bars[1:])).side_by_side


def test_of_equals_the_first_class_is_named() -> None:
    reading = reading_of(B=0.5, b=0.5)
    assert reading.character == "B" and [title for title, _ in reading.top(2)] == ["B", "b"]


def test_a_folding_network_tells_cases_by_place_and_a_cropped_glyph_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fontdemo.reading.reader.CASE_ODDS", 1.0)  # an untrained network is hardly sure of anything
    torch.manual_seed(0)
    reader = Reader(Network("residual-cnn", "course52", {"fold": True}))
    stroke = [[[0.4, 0.2], [0.6, 0.8]]]
    reading = reader.read(from_drawing(stroke))
    before = reading.outputs["fc2"]
    alphabet, every = reading.alphabet, get_alphabet("alnum62").classes
    assert {alphabet.classes[label] for label in reading.resolved_case} == set("CKIoPSVWXZ")
    for label, character in reading.resolved_case.items():
        twin = alphabet.twin(alphabet.classes[label])
        assert twin is not None
        pair = (alphabet.classes[label], twin)
        assert character == max(pair, key=lambda one: before[every.index(one)])
    assert reader.read(from_drawing(stroke, fit=True)).resolved_case == {}
    assert Reader(untrained()).read(from_drawing(stroke)).resolved_case == {}
    many = [from_drawing(stroke), from_drawing(stroke, fit=True)]
    assert [each.resolved_case for each in reader.read_many(many)] == [reading.resolved_case, {}]


def test_a_small_c_is_the_same_on_the_page_and_in_json_and_on_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fontdemo.reading.reader.CASE_ODDS", 1.0)
    network = Network("residual-cnn", "course52", {"fold": True}).eval()
    with torch.no_grad():  # a network that takes everything for a small c
        before = list(network.stages.values())[-2]
        for parameters in before.parameters():
            parameters.zero_()
        list(before.parameters())[-1][CHARACTERS.index("c")] = 9.0
    reader, glyph = Reader(network), glyphs(1)[0]
    for reading in (reader.read(glyph), *reader.read_many([glyph])):
        assert (reading.character, reading.twin) == ("c", None)
        assert wording.sentence(reading) == "This is small c."
        assert wording.line(reading) == "c"
        alike = wording.as_json(reading)["alike"]
        assert alike[0] == {"label": "c", "twin": None, "probability": pytest.approx(1, abs=0.05)}


def test_loading_a_reader_leaves_torchs_threads_to_the_program(tmp_path: Path) -> None:
    pretrained.save(untrained(), tmp_path / "w", "")
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        Reader.load(tmp_path / "w")
        assert torch.get_num_threads() == 2
        use_one_thread()
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
