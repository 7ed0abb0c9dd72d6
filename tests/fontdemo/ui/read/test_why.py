"""What is shown of why: the classes it speaks of, pictures of ink and of maps, the handlers of the tab."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from fontdemo.glyph.glyph import Glyph, from_drawing
from fontdemo.network import attribution, pretrained
from fontdemo.network.network import Network
from fontdemo.reading.reader import Reader
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.images import map_png, tinted_png
from fontdemo.ui.read import why
from fontdemo.ui.read.why import why as why_handler
from tests.fontdemo.network.test_attribution import NETWORKS, network_of

GLYPH: Glyph = from_drawing([[[0.2, 0.85], [0.5, 0.15], [0.8, 0.85]], [[0.3, 0.6], [0.7, 0.6]]])


def opened(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), np.int32)


@pytest.mark.parametrize("name, options", NETWORKS)
def test_every_network_is_explained(name: str, options: dict[str, object]) -> None:
    reader = Reader(network_of(name, options))
    reading = reader.read(GLYPH)
    shown = why.section(reader.network, GLYPH, reading)
    titles = [title for title, _ in reading.top(2)]
    assert f"For <b>{titles[0]}</b> rather than <b>{titles[1]}</b>" in shown
    assert shown.count("<img") == 3 + why.MAPS
    stage = attribution.last_maps(reader.network, reading.outputs) or ""
    worth = attribution.ablation(reader.network, GLYPH.image, stage,
                             [reading.label])[:, 0]  # fmt: skip
    strongest = int(np.abs(worth).argmax())
    first = re.search(r"<li>.*?<b>([^<]+)</b><span>map (\d+)<", shown)
    assert first and int(first[2]) == strongest + 1
    assert first[1] == f"{worth[strongest]:+.2f}".replace("-", "−")


def test_the_answer_can_be_set_against_any_class() -> None:
    reader = Reader(network_of("report-cnn", {}))
    reading = reader.read(GLYPH)
    third = int(np.argsort(-reading.probabilities)[2])
    section = why.section(reader.network, GLYPH, reading, third)
    assert f"rather than <b>{reading.alphabet.title(third)}</b>" in section
    second = reading.alphabet.title(int(np.argsort(-reading.probabilities)[1]))
    assert f"rather than <b>{second}</b>" in why.section(reader.network, GLYPH, reading, reading.label)


def test_nothing_is_explained_before_anything_is_read(tmp_path: Path) -> None:
    torch.manual_seed(0)
    pretrained.save(Network(), tmp_path / "w", "")
    networks = NetworkStore(lambda: {"w": tmp_path / "w"})
    assert why.NOTHING in why_handler(networks, None, "w") and "<img" not in why_handler(networks, None, "w")
    shown = why_handler(networks, GLYPH, "w")
    sources = re.findall(r'src="data:image/png;base64,([^"]+)"', shown)
    assert [Image.open(io.BytesIO(base64.b64decode(s))).size for s in sources[:4]] == [(100, 100)] * 3 + [(6, 6)]


def test_ink_is_tinted_by_its_value() -> None:
    ink = np.array([[1, 1, 1, 0, 1]], np.float32)
    picture = opened(tinted_png(ink, np.array([[2, -2, 0, 2, 9]], np.float32), 2))[0]
    warm, cold, neutral, paper, beyond = picture
    assert warm[0] > warm[2] + 60 and cold[2] > cold[0] + 60
    assert np.ptp(neutral) < 20 and (paper == 255).all() and (beyond == warm).all()
    assert (opened(tinted_png(ink, np.zeros((1, 5), np.float32), 0))[0, :3] == neutral).all()


def test_a_map_alone_has_the_scale_it_is_given() -> None:
    values = np.array([[0, 1], [2, -4]], np.float32)
    alone = opened(map_png(values, 2))
    assert (alone[1, 0] == opened(map_png(values, 4))[0, 0] * 0 + opened(map_png(values * 2, 4))[1, 0]).all()
    assert alone[1, 0].sum() > alone[0, 1].sum() > alone[0, 0].sum()
    assert alone[1, 1, 2] > alone[1, 1, 0]


def test_evening_keeps_the_sum_and_spreads_to_both_sides() -> None:
    values = np.zeros((40, 40), np.float32)
    values[20, 20] = 1
    evened = why._evened(values)
    assert np.isclose(evened.sum(), 1, atol=1e-5) and evened.argmax() == 20 * 40 + 20
    assert np.allclose(evened, evened[::-1, ::-1][np.ix_(range(-1, 39), range(-1, 39))], atol=1e-7)
