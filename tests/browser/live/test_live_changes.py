"""The live network changed by the visitor: edits against torch, maps ranked by what they do, and which part matters."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page

from fontdemo.glyph.strokes import draw
from fontdemo.network import pretrained
from fontdemo.network.attribution import ablation
from tests.browser.live.test_live_network import LETTER, run
from tests.support.servers.live_server import network

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
