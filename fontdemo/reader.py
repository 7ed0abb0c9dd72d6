"""A network that reads glyphs: probabilities, and what every stage made of the image.

It reads only; it neither trains nor draws pictures of the stages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fontdemo import pretrained
from fontdemo.alphabet import Alphabet
from fontdemo.batching import Batched
from fontdemo.glyph import Glyph
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
    where the network knew it before it joined the two.
    """

    alphabet: Alphabet
    probabilities: NDArray[np.float32]
    outputs: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    threshold: float = 0.0
    cropped: bool = False
    told: Mapping[int, str] = field(default_factory=dict)

    @property
    def label(self) -> int:
        """The likeliest class's number."""
        return int(self.probabilities.argmax())

    @property
    def character(self) -> str:
        """The likeliest class's character."""
        return self.alphabet.classes[self.label]

    @property
    def twin(self) -> str | None:
        """The other character that the likeliest class stands for, or None."""
        return self.alphabet.twin(self.character)

    @cached_property
    def answer(self) -> Answer:
        """The classes that the answer stands for, with their shares, and whether it is certain enough to be one."""
        return judge(self.alphabet, self.probabilities, self.threshold, cropped=self.cropped)

    def top(self, count: int) -> list[tuple[str, float]]:
        """The `count` likeliest classes, likeliest first: (title, probability)."""
        order = np.argsort(-self.probabilities, kind="stable")[:count]
        return [(self.alphabet.title(int(label)), float(self.probabilities[label])) for label in order]


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

    def read(self, glyph: Glyph) -> Reading:
        """What the network makes of `glyph`, with the output of every stage."""
        return self._reading.ask(glyph)

    @torch.inference_mode()
    def _read_together(self, glyphs: list[Glyph]) -> list[Reading]:
        outputs = self.network.trace(_batch(glyphs))
        probabilities = self.network.probabilities(next(reversed(outputs.values()))).numpy()
        readings = []
        for i, glyph in enumerate(glyphs):
            # Copies: a view would keep the whole batch for as long as one of its readings is shown.
            shown = {name: np.array(output[i].numpy(), order="C") for name, output in outputs.items()}
            told = self._told(glyph, {name: output[i : i + 1] for name, output in outputs.items()})
            threshold = self.network.threshold
            readings.append(Reading(self.alphabet, probabilities[i].copy(), shown, threshold, glyph.cropped, told))
        return readings

    def _told(self, glyph: Glyph, outputs: dict[str, Tensor]) -> dict[int, str]:
        """The cases that a folding network told apart before its last stage; none where the glyph was cropped."""
        last = list(self.network.stages.values())[-1]
        if glyph.cropped or not isinstance(last, Fold):
            return {}
        return last.likelier(list(outputs.values())[-2][0], TELLING)

    def read_many(self, glyphs: Iterable[Glyph], batch: int = 256) -> Iterator[NDArray[np.float32]]:
        """The probabilities float32 (classes,) of each of `glyphs`, in order; `batch` of them are held at a time."""
        waiting = iter(glyphs)
        while group := list(islice(waiting, batch)):
            with torch.inference_mode():
                probabilities = self.network.probabilities(self.network(_batch(group))).numpy()
            yield from probabilities


def _batch(glyphs: list[Glyph]) -> Tensor:
    """float32 (N, 1, 100, 100)."""
    return torch.from_numpy(np.stack([glyph.image for glyph in glyphs])[:, None])
