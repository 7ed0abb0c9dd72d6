"""The report's argument about its limit of parameters, as settings to try, each with what the report says of it.

What the report claims is quoted here; whether it holds is computed by `fontdemo.network.what_if`.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fontdemo.network.architectures import SIDE
from fontdemo.network.what_if import Design, design, settings_of

# A padding of the last convolution that leaves nothing to be tried beyond it.
_MOST_PADDING = SIDE


@dataclass(frozen=True)
class Claim:
    """A step of the argument. says: the report's words on it, in short. changes: what differs from its network."""

    title: str
    says: str
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, Any]:
        """All settings, as `design.parse_settings` gives them."""
        return settings_of(self.changes)


def _padded(padding: int) -> dict[str, Any]:
    """The report's network with a wider margin round the last convolution: each step makes the last maps 1 larger."""
    return {"paddings": [*settings_of({})["paddings"][:-1], padding]}


def _doubled(name: str, index: int) -> dict[str, Any]:
    values = list(settings_of({})[name])
    values[index] *= 2
    return {name: values}


#: The report's network first. The listing's kernel comes last, for it is no step of the argument.
CLAIMS = (
    Claim("The report's network", "“set to satisfy the upper limit”"),
    Claim("Maps of 7×7", "“the limit is up to (32×7×7, 512)”", _padded(3)),
    Claim("Maps of 8×8", "“beyond that is not allowed”", _padded(4)),
    Claim("Maps of 9×9", "“beyond that is not allowed”", _padded(5)),
    Claim("Twice the maps", "“would exceed the upper limit”", _doubled("channels", -1)),
    Claim("Twice FC1", "“would exceed the upper limit”", _doubled("widths", 0)),
    Claim("First kernel of 9", "its listing has 9, its tables 10", {"kernels": [9, 5, 5]}),
)


@functools.lru_cache(maxsize=8)
def tried(alphabet: str) -> tuple[Design, ...]:
    """What each of CLAIMS comes to for the classes of `alphabet`, in order."""
    return tuple(design(claim.changes, alphabet) for claim in CLAIMS)


@functools.lru_cache(maxsize=8)
def around_the_limit(alphabet: str) -> tuple[Design, Design]:
    """The report's network with the largest last maps that fit the limit, by its last padding; and with the next."""
    fitting = design({}, alphabet)
    for padding in range(settings_of({})["paddings"][-1] + 1, _MOST_PADDING):
        larger = design(_padded(padding), alphabet)
        if not larger.fits:
            return fitting, larger
        fitting = larger
    raise AssertionError("no padding breaks the limit")


def claim_of(settings: Mapping[str, Any]) -> Claim | None:
    """The claim whose settings these are, if any."""
    return next((claim for claim in CLAIMS if claim.settings == settings), None)
