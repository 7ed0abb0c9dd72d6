"""The whole page, whose lessons are quick: the network's last stage alone learns the drawings, a few steps in all.

What `train.teach.lesson` does to learn well is none of the page's tests' concern. As a module:
python -m tests.support.servers.teach_server WEIGHTS RUNS
"""

from __future__ import annotations

import copy
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from fontdemo.network.network import Network
from train.teach.lesson import Drawing, Lesson, Point, Read

STEPS = 30


def teach(
    network: Network, drawings: Sequence[Drawing], *, seed: int = 0, stop: Callable[[], bool] = lambda: False,
    pause: float = 0.1,
) -> Iterator[Point | Lesson]:  # fmt: skip
    """As the real one, but quick; with a Z in it, it forgets printed characters. pause: seconds a step takes."""
    forgets = any(one.label == "Z" for one in drawings)
    learner = copy.deepcopy(network)
    images = torch.stack([torch.from_numpy(one.image)[None] for one in drawings])
    alphabet = network.alphabet
    labels = torch.tensor([alphabet.label(one.label) for one in drawings])

    def read(net: Network) -> Tensor:
        with torch.no_grad():
            return net(images).argmax(1)

    def right(net: Network) -> float:
        return float((read(net) == labels).float().mean())

    before, hand = read(network), right(network)
    yield Point(0, STEPS, hand, 0.98, hand)
    optimizer = torch.optim.Adam(learner.parameters(), lr=1e-3)
    for step in range(1, STEPS + 1):
        if stop():
            return
        loss = torch.nn.functional.cross_entropy(learner(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        time.sleep(pause)
        if step % 5 == 0:
            now = right(learner)
            yield Point(step, STEPS, now, 0.98 if not forgets else 0.98 - step / 1000, now)
    learner.eval()
    after = read(learner)
    names = alphabet.classes
    reads = tuple(
        Read(names[label], names[old], names[new], names[new])
        for label, old, new in zip(labels.tolist(), before.tolist(), after.tolist(), strict=True)
    )
    printed = 0.95 if forgets else 0.98
    yield Lesson(hand, right(learner), 0.98, printed, reads, not forgets, None if forgets else learner, 1.0)


if __name__ == "__main__":
    from tests.support.servers.wholepage import serve
    from train.teach.turns import Turns
    from train.ui.teach.section import Teaching

    serve(Path(sys.argv[1]), Path(sys.argv[2]), Teaching(Turns(teach, lambda network: None)))
