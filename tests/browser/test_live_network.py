"""The live network as a page uses it: the latest drawing wins, changes follow at once, and how long an answer takes."""

from __future__ import annotations

import statistics
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Page

from fontdemo.glyph.strokes import draw
from fontdemo.network import pretrained
from fontdemo.network.attribution import ablation
from tests.support.servers.live_server import network, serving

torch.set_num_threads(1)

#: A g as a pen writes it: a bowl, then the stem with its tail.
BOWL = [[0.5 + 0.17 * np.cos(t), 0.5 - 0.17 * np.sin(t)] for t in np.linspace(0.3, 6.2, 40)]
STEM = [[0.67, 0.35], *([0.67, 0.35 + 0.01 * n] for n in range(1, 45)), [0.6, 0.86], [0.5, 0.88], [0.4, 0.86]]
LETTER = [[[round(float(x), 3), round(float(y), 3)] for x, y in stroke] for stroke in (BOWL, STEM)]


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with serving({"/broken/model.safetensors": lambda: b"\0" * 20}) as url:
        page = browser.new_page(viewport={"width": 400, "height": 400})
        page.set_default_timeout(120_000)
        page.goto(url + "/")
        yield page
        page.close()


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


EDITS = {
    "off": {"conv1": [0, 3], "pool2": [5]},
    "kernels": [
        {"stage": "conv2", "map": 4, "input": 2, "values": [0.1 * n - 0.4 for n in range(9)]},
        {"stage": "res1", "layer": "first.conv", "map": 1, "input": 1, "values": [0.2] * 9},
        {"stage": "fc1", "map": 3, "input": 7, "values": [2.5]},
    ],
    "biases": [
        {"stage": "conv1", "map": 1, "scale": -2},
        {"stage": "conv3", "layer": "norm", "map": 0, "scale": 4},
    ],
}


def edited(name: str) -> dict[str, torch.Tensor]:
    """What torch makes of LETTER with EDITS in place."""
    net = pretrained.load(name)
    stages: Any = net.stages
    with torch.inference_mode():
        stages["conv2"].conv.weight[4, 2] = torch.tensor(EDITS["kernels"][0]["values"]).reshape(3, 3)  # type: ignore[index]
        stages["res1"].first.conv.weight[1, 1] = 0.2
        stages["fc1"].fc.weight[3, 7] = 2.5
        stages["conv1"].conv.bias[1] *= -2
        stages["conv3"].norm.bias[0] *= 4
        values = torch.from_numpy(draw(LETTER))[None, None]
        found = {}
        for stage, layer in stages.items():
            values = layer(values).clone()
            values[:, EDITS["off"].get(stage, [])] = 0  # type: ignore[attr-defined]
            found[stage] = values
    return found


def test_changes_do_what_they_do_in_torch_and_one_call_puts_all_back(page: Page) -> None:
    changed, lasting, back = run(page, "best52", """
        const text = (values) => btoa(
          Array.from(new Uint8Array(values.slice().buffer), (byte) => String.fromCharCode(byte)).join(''));
        const same = (one, other) => Object.keys(one.stages).every(
          (stage) => one.stages[stage].every((value, i) => value === other.stages[stage][i]));
        const plain = await net.read(strokes);
        const changed = await net.edit(argument);
        const lasting = same(changed, await net.read(strokes));
        const back = same(plain, await net.edit({}));
        return [Object.fromEntries(Object.entries(changed.stages).map(([n, v]) => [n, text(v)])), lasting, back];
    """, EDITS)  # fmt: skip
    assert lasting and back
    for stage, truth in edited("best52").items():
        values, ours = truth.flatten().numpy(), np.frombuffer(b64decode(changed[stage]), np.float32)
        np.testing.assert_allclose(ours, values, rtol=0, atol=1e-4 * float(np.abs(values).max()))


def test_a_change_runs_again_only_what_comes_after_it(page: Page) -> None:
    """The stages before it cannot have changed: those of a broken input stay as they were."""
    same = run(page, "best52", """
        const { Engine } = await import('/live/engine.js');
        const { parseSafetensors } = await import('/live/safetensors.js');
        const file = await (await fetch('/best52/model.safetensors')).arrayBuffer();
        const engine = new Engine(net.description, parseSafetensors(file));
        engine.run((await net.read(strokes)).image);
        engine.outputs[0].fill(1);
        engine.edit({ off: { conv4: [1] } });
        const kept = engine.outputs[0].every((value) => value === 1);
        engine.edit({ off: { conv4: [1], conv1: [1] } });
        return [kept, engine.outputs[0].every((value) => value === 1)];
    """)  # fmt: skip
    assert same == [True, False]


@pytest.mark.parametrize(
    "edits",
    [
        {"off": {"conv9": [0]}},
        {"off": {"conv1": [32]}},
        {"kernels": [{"stage": "conv1", "map": 0, "input": 0, "values": [1]}]},
        {"kernels": [{"stage": "conv1", "map": -1, "input": 0, "values": [1] * 25}]},
        {"kernels": [{"stage": "fc1", "map": 0, "input": 0, "values": ["much"]}]},
        {"biases": [{"stage": "pool1", "map": 0, "scale": 2}]},
        {"biases": [{"stage": "conv1", "map": 0}]},
    ],
)
def test_a_change_that_is_none_is_refused_and_leaves_all_as_it_was(page: Page, edits: object) -> None:
    said, same = run(page, "best52", """
        const before = await net.read(strokes);
        const said = await net.edit(argument).then(() => '', (error) => error.message);
        const after = await net.read(strokes);
        return [said, after.probabilities.every((p, i) => p === before.probabilities[i])];
    """, edits)  # fmt: skip
    assert said and same


@pytest.mark.parametrize("name, stage", [("report-cnn", "conv2"), ("best52", "res2"), ("report-crnn", "gru")])
def test_maps_are_ranked_by_what_the_answer_loses_without_them(page: Page, name: str, stage: str) -> None:
    label, ranked = run(page, name, """
        const reading = await net.read(strokes);
        return [reading.answer.label, await net.rank(argument)];
    """, stage)  # fmt: skip
    truth = ablation(network(name), draw(LETTER), stage, [label])[:, 0]
    drops = [one["drop"] for one in ranked]
    assert drops == sorted(drops, reverse=True)
    assert sorted(one["map"] for one in ranked) == list(range(len(truth)))
    np.testing.assert_allclose(drops, truth[[one["map"] for one in ranked]], atol=1e-3)
    assert all(0 <= one["probability"] <= 1 for one in ranked)


def test_drawing_on_ends_a_ranking_and_the_cells_stay_right(page: Page) -> None:
    ranked, read, cells = run(page, "best52", """
        await net.read(strokes);
        const ranking = net.rank('conv1'), others = [net.occlusion(), net.gradCam({ stage: 'conv3' })];
        const before = await net.cell('res1', 3, 4, 5);
        await new Promise((resolve) => setTimeout(resolve, 50));
        const cell = await net.cell('res1', 3, 4, 5);
        if (cell.value !== before.value) throw new Error('a ranking moved the value');
        const reading = await net.read([strokes[0]]);
        return [[await ranking, ...await Promise.all(others)], reading !== null, cell.agrees && before.agrees];
    """)  # fmt: skip
    assert ranked == [None] * 3 and read and cells


def test_what_a_ranking_left_behind_is_no_part_of_a_cell_after_a_change(page: Page) -> None:
    """The maps inside a residual stage before the change would be those of the ranking."""
    agrees, same = run(page, "best52", """
        await net.read(strokes);
        const before = await net.cell('res1', 3, 4, 5);
        await net.rank('conv1');
        await net.edit({ off: { conv4: [0] } });
        const after = await net.cell('res1', 3, 4, 5);
        return [after.agrees, after.branch.convolution === before.branch.convolution];
    """)  # fmt: skip
    assert agrees and same


@pytest.mark.parametrize("name", ["best52", "report-crnn"])
def test_a_square_of_paper_shows_which_part_matters(page: Page, name: str) -> None:
    label, heat = run(page, name, """
        await net.read(strokes);
        const { label, heat } = await net.occlusion({ width: 30, step: 15 });
        return [label, [...heat]];
    """)  # fmt: skip
    image = torch.from_numpy(draw(LETTER))
    sums, counts = np.zeros((100, 100)), np.zeros((100, 100))
    with torch.inference_mode():
        logit = network(name)(image[None, None])[0]
        for top in range(-15, 100, 15):
            for left in range(-15, 100, 15):
                square = (slice(max(0, top), top + 30), slice(max(0, left), left + 30))
                covered = image.clone()
                covered[square] = 0
                sums[square] += float(logit[label] - network(name)(covered[None, None])[0, label])
                counts[square] += 1
    assert label == int(logit.argmax())
    np.testing.assert_allclose(np.reshape(heat, (100, 100)), sums / counts, atol=1e-3)


@pytest.mark.parametrize("name, stage", [("best52", "pool4"), ("report-cnn", "pool3"), ("report-crnn", "pool2")])
def test_grad_cam_is_that_of_autograd(page: Page, name: str, stage: str) -> None:
    """Its weights are measured and no gradients: within a fiftieth of the largest."""
    found = run(page, name, """
        await net.read(strokes);
        const found = await net.gradCam({ label: 7 });
        return { ...found, heat: [...found.heat], weights: [...found.weights] };
    """)  # fmt: skip
    net = pretrained.load(name)
    values = torch.from_numpy(draw(LETTER))[None, None]
    for layer_name, layer in net.stages.items():
        values = layer(values)
        if layer_name == stage:
            maps = values = values.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(values[0, 7], maps)
    weights = gradient[0].mean(dim=(1, 2))
    heat = (weights[:, None, None] * maps.detach()[0]).sum(dim=0).relu()
    assert (found["label"], found["stage"], found["rows"]) == (7, stage, heat.shape[0])
    np.testing.assert_allclose(found["weights"], weights.numpy(), atol=float(weights.abs().max()) / 50)
    np.testing.assert_allclose(np.reshape(found["heat"], heat.shape), heat.numpy(), atol=float(heat.max()) / 20 + 1e-3)


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
