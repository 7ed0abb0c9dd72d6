"""The pen and the answer in the browser against the server's: the same line, the same label, the same sentence."""

from __future__ import annotations

import random
from base64 import b64decode
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page

from fontdemo.glyph.glyph import Glyph
from fontdemo.glyph.segment import side_by_side
from fontdemo.glyph.strokes import draw
from fontdemo.network import pretrained
from fontdemo.reading.description import describe
from fontdemo.reading.reader import Reader, Reading
from fontdemo.reading.wording import sentence
from tests.browser.live.test_live_stages import drawings, scrawl
from tests.support.servers.live_server import network

torch.set_num_threads(1)


DRAW = """async (drawings) => {
  const { Pen } = await import('/live/pen.js');
  const pen = new Pen(100, 8.5);
  return drawings.map((strokes) => {
    const levels = Uint8Array.from(pen.draw(strokes), (ink) => Math.round(255 * ink));
    return btoa(String.fromCharCode(...levels));
  });
}"""


def test_the_pen_draws_as_the_server_does(page: Page) -> None:
    """To the bit, but for one dot of 64 where a bar's corner falls oddly: a nearly even shape is not misread for it."""
    drawn = [*drawings()[:60], *(scrawl(random.Random(seed)) for seed in range(60))]
    sheets = [np.frombuffer(b64decode(sheet), np.uint8) for sheet in page.evaluate(DRAW, drawn)]
    ours = np.stack(sheets).reshape(len(drawn), 100, 100).astype(np.int16)
    theirs = np.round(255 * np.stack([draw(strokes) for strokes in drawn])).astype(np.int16)
    off = np.abs(ours - theirs)
    print(f"{off.any(axis=(1, 2)).sum()} of {len(drawn)} drawings differ, a pixel by at most {off.max()} of 255")
    assert off.max() <= 4  # a dot of the 64 that make a pixel
    assert off.mean(axis=(1, 2)).max() < 255 * 1e-5


def test_a_stroke_that_grows_is_drawn_as_one_that_came_whole(page: Page) -> None:
    grown = page.evaluate(
        """async (drawings) => {
          const { Pen } = await import('/live/pen.js');
          const pen = new Pen(100, 8.5);
          return drawings.map((strokes) => {
            const [first, ...others] = strokes;
            for (let end = 1; end < first.length; end++) pen.draw([first.slice(0, end)]);
            for (let end = 0; end < others.length; end++) pen.draw([first, ...others.slice(0, end)]);
            const grown = [...pen.draw(strokes)], whole = [...new Pen(100, 8.5).draw(strokes)];
            // Taken back, thinned, and nothing at all.
            const less = [...pen.draw([first])], alone = [...new Pen(100, 8.5).draw([first])];
            const same = (one, other) => one.every((ink, i) => ink === other[i]);
            return same(grown, whole) && same(less, alone) && pen.draw([]).every((ink) => ink === 0);
          });
        }""",
        [scrawl(random.Random(seed)) for seed in range(20)],
    )
    assert grown == [True] * 20


READ = """async ([name, drawings]) => {
  const { LiveNetwork } = await import('/live/network.js');
  const net = await LiveNetwork.load(`/${name}/description.json`, `/${name}/model.safetensors`);
  const found = [];
  for (const strokes of drawings) found.push((await net.read(strokes)).answer);
  net.close();
  return found;
}"""


@pytest.mark.parametrize("name", pretrained.shipped())
def test_drawings_get_the_servers_answer(page: Page, name: str) -> None:
    """The label of each, and, but for shares on the edge of a threshold, the same sentence to the letter."""
    drawn = drawings()
    found = page.evaluate(READ, [name, drawn])
    reader = Reader(pretrained.load(name))
    edge = 0
    for strokes, answer in zip(drawn, found, strict=True):
        reading = reader.read(Glyph(draw(strokes), (), "drawing"))
        assert answer["label"] == reading.label
        if answer["sentence"] != sentence(reading):
            edge += 1
    print(name, len(drawn), "drawings, the same label for all; another sentence for", edge)
    assert edge <= len(drawn) // 100


ANSWER = """async ([name, shares, logits, cropped]) => {
  const { answer, resolvedCase } = await import('/live/answer.js');
  const description = await (await fetch(`/${name}/description.json`)).json();
  return shares.map((row, i) => {
    const resolved = cropped ? {} : resolvedCase(description, logits[i]);
    return answer(description, Float32Array.from(row), { cropped, resolved, sideBySide: i % 2 > 0 });
  });
}"""


@pytest.mark.parametrize("cropped", [False, True])
@pytest.mark.parametrize("name", ["best52", "best62", "report-cnn"])
def test_probabilities_come_to_what_the_server_says(page: Page, name: str, cropped: bool) -> None:
    """On numbers made so that every kind of answer occurs, which the shipped networks hardly ever give."""
    torch.manual_seed(0)
    net = network(name)
    fold = list(net.stages.values())[-1]
    logits = 6 * torch.randn(300, 62) * torch.rand(300, 1)
    with torch.inference_mode():
        probabilities = net.probabilities(fold(logits) if name == "best52" else logits[:, : len(net.alphabet)]).numpy()
    found: list[dict[str, Any]] = page.evaluate(ANSWER, [name, probabilities.tolist(), logits.tolist(), cropped])
    kinds = set()
    for number, (row, logit, answer) in enumerate(zip(probabilities, logits, found, strict=True)):
        resolved = {} if cropped or name != "best52" else fold.likelier(logit[None].numpy(), 9.0)[0]
        reading = Reading(
            net.alphabet, row, threshold=net.threshold, cropped=cropped, resolved_case=resolved,
            side_by_side=number % 2 > 0,
        )  # fmt: skip
        assert answer["sentence"] == sentence(reading)
        assert (answer["certain"], answer["several"]) == (reading.answer.certain, reading.answer.several)
        assert [(part["label"], pytest.approx(part["probability"])) for part in answer["together"]] == list(
            reading.answer.together
        )
        assert {int(label): character for label, character in answer["resolved"].items()} == resolved
        kinds.add(answer["sentence"].split()[0] + answer["sentence"].split()[-1].rstrip("."))
    assert len(kinds) > 10
    assert {answer["several"] for answer in found} == {net.threshold > 0, False}


def test_ink_stands_in_two_parts_where_the_server_says_so(page: Page) -> None:
    rng = np.random.default_rng(0)
    images = np.zeros((200, 100, 100), np.float32)
    for image in images:
        for _ in range(rng.integers(0, 4)):
            top, left = rng.integers(0, 80, 2)
            image[top : top + rng.integers(5, 80), left : left + rng.integers(2, 30)] = rng.choice([0.4, 0.5, 1.0])
    found = page.evaluate(
        """async ([images, how]) => {
          const { sideBySide } = await import('/live/side_by_side.js');
          return images.map((image) => sideBySide(Float32Array.from(image), 100, how));
        }""",
        [images.reshape(200, -1).tolist(), describe(network("best52"))["side_by_side"]],
    )
    assert found == [side_by_side(image) for image in images]
    assert 10 < sum(found) < 190
