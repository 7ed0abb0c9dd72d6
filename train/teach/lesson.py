"""A network is trained further on one person's drawings, in seconds and without forgetting what it knew.

`teach` is a generator of points of a curve, and at last of what came of it. It opens no page and writes no file.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass
from itertools import takewhile

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from fontdemo.errors import FontdemoError
from fontdemo.glyph.layout import SIDE
from fontdemo.network.network import Demand, Network, demand
from fontdemo.network.stages import Fold, FullyConnected
from train.loop.frozen import split
from train.teach.distance import as_far_as_allowed, between, read, right
from train.teach.rehearsal import inputs_of, rehearsal, varied

#: The most drawings a lesson takes.
MOST = 200

#: The most, as a fraction of the printed characters, that may be forgotten; else the old weights stand.
MAY_FALL = 0.003

#: So many of a network's last fully connected stages are taught.
LAYERS = 2

#: Steps of a lesson, a point of its curve after every so many, and in how many groups drawings are left out.
STEPS, EVERY, GROUPS = 150, 10, 3

#: Images a step: variations of drawings, and rehearsed ones; the former's weight in the loss; the highest rate.
TAUGHT, REHEARSED, OWN_WEIGHT, RATE = 32, 96, 0.1, 3e-3

# The largest network that is taught, about twice the best that ships: others wait while it learns.
_LARGEST = Demand(parameters=3_000_000, values=400_000, products=150_000_000)

# Variations of each drawing, at most and at least, and about how many of all.
_VARIATIONS, _FEWEST, _ALL_VARIATIONS = 24, 4, 960


class TeachError(FontdemoError):
    """This can't be taught; says what, and what can."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """One drawing with the character that its drawer says it is.

    image: float32 (100, 100) in 0..1, ink 1, as `Glyph.image`. label: that character, one of `CHARACTERS`.
    """

    image: NDArray[np.float32]
    label: str


@dataclass(frozen=True)
class Point:
    """How far a lesson is, after `step` of `steps` steps (0 is before the first).

    hand: the fraction, 0..1, of the drawings that are read rightly by a network that has not learned that drawing: the
    drawings are dealt out into groups, and beside the network that learns them all there is one for each group that
    learns all the others, in the same way. printed, learned: the fractions of printed characters of the sample set's
    validation part, and of the drawings, that the network which learns all drawings reads rightly.
    """

    step: int
    steps: int
    hand: float
    printed: float
    learned: float


@dataclass(frozen=True)
class Read:
    """What one drawing was read as; each is a class of the network's alphabet, by its own character ("C" for "C c").

    label: the class that the drawer says it is. before: by the network before the lesson. unlearned: after it, by the
    network that has not learned this drawing; what counts for `Lesson.hand_after`. after: by the network that has.
    """

    label: str
    before: str
    unlearned: str
    after: str


@dataclass(frozen=True)
class Lesson:
    """What came of a lesson.

    hand_before, hand_after, printed_before, printed_after: fractions, 0..1, as in a `Point`: before the first step, and
    of `network`. drawings: what each was read as, in the order given. kept: False where no drawing could be learned
    without printed falling by more than MAY_FALL, so that the old weights stand; hand_after, printed_after and drawings
    are then those after the last step. network: the one that has learned all drawings, in evaluation mode, a new one
    (the one given stays as it is), its weights as far from the old ones as `distance` says; None if not kept.
    seconds: how long it took.
    """

    hand_before: float
    hand_after: float
    printed_before: float
    printed_after: float
    drawings: tuple[Read, ...]
    kept: bool
    network: Network | None
    seconds: float


def _never() -> bool:
    return False


def prepare(network: Network) -> None:
    """Work that every lesson of this network needs, done and kept beforehand, which takes some seconds.

    May be called from another thread, as when a panel opens; `teach` does it itself where nobody has. TeachError as
    `teach`.
    """
    frozen, taught = _divided(copy.deepcopy(network).eval())
    rehearsal(network, frozen, taught)


def teach(
    network: Network, drawings: Sequence[Drawing], *, seed: int = 0, stop: Callable[[], bool] = _never
) -> Iterator[Point | Lesson]:
    """Teach a copy of `network` these drawings: points of a curve, the first before any step, and last the `Lesson`.

    The same network, drawings and seed give the same numbers on one machine. stop: asked between steps; once it says
    True, nothing more comes, no `Lesson` either.
    TeachError, with the first `next`: for no drawings or more than MOST, an image that is not as `Drawing` says, a
    character that the network's alphabet does not have, or a network that is too large, or does not end in fully
    connected stages.
    """
    began = time.perf_counter()
    images, labels = _checked(network, drawings)
    taught = copy.deepcopy(network).eval()
    frozen, head = _divided(taught)
    kept = rehearsal(network, frozen, head)
    generator = torch.Generator().manual_seed(seed)
    own = inputs_of(frozen, images)
    variations = max(_FEWEST, min(_VARIATIONS, _ALL_VARIATIONS // len(drawings)))
    owner = torch.arange(len(drawings)).repeat(variations)
    owner = owner[torch.randperm(len(owner), generator=generator)]
    grey = (images[:, 0] * 255).round().to(torch.uint8)
    learned = inputs_of(frozen, varied(grey[owner], generator))
    groups = _groups(labels)
    heads = [_Head(head, learned, labels[owner], None)]
    heads += [_Head(head, learned, labels[owner], groups[owner] != group) for group in range(int(groups.max()) + 1)]
    before = read(head, own)
    for step in range(STEPS + 1):
        if stop():
            return
        if step % EVERY == 0:
            layers = [each.layers for each in heads]
            hand = right(_unlearned(layers[1:], groups, own), labels)
            printed, known = right(read(layers[0], kept.printed), kept.labels), right(read(layers[0], own), labels)
            point = Point(step, STEPS, hand, printed, known)
            if not step:
                first = point
            yield point
        if step < STEPS:
            again = torch.randint(len(kept.rehearsed), (REHEARSED,), generator=generator)
            draws = torch.rand(TAUGHT, generator=generator)
            for each in heads:
                each.step(RATE * _rate(step), kept.rehearsed[again], kept.before[again], draws)
    far, after = as_far_as_allowed(head, layers[0], own, before, labels, kept, first.printed - MAY_FALL)
    layers = [between(head, each, far or 1) for each in layers]
    head.load_state_dict(layers[0].state_dict())
    found = _unlearned(layers[1:], groups, own)
    printed = right(read(head, kept.printed), kept.labels)
    classes = network.alphabet.classes
    reads = tuple(
        Read(*(classes[int(label)] for label in four)) for four in zip(labels, before, found, after, strict=True)
    )
    yield Lesson(first.hand, right(found, labels), first.printed, printed, reads, far is not None,
                 taught if far else None, time.perf_counter() - began)  # fmt: skip


class _Head:
    """The taught stages of one of the networks of a lesson, with what it learns of."""

    def __init__(self, layers: nn.Module, varied: Tensor, labels: Tensor, chosen: Tensor | None) -> None:
        self.layers = copy.deepcopy(layers)
        self._varied, self._labels = (varied, labels) if chosen is None else (varied[chosen], labels[chosen])
        self._optimizer = torch.optim.Adam(self.layers.parameters(), fused=True)

    def step(self, rate: float, rehearsed: Tensor, before: Tensor, draws: Tensor) -> None:
        """One step at this rate: drawings by `draws`, 0..1, and what is rehearsed, `before` being its logits of old."""
        if not len(self._labels):
            return
        chosen = (draws * len(self._labels)).long()
        logits = self.layers(torch.cat([self._varied[chosen], rehearsed]))
        own, others = logits.split([len(draws), len(rehearsed)])
        loss = OWN_WEIGHT * F.cross_entropy(own, self._labels[chosen])
        loss = loss + F.cross_entropy(others, before.softmax(1))
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()


def _rate(step: int) -> float:
    """Of the highest learning rate: up over the first tenth, then a cosine."""
    rise = max(1, STEPS // 10)
    if step < rise:
        return (step + 1) / rise
    return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, STEPS - rise)))


def _unlearned(heads: Sequence[nn.Module], groups: Tensor, own: Tensor) -> Tensor:
    """What each drawing is read as by the head that has not learned its group."""
    found = torch.stack([read(head, own) for head in heads])
    return found[groups, torch.arange(len(groups))]


def _groups(labels: Tensor) -> Tensor:
    """A group for each drawing, int64 (N,): those of one character are in different groups, as far as there are."""
    count = min(GROUPS, len(labels))
    groups = torch.empty_like(labels)
    groups[labels.argsort(stable=True)] = torch.arange(len(labels)) % count
    return groups


def _divided(network: Network) -> tuple[nn.Sequential, nn.Sequential]:
    """The stages that stay, and those that are taught: the last LAYERS fully connected ones, with a fold after them.

    TeachError if the network does not end in one, or is too large for a lesson of some seconds.
    """
    needs = demand(network.architecture, network.alphabet.name, network.options)
    if any(needed > most for needed, most in zip(astuple(needs), astuple(_LARGEST), strict=True)):
        raise TeachError("This network is too large to be taught here. Choose another one.")
    names = list(network.stages)
    ending = takewhile(lambda name: isinstance(network.stages[name], (FullyConnected, Fold)), reversed(names))
    layers = [name for name in ending if isinstance(network.stages[name], FullyConnected)][:LAYERS]
    if not layers:
        raise TeachError("A lesson trains fully connected layers at the end of a network. This one has none.")
    return split(network, layers[-1])


def _checked(network: Network, drawings: Sequence[Drawing]) -> tuple[Tensor, Tensor]:
    """Images float32 (N, 1, 100, 100) and labels int64 (N,); TeachError for what can't be taught."""
    if not 0 < len(drawings) <= MOST:
        raise TeachError(f"Draw some characters first, at most {MOST}.")
    labels = []
    for drawing in drawings:
        label = network.alphabet.label(drawing.label)
        if label is None:
            raise TeachError(f"This network does not know the character {drawing.label!r}. Teach it one that it knows.")
        labels.append(label)
        image = drawing.image
        if image.shape != (SIDE, SIDE) or image.dtype != np.float32 or not 0 <= image.min() <= image.max() <= 1:
            raise TeachError("A drawing must be an image of 100 by 100 numbers from 0 to 1.")
        if not image.any():
            raise TeachError(f"One drawing of {drawing.label!r} is empty. Draw it again.")
    return torch.from_numpy(np.stack([drawing.image for drawing in drawings])[:, None]), torch.tensor(labels)
