"""The live network as a page uses it: the latest drawing wins, what is wrong is refused, how long an answer takes."""

from __future__ import annotations

import statistics
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page

from fontdemo.glyph.strokes import draw
from tests.support.servers.live_server import network

torch.set_num_threads(1)

#: A g as a pen writes it: a bowl, then the stem with its tail.
BOWL = [[0.5 + 0.17 * np.cos(t), 0.5 - 0.17 * np.sin(t)] for t in np.linspace(0.3, 6.2, 40)]
STEM = [[0.67, 0.35], *([0.67, 0.35 + 0.01 * n] for n in range(1, 45)), [0.6, 0.86], [0.5, 0.88], [0.4, 0.86]]
LETTER = [[[round(float(x), 3), round(float(y), 3)] for x, y in stroke] for stroke in (BOWL, STEM)]


def run(page: Page, name: str, body: str, argument: object = None) -> Any:
    """What `body` returns: JavaScript with `net`, the network `name`, loaded; `strokes`, LETTER; and `argument`."""
    return page.evaluate(
        """async ([name, strokes, argument, body]) => {
          const { LiveNetwork } = await import('/live/network.js');
          const net = await LiveNetwork.load(`/${name}/description.json`, `/${name}/model.safetensors`);
          const how = new (async () => {}).constructor('net', 'strokes', 'argument', body);
          try { return await how(net, strokes, argument); } finally { net.close(); }
        }""",
        [name, LETTER, argument, body],
    )


def test_only_the_latest_of_many_drawings_is_read_to_the_end(page: Page) -> None:
    found = run(page, "report-cnn", """
        const calls = [];
        for (let end = 1; end <= 40; end++) calls.push(net.read([strokes[0].slice(0, end)]));
        const readings = await Promise.all(calls);
        const last = readings.at(-1), whole = await net.read([strokes[0]]);
        return [readings.filter(Boolean).length, last.image.every((ink, i) => ink === whole.image[i])];
    """)  # fmt: skip
    assert found[1], "the last one is answered, with the whole drawing"
    assert found[0] <= 5, "what waited when a newer one came was dropped"


def test_nothing_drawn_has_stages_but_no_answer(page: Page) -> None:
    found = run(page, "best52", """
        const empty = await net.read([]), outside = await net.read([[[3, 3]]]);
        return [empty, outside].map((r) => [r.blank, r.answer, Object.keys(r.stages).length, r.image.length]);
    """)  # fmt: skip
    assert found == [[True, None, len(network("best52").stages), 10_000]] * 2


def test_a_thicker_pen_is_another_image(page: Page) -> None:
    inks = run(page, "report-cnn", """
        const inks = [];
        for (const pen of [4, undefined, 14]) {
          inks.push((await net.read(strokes, { pen })).image.reduce((sum, ink) => sum + ink, 0));
        }
        return inks;
    """)  # fmt: skip
    assert inks == [pytest.approx(float(draw(LETTER, width).sum()), rel=1e-4) for width in (4, 8.5, 14)]


@pytest.mark.parametrize(
    "description, weights, words",
    [
        ("/nowhere/description.json", "/best52/model.safetensors", "can't be loaded (404)"),
        ("/best52/description.json", "/broken/model.safetensors", "can't be read"),
        ("/best52/description.json", "/budget52/model.safetensors", "stages.fc2.fc.weight does not fit"),
        ("/best52/description.json", "/report-cnn/model.safetensors", "These weights are of another network"),
    ],
)
def test_a_network_that_cannot_be_is_refused_in_words(page: Page, description: str, weights: str, words: str) -> None:
    said = page.evaluate(
        """async (urls) => {
          const { LiveNetwork } = await import('/live/network.js');
          return LiveNetwork.load(...urls).then(() => '', (error) => error.message);
        }""",
        [description, weights],
    )
    assert words in said


def test_a_call_out_of_turn_is_refused_in_words(page: Page) -> None:
    said = run(page, "report-cnn", """
        const message = (promise) => promise.then(() => '', (error) => error.message);
        const early = await message(net.cell('conv1', 0, 0, 0));
        const pen = await message(net.read(strokes, { pen: 0 }));
        await net.read(strokes);
        const beyond = await message(net.cell('conv1', 16, 0, 0));
        const classless = await message(net.rank('conv1', { label: 52 }));
        const waiting = net.read(strokes);
        net.close();
        if (await waiting !== null) throw new Error('who waits when it is closed needs no answer');
        return [early, beyond, classless, await message(net.read(strokes)), pen];
    """)  # fmt: skip
    assert said == [
        "Nothing has been read yet.",
        "There is no number 16 of 16.",
        "There is no number 52 of 52.",
        "The network was closed.",
        "A pen is 1 to 100 pixels wide.",
    ]


@pytest.mark.parametrize("drawing", [7, [7], [[[0]]], [[[0.1, "x"]]], [[[0.1, None]]], [[[0, 0]]] * 501])
def test_what_is_no_drawing_is_refused_in_words(page: Page, drawing: object) -> None:
    said, well = run(page, "report-cnn", """
        const said = await net.read(argument).then(() => '', (error) => error.message);
        return [said, (await net.read(strokes)).answer !== null];
    """, drawing)  # fmt: skip
    assert said.startswith(("A drawing is a list of strokes", "The drawing has more than 500")) and well


def test_what_follows_a_reading_leaves_the_time_to_the_pen_and_is_never_forgotten(page: Page) -> None:
    beside, last, resting = page.evaluate(
        """async () => {
          const { paced } = await import('/read/paced.js');
          const wait = (ms) => new Promise((done) => setTimeout(done, ms));
          let draw, wanted = 0, shown = 0, count = 0;
          const follow = paced({ on: (name, listener) => { draw = listener; } }, () => {
            [shown, count] = [wanted, count + 1];
            for (const end = performance.now() + 10; performance.now() < end;);
          });
          draw({ live: true });
          for (const end = performance.now() + 600; performance.now() < end; await wait(4)) { wanted++; follow(); }
          const beside = count;
          await wait(500);
          const last = shown === wanted;
          draw({ live: false });
          count = 0;
          for (let i = 0; i < 3; i++) follow();
          return [beside, last, count];
        }"""
    )
    assert 1 <= beside <= 6, "ten milliseconds of every 130"
    assert last and resting == 3


# A pad with no more to it than is needed: points come with the pointer, and every move is read.
PAD = """async ([name, simd]) => {
  const { LiveNetwork } = await import('/live/network.js');
  window.net = await LiveNetwork.load(`/${name}/description.json`, `/${name}/model.safetensors`, { simd });
  const canvas = document.querySelector('canvas'), box = canvas.getBoundingClientRect();
  window.waits = []; window.runs = [];
  let strokes = [];
  canvas.onpointerdown = () => { strokes = [...strokes, []]; };
  canvas.onpointermove = async (event) => {
    if (!event.buttons) return;
    const moved = performance.now();
    strokes.at(-1).push([(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]);
    const reading = await window.net.read(strokes);
    if (!reading) return;
    window.waits.push(performance.now() - moved);
    window.runs.push(reading.ms);
  };
}"""

#: Generous beside the 60 and 120 ms that are asked of an idle machine: what tests run on is seldom idle.
LIMITS = {"report-cnn": 180, "best52": 360}


@pytest.mark.parametrize("name", LIMITS)
def test_an_answer_comes_while_the_pen_moves(page: Page, name: str) -> None:
    page.evaluate(PAD, [name, True])
    box = page.locator("canvas").bounding_box()
    assert box
    for stroke in LETTER:
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point)
        page.mouse.up()
    page.wait_for_function("window.waits.length > 20")
    waits, runs = page.evaluate("[window.waits, window.runs]")
    page.evaluate("window.net.close()")
    print(
        f"{name}: pointer move to answer, median {statistics.median(waits):.0f} ms of {len(waits)} answers "
        f"(the network itself {statistics.median(runs):.0f} ms)"
    )
    assert statistics.median(waits) < LIMITS[name]
