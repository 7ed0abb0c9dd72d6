"""train.teach.lesson: a drawing is learned, printed characters stay, and what can't be taught is refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from fontdemo.network.network import Network
from tests.support.training import SMALL, small_set
from train.loop.augment import plain
from train.teach import lesson, rehearsal
from train.teach.lesson import Drawing, Lesson, Point, TeachError, prepare, teach


def ring(across: int, label: str = "7") -> Drawing:
    """A ring at another place than any character of `small_set`, large enough to survive being bent."""
    down, right = np.mgrid[:100, :100]
    distance = np.hypot(down - 50, right - 50 - across)
    return Drawing(((distance > 26) & (distance < 40)).astype(np.float32), label)


RINGS = [ring(-6), ring(0), ring(6)]


@pytest.fixture(scope="module")
def known() -> Network:
    """A tiny network that reads `small_set`'s blobs."""
    data = small_set()
    torch.manual_seed(0)
    network = Network(options=SMALL)
    images, labels = plain(torch.from_numpy(data.images)), torch.from_numpy(data.labels)
    optimizer = torch.optim.Adam(network.parameters(), 1e-2)
    for _ in range(60):
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(images), labels).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return network.eval()


@pytest.fixture(autouse=True)
def _small_rehearsal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(rehearsal, "sample_set", small_set)
    monkeypatch.setattr(rehearsal, "WRITERS", 1)
    monkeypatch.setenv("FONTDEMO_CACHE", str(tmp_path))


def read(network: Network, drawing: Drawing) -> str:
    with torch.no_grad():
        label = int(network(torch.from_numpy(drawing.image)[None, None]).argmax())
    return network.alphabet.classes[label]


def last(events: Iterator[Point | Lesson]) -> Lesson:
    *_, end = events
    assert isinstance(end, Lesson)
    return end


def test_drawings_are_learned_and_printed_characters_stay(known: Network) -> None:
    before = {name: values.clone() for name, values in known.state_dict().items()}
    events = list(teach(known, RINGS))
    points, end = [event for event in events if isinstance(event, Point)], events[-1]
    assert isinstance(end, Lesson) and len(points) == len(events) - 1
    assert [points[0].step, points[-1].step] == [0, points[-1].steps]
    assert end.kept and end.network is not None
    assert [read(end.network, drawing) for drawing in RINGS] == ["7"] * 3
    assert [read(known, drawing) for drawing in RINGS] == [each.before for each in end.drawings]
    assert all(each.before != "7" and each.after == each.label == "7" for each in end.drawings)
    assert end.printed_after >= end.printed_before - lesson.MAY_FALL and end.printed_before > 0.9
    assert all(torch.equal(values, before[name]) for name, values in known.state_dict().items())
    assert not end.network.training


def test_the_hand_is_read_by_networks_that_have_not_learned_the_drawing(
    known: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is one of a kind is learned, yet no other drawing tells of it."""
    lone = Drawing(np.zeros((100, 100), np.float32), "A")
    lone.image[:, 45:55] = 1
    monkeypatch.setattr(lesson, "OWN_WEIGHT", 1.0)
    end = last(teach(known, [*RINGS, lone]))
    assert end.drawings[3].after == "A" != end.drawings[3].unlearned
    assert end.hand_before == 0
    assert end.hand_after == sum(each.unlearned == each.label for each in end.drawings) / 4


def test_drawings_of_one_character_are_left_out_one_after_another() -> None:
    labels = torch.tensor([5, 3, 5, 9, 5, 3])
    groups = lesson._groups(labels)
    assert all(len(set(groups[labels == label].tolist())) == count for label, count in ((5, 3), (3, 2), (9, 1)))
    assert lesson._groups(torch.tensor([4])).tolist() == [0]


def test_printed_accuracy_is_that_of_the_validation_part(known: Network) -> None:
    data = small_set()
    images, labels = data.part("valid")
    with torch.no_grad():
        right = (known(plain(torch.from_numpy(images))).argmax(1).numpy() == labels).mean()
    first = next(teach(known, RINGS))
    assert isinstance(first, Point) and first.printed == pytest.approx(right)


def test_the_same_seed_gives_the_same_numbers(known: Network) -> None:
    ends = [last(teach(known, RINGS, seed=seed)) for seed in (1, 1, 2)]
    weights = [end.network.state_dict()["stages.fc3.fc.weight"] for end in ends if end.network is not None]
    assert torch.equal(weights[0], weights[1]) and not torch.equal(weights[0], weights[2])
    assert replace(ends[0], network=None, seconds=0) == replace(ends[1], network=None, seconds=0)


def test_where_printed_characters_are_forgotten_the_old_weights_stand(
    known: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blobs taught as another character: every image of that blob in the validation part is misread after."""
    data = small_set()
    images, labels = data.part("valid")
    monkeypatch.setattr(lesson, "REHEARSED", 0)
    drawings = [Drawing((image / 255).astype(np.float32), "7") for image in images[labels != 7][:20]]
    end = last(teach(known, drawings))
    assert end.printed_after < end.printed_before - lesson.MAY_FALL
    assert not end.kept and end.network is None


def test_stop_ends_it_without_a_lesson(known: Network) -> None:
    asked = iter([False] * 12 + [True] * 1000)
    events = list(teach(known, RINGS, stop=lambda: next(asked)))
    assert events and all(isinstance(event, Point) and event.step < 12 for event in events)


def _image(*shape: int, dtype: type = np.float32) -> NDArray[np.float32]:
    return np.ones(shape, dtype)


@pytest.mark.parametrize(
    "drawings, says",
    [
        ([], "Draw some"),
        ([ring(0)] * (lesson.MOST + 1), "at most"),
        ([ring(0, "ä")], "does not know"),
        ([ring(0, "")], "does not know"),
        ([Drawing(_image(99, 100), "A")], "100 by 100"),
        ([Drawing(_image(100, 100, dtype=np.float64), "A")], "100 by 100"),
        ([Drawing(_image(100, 100) * 2, "A")], "0 to 1"),
        ([Drawing(_image(100, 100) * np.float32("nan"), "A")], "0 to 1"),
        ([Drawing(_image(100, 100) * 0, "A")], "empty"),
    ],
)
def test_what_can_not_be_taught_is_refused(known: Network, drawings: Sequence[Drawing], says: str) -> None:
    with pytest.raises(TeachError, match=says):
        next(teach(known, drawings))


def test_a_network_without_a_fully_connected_end_is_refused(known: Network) -> None:
    headless = Network(options=SMALL)
    del headless.stages["fc3"]
    headless.stages["last"] = nn.Identity()
    for begin in (lambda: prepare(headless), lambda: next(teach(headless, RINGS))):
        with pytest.raises(TeachError, match="fully connected"):
            begin()


@pytest.mark.parametrize(
    "large",
    [{"widths": [4096, 128]}, {"strides": [1, 1, 1], "channels": [64, 16, 32]}, {"channels": [32, 512, 16]}],
)
def test_a_network_that_takes_minutes_is_refused(large: dict[str, Any]) -> None:
    network = Network(options=large)
    for begin in (lambda: prepare(network), lambda: next(teach(network, RINGS))):
        with pytest.raises(TeachError, match="too large"):
            begin()


def test_what_is_prepared_is_not_made_again(known: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    plainly = last(teach(known, RINGS))
    made: list[object] = []
    original = rehearsal._made
    monkeypatch.setattr(rehearsal, "_made", lambda *given: made.append(given) or original(*given))
    prepare(known)
    again = last(teach(known, RINGS))
    assert not made
    assert replace(plainly, network=None, seconds=0) == replace(again, network=None, seconds=0)
    torch.manual_seed(1)
    prepare(Network(options=SMALL))
    assert len(made) == 1


def test_of_one_drawing_alone_no_other_tells_whether_the_hand_is_learned(known: Network) -> None:
    *points, end = teach(known, RINGS[:1])
    assert isinstance(points[0], Point) and isinstance(points[-1], Point) and isinstance(end, Lesson)
    assert points[0].learned == 0 and points[-1].learned == (end.drawings[0].after == "7")
    assert end.drawings[0].unlearned == end.drawings[0].before != "7"
    assert end.hand_before == end.hand_after == 0
