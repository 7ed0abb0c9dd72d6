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

from fontdemo.alphabet import Alphabet
from fontdemo.glyph.glyph import Glyph
from fontdemo.glyph.interpretations import Interpretation
from fontdemo.glyph.segment import side_by_side
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.network.stages import Fold
from fontdemo.reading import among as amongs
from fontdemo.reading.among import ANYTHING
from fontdemo.reading.batching import Batched
from fontdemo.reading.lookalikes import Answer, judge

#: One case of a letter must be so many times as likely as the other for the answer to name it alone.
CASE_ODDS = 9.0


@dataclass(frozen=True)
class Reading:
    """What a network makes of one glyph.

    probabilities: float32 (classes,), summing to 1. outputs: stage name -> float32 (C, H, W) or (n,), in order; the
    last one is the logits; empty where only the answer was asked for. threshold: the network's. cropped: the glyph's.
    resolved_case: label of a class of two characters -> the one of them that the glyph's size and position between the
    lines show, where the network knew it before it joined the two. among: what a person said that it is
    (`fontdemo.reading.among`); the probabilities of all other classes are 0. side_by_side: whether the glyph's ink
    stands in two tall parts.
    """

    alphabet: Alphabet
    probabilities: NDArray[np.float32]
    outputs: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    threshold: float = 0.0
    cropped: bool = False
    resolved_case: Mapping[int, str] = field(default_factory=dict)
    among: str = ANYTHING
    side_by_side: bool = False

    @property
    def label(self) -> int:
        """The likeliest class's number."""
        return int(self.probabilities.argmax())

    @property
    def character(self) -> str:
        """What was read: the likeliest class's own character, or the other one where the case is resolved so."""
        return self.characters(self.label)[0]

    @property
    def twin(self) -> str | None:
        """The other character that the likeliest class may still be; None where it has one, or the case is resolved."""
        return self.twin_of(self.label)

    def characters(self, label: int) -> tuple[str, ...]:
        """The one or two characters that class `label` may be, its own first; one where the case is resolved.

        Those among what it was said to be; all of the class's where none is.
        """
        allowed = amongs.characters(self.alphabet, label, self.among) or self.alphabet.characters(label)
        resolved = self.resolved_case.get(label)
        return (resolved,) if resolved in allowed else allowed

    def twin_of(self, label: int) -> str | None:
        """The second of `characters`, or None."""
        return next(iter(self.characters(label)[1:]), None)

    def title(self, label: int) -> str:
        """How class `label` is written for people: "A", "c", or "C c" where the case is not resolved."""
        return " ".join(self.characters(label))

    @cached_property
    def answer(self) -> Answer:
        """The classes that the answer stands for, their probabilities, and whether that is certain enough."""
        left = amongs.allowed(self.alphabet, self.among)
        return judge(
            self.alphabet, self.probabilities, self.threshold,
            cropped=self.cropped, side_by_side=self.side_by_side, left=left,
        )  # fmt: skip

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

    What several threads read at the same time goes through the network as one batch, which takes half the processor's
    time for each; the last bits of a value may differ from those of a reading alone.

    The network's weights are laid out channels last, which more than halves the time of its convolutions on a CPU.
    """

    def __init__(self, network: Network) -> None:
        self.network = network.eval()
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._reading = Batched(self._read_together)

    @classmethod
    def load(cls, name: str | Path | None = None) -> Reader:
        """The reader of `name` (see `pretrained.load`), or of the weights that ship; WeightsError if there are none."""
        return cls(pretrained.load(pretrained.default_name() if name is None else name))

    @property
    def alphabet(self) -> Alphabet:
        """The characters that it tells apart."""
        return self.network.alphabet

    def read(self, glyph: Glyph, among: str = ANYTHING) -> Reading:
        """What the network makes of `glyph`, with the output of every stage.

        among: what it is known to be, a name in `among.AMONG`; AmongError if it is none.
        """
        amongs.allowed(self.alphabet, among)  # before others' glyphs are in the same batch
        return self._reading.ask((glyph, among))

    def read_picture(self, interpretations: Sequence[Interpretation], among: str = ANYTHING) -> PictureReading:
        """The answers for all ways to see a picture, one or more, read as one batch, and which of them is taken.

        That is the one with the largest confidence (the likeliest class with its look-alikes) times its prior.
        """
        readings = tuple(self.read_many([one.glyph for one in interpretations], among=among))
        chosen = surest(readings, [one.prior for one in interpretations])
        return PictureReading(tuple(interpretations), readings, chosen)

    @torch.inference_mode()
    def _read_together(self, asked: list[tuple[Glyph, str]]) -> list[Reading]:
        traced = self.network.trace(_batch([glyph for glyph, _ in asked]))
        *_, before, logits = traced.values()
        # Copies: a view would keep the whole batch for as long as one of its readings is shown.
        outputs = [
            {name: np.array(output[i].numpy(), order="C") for name, output in traced.items()}
            for i in range(len(asked))
        ]
        return self._readings(asked, before, logits, outputs)

    def read_many(self, glyphs: Iterable[Glyph], batch: int = 256, among: str = ANYTHING) -> Iterator[Reading]:
        """What the network makes of each of `glyphs`, in order, without the outputs; `batch` are held at a time."""
        amongs.allowed(self.alphabet, among)
        *stages, last = self.network.stages.values()
        waiting = iter(glyphs)
        while group := list(islice(waiting, batch)):
            with torch.inference_mode():
                before = _batch(group)
                for stage in stages:
                    before = stage(before)
                readings = self._readings([(glyph, among) for glyph in group], before, last(before), [{}] * len(group))
            yield from readings

    def _readings(
        self,
        asked: Sequence[tuple[Glyph, str]],
        before: Tensor,
        logits: Tensor,
        outputs: Sequence[dict[str, NDArray[np.float32]]],
    ) -> list[Reading]:
        """The reading of each glyph and what it is known to be.

        before: what the last stage got, of which it made the logits (N, classes).
        """
        probabilities = self.network.probabilities(logits).numpy()
        last = list(self.network.stages.values())[-1]
        cases = last.likelier(before.float().numpy(), CASE_ODDS) if isinstance(last, Fold) else [{} for _ in asked]
        left = {among: amongs.allowed(self.alphabet, among) for among in {among for _, among in asked}}
        return [
            Reading(
                self.alphabet, amongs.renormalised(row, left[among]).copy(), shown,
                self.network.threshold, glyph.cropped,
                {} if glyph.cropped else case,  # where the glyph was cropped, its size and position say nothing
                among,
                side_by_side(glyph.image),
            )
            for (glyph, among), row, shown, case in zip(asked, probabilities, outputs, cases, strict=True)
        ]  # fmt: skip


def use_one_thread() -> None:
    """Set torch to one thread for the whole process: for a program that only reads, when it starts.

    One image is too little work to share out, and threads that wait for each other on a busy machine made a reading of
    1 ms take 100.
    """
    torch.set_num_threads(1)


def surest(readings: Sequence[Reading], priors: Sequence[float]) -> int:
    """The index of the reading whose confidence times its prior is the largest."""
    return int(np.argmax([prior * each.answer.probability for prior, each in zip(priors, readings, strict=True)]))


def _batch(glyphs: list[Glyph]) -> Tensor:
    """float32 (N, 1, 100, 100)."""
    return torch.from_numpy(np.stack([glyph.image for glyph in glyphs])[:, None])
