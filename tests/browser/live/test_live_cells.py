"""A cell's arithmetic in the browser: its sum against torch and what it sees against autograd, in all networks."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Page
from torch import Tensor, nn
from torch.nn import functional

from fontdemo.glyph.strokes import draw
from fontdemo.network import pretrained
from fontdemo.network.stages import Fold, Recurrent, Residual
from tests.browser.live.test_live_stages import drawings, scrawl
from tests.support.servers.live_server import network, serving

torch.set_num_threads(1)

CELLS = 30

Cell = dict[str, Any]


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with serving({}) as url:
        page = browser.new_page()
        page.set_default_timeout(120_000)
        page.goto(url + "/")
        yield page
        page.close()


# Of the large parts only what is checked here comes back: kernels and patches as their own sums of products.
EXPLAIN = """async ([name, image, asked, edits]) => {
  const { LiveNetwork } = await import('/live/network.js');
  const net = await LiveNetwork.load(`/${name}/description.json`, `/${name}/model.safetensors`);
  await net.read(Float32Array.from(image));
  if (edits) await net.edit(edits);
  const cells = [];
  for (const where of asked) {
    const began = performance.now();
    const cell = await net.cell(...where);
    cell.ms = performance.now() - began;
    for (const part of [cell, cell.branch ?? {}]) {
      part.inputs = part.inputs?.map(({ map, sum, kernel, patch }) => ({
        map, sum, again: kernel.reduce((all, weight, i) => all + weight * patch[i], 0),
      }));
      part.products = typeof part.products === 'number' ? part.products : part.products && [...part.products];
    }
    cells.push(cell);
  }
  net.close();
  return cells;
}"""


def inputs_of(net: nn.Module, image: Tensor) -> dict[str, tuple[Tensor, Tensor]]:
    """stage -> (what it gets, what it makes of it), in float64 and with gradients."""
    found = {}
    values = image
    for name, stage in net.double().stages.items():
        before, values = values, stage(values)
        found[name] = before, values
    return found


def random_cells(name: str, seed: int) -> list[tuple[str, int, int, int]]:
    """CELLS of them, every stage in turn."""
    rng = random.Random(seed)
    with torch.inference_mode():
        shapes = {stage: output.shape[1:] for stage, output in network(name).trace(torch.zeros(1, 1, 100, 100)).items()}
    names = [list(shapes)[n % len(shapes)] for n in range(CELLS)]
    return [(stage, *(rng.randrange(side) for side in (*shapes[stage], 1, 1)[:3])) for stage in names]


@pytest.mark.parametrize("name", pretrained.shipped())
def test_a_cells_sum_is_torchs_and_it_sees_what_autograd_says(page: Page, name: str) -> None:
    net = pretrained.load(name).double()
    chosen = drawings()[:: max(1, len(drawings()) // 4)][:5]
    assert len(chosen) == 5
    farthest, slowest = 0.0, 0.0
    for number, strokes in enumerate(chosen):
        ink = draw(strokes)
        image = torch.from_numpy(ink.astype(np.float64))[None, None].requires_grad_()
        through = inputs_of(net, image)
        asked = random_cells(name, number)
        for where, cell in zip(asked, page.evaluate(EXPLAIN, [name, ink.ravel().tolist(), asked, None]), strict=True):
            stage, *position = where
            before, output = through[stage]
            index = (0, *position[: output.dim() - 1])
            largest = float(output.detach().abs().max())
            assert cell["agrees"] and cell["difference"] <= 1e-5, where
            assert cell["sum"] == pytest.approx(output[index].item(), rel=1e-5, abs=1e-4 * largest), where
            check_parts(net.stages[stage], cell, before.detach(), position)
            check_sight(cell, output[index], image, before)
            if abs(cell["value"]) > 1e-3 * largest:
                farthest = max(farthest, abs(cell["sum"] - cell["value"]) / abs(cell["value"]))
            slowest = max(slowest, cell["ms"])
    print(f"{name}: sum and tensor differ by at most {farthest:.1e} of the value; slowest cell {slowest:.0f} ms")
    assert farthest <= 1e-5, "of the value itself, where that is no mere rest of what was added"


def check_parts(stage: nn.Module, cell: Cell, before: Tensor, position: list[int]) -> None:
    """The numbers between a stage's input and its output, against torch's own layers."""
    kind, (map_, y, x) = cell["kind"], position
    if kind == "conv":
        check_convolution(stage, cell, before, map_, y, x)
    elif kind == "residual":
        assert isinstance(stage, Residual)
        check_convolution(stage, cell["branch"], stage.first(before).detach(), map_, y, x)
        assert cell["shortcut"] == pytest.approx(float(before[0, map_, y, x]), rel=1e-4, abs=1e-5)
    elif kind == "pool":
        values = [candidate["value"] for candidate in cell["candidates"]]
        assert values[cell["winner"]] == max(values) == cell["sum"]
        for candidate in cell["candidates"]:
            true = float(before[0, map_, candidate["y"], candidate["x"]])
            assert candidate["value"] == pytest.approx(true, rel=1e-4, abs=1e-5)
    elif kind == "fc":
        fc: Any = stage.fc
        products = (before[0] * fc.weight[map_]).detach().numpy()
        np.testing.assert_allclose(cell["products"], products, rtol=1e-3, atol=2e-5 * np.abs(products).max())
        largest = [abs(term["product"]) for term in cell["terms"]]
        assert largest == sorted(largest, reverse=True) and largest[0] == pytest.approx(max(map(abs, cell["products"])))
        assert sum(term["product"] for term in cell["terms"]) + cell["rest"] + cell["bias"] == pytest.approx(
            cell["preactivation"], abs=1e-9
        )
        if cell["byMap"]:
            assert sum(one["sum"] for one in cell["byMap"]) == pytest.approx(sum(cell["products"]), abs=1e-9)
    elif kind == "gru":
        check_gru(stage, cell, before, map_)
    elif kind == "fold":
        assert isinstance(stage, Fold)
        own = [index for index, label in zip(stage.kept, stage.labels, strict=True) if label == map_]
        assert [term["index"] for term in cell["terms"]] == own and cell["count"] == len(own)


def check_convolution(stage: Any, cell: Cell, maps: Tensor, map_: int, y: int, x: int) -> None:
    conv, norm = stage.conv, stage.norm
    each = functional.conv2d(
        maps[0][:, None], conv.weight[map_][:, None], None, conv.stride, conv.padding
    )  # every input map by every kernel; those of the same number belong together
    sums = each[range(conv.in_channels), range(conv.in_channels), y, x].detach().numpy()
    scale = np.abs(sums).max()
    np.testing.assert_allclose([one["sum"] for one in cell["inputs"]], sums, rtol=1e-3, atol=2e-5 * scale + 1e-6)
    for one in cell["inputs"]:
        assert one["again"] == pytest.approx(one["sum"], abs=1e-9)
    assert sorted(cell["order"]) == list(range(conv.in_channels))
    ordered = [abs(cell["inputs"][index]["sum"]) for index in cell["order"]]
    assert ordered == sorted(ordered, reverse=True)
    through = conv(maps)
    assert cell["convolution"] == pytest.approx(through[0, map_, y, x].item(), rel=1e-4, abs=1e-5 * scale + 1e-5)
    assert cell["norm"]["value"] == pytest.approx(norm(through)[0, map_, y, x].item(), rel=1e-3, abs=1e-4)


def check_gru(stage: nn.Module, cell: Cell, before: Tensor, unit: int) -> None:
    """Gates by hand from the last layer's weights, over the state that torch gives the layer below."""
    assert isinstance(stage, Recurrent)
    gru, width = stage.gru, stage.gru.hidden_size
    below = nn.GRU(gru.input_size, width, gru.num_layers - 1, batch_first=True).double()
    below.load_state_dict({key: value for key, value in gru.state_dict().items() if not key.endswith("_l1")})
    state, _ = below(before.reshape(1, -1, gru.input_size))
    weights: Any = gru
    ins = weights.weight_ih_l1 @ state[0, -1] + weights.bias_ih_l1
    hidden = weights.bias_hh_l1  # the state before the first step is zero
    reset, update = torch.sigmoid(ins[:width] + hidden[:width]), torch.sigmoid((ins + hidden)[width : 2 * width])
    candidate = torch.tanh(ins[2 * width :] + reset * hidden[2 * width :])
    for gate, values in (("reset", reset), ("update", update), ("candidate", candidate)):
        assert cell["gates"][gate]["value"] == pytest.approx(values[unit].item(), rel=1e-4, abs=1e-5)
    assert (cell["layer"], cell["layers"], cell["step"], cell["steps"]) == (1, 2, 0, 1)


def check_sight(cell: Cell, value: Tensor, image: Tensor, before: Tensor) -> None:
    """Whatever moves the cell lies in what is lit, on the image and in the stage before."""
    on_image, on_maps = torch.autograd.grad(value, [image, before], retain_graph=True)
    lit = torch.zeros_like(on_image, dtype=torch.bool)
    (top, bottom), (left, right) = cell["field"]["rows"], cell["field"]["columns"]
    lit[..., top:bottom, left:right] = True
    assert not on_image[~lit].any()
    if cell["before"]["rows"] is None:
        assert before.dim() == 2
        return
    lit = torch.zeros_like(on_maps, dtype=torch.bool)
    maps = slice(None) if cell["before"]["maps"] is None else cell["before"]["maps"]
    (top, bottom), (left, right) = cell["before"]["rows"], cell["before"]["columns"]
    lit[:, maps, top:bottom, left:right] = True
    assert not on_maps[~lit].any()
    assert lit[0].any(dim=0).sum() == (bottom - top) * (right - left), "the lit cells lie in the maps"


def test_the_lit_cells_are_no_more_than_there_is_to_see(page: Page) -> None:
    """The other way round: in the middle of a map the window is as large as the kernel, and so is what it lights."""
    ink = draw(scrawl(random.Random(3))).ravel().tolist()
    asked = [("conv2", 0, 12, 12), ("pool1", 5, 3, 3), ("res1", 1, 6, 6), ("conv2", 0, 0, 0), ("flatten", 9 * 7 + 5)]
    conv, pool, res, corner, flat = page.evaluate(EXPLAIN, ["best52", ink, asked, None])
    assert conv["before"] == {"stage": "pool1", "maps": None, "rows": [11, 14], "columns": [11, 14]}
    assert pool["before"] == {"stage": "conv1", "maps": 5, "rows": [6, 8], "columns": [6, 8]}
    assert res["before"]["rows"] == [4, 9]
    assert corner["before"]["rows"] == [0, 2] and corner["window"] == {"row": -1, "column": -1, "size": 3}
    assert flat["from"]["map"] == 7 and (flat["from"]["y"], flat["from"]["x"]) == (1, 2)
    assert flat["before"] == {"stage": "pool4", "maps": 7, "rows": [1, 2], "columns": [2, 3]}


def test_the_maps_inside_a_residual_stage_and_a_gru_can_be_asked_for(page: Page) -> None:
    ink = draw(scrawl(random.Random(3)))
    image = torch.from_numpy(ink.astype(np.float64))[None, None]
    net = pretrained.load("best52").double()
    maps = net.trace(image)["conv3"]
    (cell,) = page.evaluate(EXPLAIN, ["best52", ink.ravel().tolist(), [("res1", 4, 2, 3, "first")], None])
    inside = net.stages["res1"].first(maps).detach()  # type: ignore[union-attr,operator]
    assert cell["agrees"] and cell["value"] == pytest.approx(float(inside[0, 4, 2, 3]), rel=1e-4, abs=1e-5)
    crnn = pretrained.load("report-crnn").double()
    gru: Any = crnn.stages["gru"]
    states, _ = gru.gru(crnn.trace(image)["pool2"].reshape(1, 1, -1))
    asked = [("gru", 7, 0, 0, {"layer": 0}), ("gru", 7, 0, 0)]
    lower, upper = page.evaluate(EXPLAIN, ["report-crnn", ink.ravel().tolist(), asked, None])
    assert upper["value"] == pytest.approx(states[0, 0, 7].item(), rel=1e-4, abs=1e-5)
    assert lower["layer"] == 0 and lower["agrees"] and lower["value"] != upper["value"]


@pytest.mark.parametrize("name", ["best52", "report-cnn"])
def test_a_class_tells_its_softmax(page: Page, name: str) -> None:
    ink = draw(drawings()[0])
    net = network(name)
    with torch.inference_mode():
        logits = net(torch.from_numpy(ink)[None, None])
        probabilities = net.probabilities(logits)[0]
    label = int(probabilities.argmax())
    (cell,) = page.evaluate(EXPLAIN, [name, ink.ravel().tolist(), [("softmax", label)], None])
    assert cell["agrees"] and cell["sum"] == pytest.approx(float(probabilities[label]), abs=1e-5)
    assert cell["temperature"] == net.temperature and cell["logit"] == pytest.approx(float(logits[0, label]), abs=1e-3)
    assert cell["terms"][0]["label"] == label and len(cell["terms"]) == len(net.alphabet)
    assert sum(term["power"] for term in cell["terms"]) == pytest.approx(cell["total"])


def test_the_arithmetic_of_a_changed_network_is_that_of_the_change(page: Page) -> None:
    ink = draw(scrawl(random.Random(3))).ravel().tolist()
    kernel = [0.5 * n for n in range(25)]
    edits = {
        "off": {"conv1": [2], "pool2": [0]},
        "kernels": [{"stage": "conv1", "map": 1, "input": 0, "values": kernel}],
        "biases": [{"stage": "conv1", "map": 1, "scale": 3}],
    }
    asked = [("conv1", 1, 20, 20), ("conv1", 2, 20, 20), ("pool2", 0, 5, 5), ("conv2", 3, 9, 9), ("fc1", 3)]
    plain = page.evaluate(EXPLAIN, ["best52", ink, asked, None])
    cells = page.evaluate(EXPLAIN, ["best52", ink, asked, edits])
    assert all(cell["agrees"] for cell in cells)
    assert cells[0]["bias"] == pytest.approx(3 * plain[0]["bias"], rel=1e-6)
    assert cells[0]["value"] != plain[0]["value"]
    assert [(cell["off"], cell["value"], cell["sum"]) for cell in cells[1:3]] == [(True, 0, 0)] * 2
    assert cells[1]["preactivation"] == plain[1]["preactivation"]
    assert cells[3]["inputs"][2]["sum"] == 0 != plain[3]["inputs"][2]["sum"]
