"""The network in the browser against torch: every stage of every shipped network, and of odd ones."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator

import numpy as np
import pytest
import safetensors.torch
import torch
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page
from torch import nn

from fontdemo.alphabet import CHARACTERS
from fontdemo.glyph.strokes import fitted
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.network.stages import FullyConnected, Recurrent
from fontdemo.reading.description import describe
from tests.support import letters
from tests.support.servers.live_server import Extra, network, serving
from tests.support.servers.pageserver import ROOT

torch.set_num_threads(1)

GLYPHS = 50

#: With FONTDEMO_ALL_DRAWINGS=1 every network reads all 930 drawings; else every eighth of them, to spare the time.
EVERY = 1 if os.environ.get("FONTDEMO_ALL_DRAWINGS") == "1" else 8

Image = NDArray[np.float32]


def glyphs() -> list[Image]:
    """Letters of two faces, as pictures of them are read."""
    fonts = ("DejaVuSans.ttf", "DejaVuSerif-Italic.ttf")
    return [letters.fitted(CHARACTERS[n], fonts[n % 2]).astype(np.float32) for n in range(GLYPHS)]


def drawings() -> list[list[list[list[float]]]]:
    """What people drew, where it is; else made-up scrawls."""
    file = ROOT.parent / "shared" / "data" / "strokes" / "chars74k-hnd-dev.json"
    if file.is_file():
        people = json.loads(file.read_text(encoding="utf-8"))
        return [fitted(strokes) for drawn in people.values() for strokes in drawn][::EVERY]
    return [scrawl(random.Random(seed)) for seed in range(120)]


def scrawl(rng: random.Random) -> list[list[list[float]]]:
    """Strokes that wander, some of a single point, some leaving the square."""
    strokes = []
    for _ in range(rng.randint(1, 4)):
        x, y = rng.uniform(0, 1), rng.uniform(0, 1)
        strokes.append([[x, y]])
        for _ in range(rng.choice([0, 1, 3, 30])):
            x, y = x + rng.uniform(-0.2, 0.2), y + rng.uniform(-0.2, 0.2)
            strokes[-1].append([x, y])
    return strokes


def truth(net: Network, image: Image) -> bytes:
    """All that torch makes of an image: every stage's output and the probabilities, one behind the other."""
    with torch.inference_mode():
        outputs = net.trace(torch.from_numpy(image)[None, None])
        outputs["probabilities"] = net.probabilities(list(outputs.values())[-1])
    return b"".join(output.contiguous().numpy().tobytes() for output in outputs.values())


def odd_networks() -> dict[str, Network]:
    """Networks as nobody ships them: every activation, counts that are no multiple of 4, a GRU of several steps."""
    torch.manual_seed(0)
    fc = {"widths": [11, 9, 10], "fc_activations": ["leaky_relu", "relu", "sigmoid"]}
    conv = {"channels": [5, 7], "kernels": [7, 4], "strides": [3, 2], "paddings": [0, 3], "pool": 3}
    odd = {
        "odd-cnn": Network("report-cnn", "letters52", {**conv, **fc, "conv_activation": "elu"}),
        "odd-crnn": Network("report-crnn", "alnum62", {"conv_activation": "relu"}),
        "odd-residual": Network("residual-cnn", "letters52", {"channels": [3, 6, 9, 5], "fold": True}),
    }
    odd["odd-crnn"].stages["gru"] = Recurrent(64, 30, 3, 0.0)
    odd["odd-crnn"].stages["fc"] = FullyConnected(30, 62, None)
    odd["odd-residual"].stages["pool1"] = nn.MaxPool2d(3, 2, 1)
    for net in odd.values():
        net(torch.rand(8, 1, 100, 100))  # moves the batch statistics
        net.eval()
    return odd


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    images = glyphs()
    networks = {name: network(name) for name in pretrained.shipped()} | odd_networks()
    extra: Extra = {"/glyphs": lambda: np.stack(images).tobytes()}
    for name, net in networks.items():
        extra[f"/{name}/description.json"] = lambda net=net: json.dumps(describe(net)).encode()
        if name.startswith("odd-"):
            extra[f"/{name}/model.safetensors"] = lambda net=net: safetensors.torch.save(net.state_dict())
        for number in range(GLYPHS):
            extra[f"/truth/{name}/{number}"] = lambda net=net, number=number: truth(net, images[number])
    with serving(extra) as url:
        page = browser.new_page()
        page.set_default_timeout(120_000)
        page.goto(url + "/")
        yield page
        page.close()


COMPARE = """async ([name, count, simd]) => {
  const { LiveNetwork } = await import('/live/network.js');
  const net = await LiveNetwork.load(`/${name}/description.json`, `/${name}/model.safetensors`, { simd });
  const floats = async (path) => new Float32Array(await (await fetch(path)).arrayBuffer());
  const glyphs = await floats('/glyphs');
  const worst = {}, labels = [];
  for (let i = 0; i < count; i++) {
    const reading = await net.read(glyphs.slice(10000 * i, 10000 * (i + 1)));
    const truth = await floats(`/truth/${name}/${i}`);
    let at = 0;
    for (const [stage, values] of Object.entries({ ...reading.stages, probabilities: reading.probabilities })) {
      let off = 0, most = 0;
      for (let k = 0; k < values.length; k++, at++) {
        off = Math.max(off, Math.abs(values[k] - truth[at]));
        most = Math.max(most, Math.abs(truth[at]));
        if (!Number.isFinite(values[k])) off = Infinity;
      }
      worst[stage] = Math.max(worst[stage] ?? 0, off / most);
    }
    if (at !== truth.length) throw new Error(`${at} values, torch has ${truth.length}`);
  }
  const fast = net.simd;
  net.close();
  return [worst, fast];
}"""


@pytest.mark.parametrize("name", pretrained.shipped())
def test_every_stage_is_what_torch_makes_of_the_glyph(page: Page, name: str) -> None:
    worst, fast = page.evaluate(COMPARE, [name, GLYPHS, True])
    print(name, "largest difference over the stage's largest value:", f"{max(worst.values()):.1e}")
    assert fast, "Chromium has WebAssembly with SIMD"
    assert list(worst) == [*network(name).stages, "probabilities"]
    assert {stage: off for stage, off in worst.items() if off > 1e-4} == {}


@pytest.mark.parametrize("name", ["best52", "report-crnn"])
def test_plain_javascript_gives_the_same(page: Page, name: str) -> None:
    worst, fast = page.evaluate(COMPARE, [name, 3, False])
    assert not fast
    assert {stage: off for stage, off in worst.items() if off > 1e-4} == {}


@pytest.mark.parametrize("simd", [True, False])
@pytest.mark.parametrize("name", ["odd-cnn", "odd-crnn", "odd-residual"])
def test_networks_of_other_settings_run_the_same(page: Page, name: str, simd: bool) -> None:
    worst, _ = page.evaluate(COMPARE, [name, 5, simd])
    assert {stage: off for stage, off in worst.items() if off > 1e-4} == {}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 7,
        b"\xff" * 8,
        *(
            bytes([len(header), *[0] * 7]) + header
            for header in (
                b"{{{{",
                b'{"a":{"dtype":"F32"}}',
                b'{"a":{"dtype":"F32","shape":["x"],"data_offsets":[0,4]}}',
                b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
                b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[-8,-4]}}',
                b"{}",
            )
        ),
    ],
)
def test_a_broken_file_of_weights_is_refused_in_words(page: Page, content: bytes) -> None:
    said = page.evaluate(
        """async (bytes) => {
          const { parseSafetensors } = await import('/live/safetensors.js');
          try { return parseSafetensors(new Uint8Array(bytes).buffer).size; } catch (error) { return error.message; }
        }""",
        list(content),
    )
    assert said == 0 if content.endswith(b"{}") else said.startswith("These weights can't be read: ")
