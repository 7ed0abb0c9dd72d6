"""A network goes on from its weights on one person's drawings, without forgetting what it knew: a lesson of seconds.

`teach` is a generator of points of a curve, and at last of what came of it. It opens no page and writes no file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fontdemo.errors import FontdemoError
from fontdemo.network.network import Network

#: The most drawings a lesson takes.
MOST = 200

#: The most, as a fraction of the printed characters, that may be forgotten; else the old weights stand.
MAY_FALL = 0.003


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
    learns all the others, in the same way. printed: the fraction of printed characters of the sample set's validation
    part that the network which learns all drawings reads rightly.
    """

    step: int
    steps: int
    hand: float
    printed: float


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

    hand_before, hand_after, printed_before, printed_after: fractions, 0..1, as in the first and the last `Point`.
    drawings: what each was read as, in the order given. kept: False where printed fell by more than MAY_FALL, so that
    the old weights stand. network: the network that has learned all drawings, in evaluation mode, a new one (the one
    given stays as it is); None if not kept. seconds: how long it took.
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
    """Work that every lesson of this network needs, done and remembered beforehand, which takes some seconds.

    May be called from another thread, as when a panel opens; `teach` does it itself where nobody has. TeachError as
    `teach`.
    """
    raise NotImplementedError


def teach(
    network: Network, drawings: Sequence[Drawing], *, seed: int = 0, stop: Callable[[], bool] = _never
) -> Iterator[Point | Lesson]:
    """Teach a copy of `network` these drawings: points of a curve, the first before any step, and last the `Lesson`.

    The same network, drawings and seed give the same numbers on one machine. stop: asked between steps; once it says
    True, nothing more comes, no `Lesson` either.
    TeachError, with the first `next`: for no drawings or more than MOST, an image that is not as `Drawing` says, a
    character that the network's alphabet does not have, or a network that does not end in fully connected stages.
    """
    raise NotImplementedError
