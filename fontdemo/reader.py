"""A network that reads glyphs: probabilities, and what every stage made of the image.

It reads only; it neither trains nor draws pictures of the stages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fontdemo import among as amongs
from fontdemo import pretrained
from fontdemo.alphabet import Alphabet
from fontdemo.among import ANYTHING
from fontdemo.glyph import Glyph
from fontdemo.interpretations import Interpretation
from fontdemo.lookalikes import Answer, judge
from fontdemo.networks import Network
from fontdemo.stages import Fold

#: One case of a letter must be so many times as likely as the other for the answer to name it alone.
TELLING = 9.0


@dataclass(frozen=True)
class Reading:
    """What a network makes of one glyph.

    probabilities: float32 (classes,), summing to 1. outputs: stage name -> float32 (C, H, W) or (n,), in order; the
    last one is the logits; empty where only the answer was asked for. threshold: the network's. cropped: the glyph's.
    told: label of a class of two characters -> the one of them that the glyph's size and place between the lines tell,
    where the network knew it before it joined the two. among: what a person said that it is (`fontdemo.among`); the
    probabilities of all other classes are 0.
    """

    alphabet: Alphabet
    probabilities: NDArray[np.float32]
    outputs: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    threshold: float = 0.0
    cropped: bool = False
    told: Mapping[int, str] = field(default_factory=dict)
    among: str = ANYTHING

    @property
    def label(self) -> int:
        """The likeliest class's number."""
        return int(self.probabilities.argmax())

    @property
    def character(self) -> str:
        """The likeliest class's character."""
        return self.characters(self.label)[0]

    @property
    def twin(self) -> str | None:
        """The other character that the likeliest class stands for, or None."""
        return dict(enumerate(self.characters(self.label))).get(1)

    def characters(self, label: int) -> tuple[str, ...]:
        """The characters of class `label` that are among what it may be; all of the class's where none is."""
        return amongs.characters(self.alphabet, label, self.among) or self.alphabet.characters(label)

    def title(self, label: int) -> str:
        """How class `label` is written for people: "A", or "C c" where it may be either."""
        return " ".join(self.characters(label))

    @cached_property
    def answer(self) -> Answer:
        """The classes that the answer stands for, with their shares, and whether it is certain enough to be one."""
        left = amongs.allowed(self.alphabet, self.among)
        return judge(self.alphabet, self.probabilities, self.threshold, cropped=self.cropped, left=left)

    def top(self, count: int) -> list[tuple[str, float]]:
        """The `count` likeliest classes of those that it may be, likeliest first: (title, probability)."""
        left = amongs.allowed(self.alphabet, self.among)
        order = [int(label) for label in np.argsort(-self.probabilities, kind="stable") if left[label]][:count]
        return [(self.title(label), float(self.probabilities[label])) for label in order]


@dataclass(frozen=True, eq=False)
class PictureReading:
    """What a network makes of a picture that can be seen in several ways.

    interpretations: those, with the answer of each in `readings` (without the stages' outputs). chosen: the index of
    the one that is taken.
    """

    interpretations: tuple[Interpretation, ...]
    readings: tuple[Reading, ...]
    chosen: int

    @property
    def glyph(self) -> Glyph:
        """The glyph of the interpretation that is taken."""
        return self.interpretations[self.chosen].glyph

    @property
    def reading(self) -> Reading:
        """What was read in it."""
        return self.readings[self.chosen]


class Reader:
    """Reads glyphs with one network, which it puts into evaluation mode; safe to share between threads.

    The network's weights are laid out channels last, which more than halves the time of its convolutions on a CPU.
    """

    def __init__(self, network: Network) -> None:
        self.network = network.eval()
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @classmethod
    def load(cls, name: str | Path | None = None) -> Reader:
        """The reader of `name` (see `pretrained.load`), or of the weights that ship; WeightsError if there are none.

        Torch is set to one thread for the whole process: one image is too little work to share out, and threads that
        wait for each other on a busy machine made a reading of 1 ms take 100.
        """
        torch.set_num_threads(1)
        return cls(pretrained.load(pretrained.default_name() if name is None else name))

    @property
    def alphabet(self) -> Alphabet:
        """The characters that it tells apart."""
        return self.network.alphabet

    @torch.inference_mode()
    def read(self, glyph: Glyph, among: str = ANYTHING) -> Reading:
        """What the network makes of `glyph`, with the output of every stage.

        among: what it is known to be, a name in `among.AMONG`; AmongError if it is none.
        """
        left = amongs.allowed(self.alphabet, among)
        outputs = self.network.trace(_batch([glyph]))
        probabilities = self.network.probabilities(next(reversed(outputs.values())))[0].numpy()
        shown = {name: np.ascontiguousarray(output[0].numpy()) for name, output in outputs.items()}
        return Reading(
            self.alphabet, amongs.renormalised(probabilities, left), shown, self.network.threshold, glyph.cropped,
            self._told(glyph, outputs), among,
        )  # fmt: skip

    def read_picture(self, interpretations: Sequence[Interpretation], among: str = ANYTHING) -> PictureReading:
        """The answers for all ways to see a picture, one or more, read as one batch, and which of them is taken.

        That is the one with the largest confidence (the likeliest class with its look-alikes) times its prior.
        """
        shares = self.read_many([one.glyph for one in interpretations], among=among)
        readings = tuple(
            Reading(self.alphabet, each, {}, self.network.threshold, one.glyph.cropped, among=among)
            for one, each in zip(interpretations, shares, strict=True)
        )
        chosen = surest(readings, [one.prior for one in interpretations])
        return PictureReading(tuple(interpretations), readings, chosen)

    def _told(self, glyph: Glyph, outputs: dict[str, Tensor]) -> dict[int, str]:
        """The cases that a folding network told apart before its last stage; none where the glyph was cropped."""
        last = list(self.network.stages.values())[-1]
        if glyph.cropped or not isinstance(last, Fold):
            return {}
        return last.likelier(list(outputs.values())[-2][0], TELLING)

    def read_many(
        self, glyphs: Iterable[Glyph], batch: int = 256, among: str = ANYTHING
    ) -> Iterator[NDArray[np.float32]]:
        """The probabilities float32 (classes,) of each of `glyphs`, in order; `batch` of them are held at a time."""
        left = amongs.allowed(self.alphabet, among)
        waiting = iter(glyphs)
        while group := list(islice(waiting, batch)):
            with torch.inference_mode():
                probabilities = self.network.probabilities(self.network(_batch(group))).numpy()
            yield from amongs.renormalised(probabilities, left)


def surest(readings: Sequence[Reading], priors: Sequence[float]) -> int:
    """The index of the reading whose confidence times its prior is the largest."""
    return int(np.argmax([prior * each.answer.share for prior, each in zip(priors, readings, strict=True)]))


def _batch(glyphs: list[Glyph]) -> Tensor:
    """float32 (N, 1, 100, 100)."""
    return torch.from_numpy(np.stack([glyph.image for glyph in glyphs])[:, None])
