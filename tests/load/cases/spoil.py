"""Odd values and spoilt bytes, made out of random numbers."""

from __future__ import annotations

import math
import random
from typing import Any

# Numbers that a reader of numbers may stumble over.
ODD: tuple[Any, ...] = (
    0, -1, 1, 2**31, 2**32, 2**63, 2**64, -(2**63), 10**400, 1e308, -1e308, 5e-324, math.nan, math.inf, -math.inf, 0.5,
    True, False, None, "", "nan", "\0", "\ud800", "<script>", "../../etc/passwd", "0" * 5000, [], {}, [[]], [{}],
)  # fmt: skip


def anything(rng: random.Random, depth: int = 4) -> Any:
    """A value as JSON may hold it, odd ones among them."""
    kind = rng.random()
    if depth == 0 or kind < 0.45:
        return rng.choice(ODD)
    if kind < 0.6:
        return rng.uniform(-2, 2)
    if kind < 0.8:
        return [anything(rng, depth - 1) for _ in range(rng.randrange(5))]
    return {str(rng.choice(ODD))[:20]: anything(rng, depth - 1) for _ in range(rng.randrange(4))}


def spoilt(data: bytes, rng: random.Random) -> bytes:
    """`data` with a few bytes, numbers or stretches changed; or as it is."""
    found = bytearray(data)
    for _ in range(rng.choice((0, 1, 1, 2, 4, 16))):
        at = rng.randrange(len(found) + 1) if rng.random() < 0.6 else rng.randrange(min(len(found), 200) + 1)
        what = rng.randrange(6)
        if what == 0:
            found[at : at + 1] = bytes([rng.randrange(256)])
        elif what == 1:
            size = rng.choice((1, 2, 4, 8))
            number = rng.choice((0, 1, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**63, rng.randrange(2**64)))
            order: Any = rng.choice(("big", "little"))
            found[at : at + size] = (number % 256**size).to_bytes(size, order)
        elif what == 2:
            del found[at:]
        elif what == 3:
            del found[at : at + rng.randrange(1, 40)]
        elif what == 4:
            start = rng.randrange(len(found) + 1)
            found[at:at] = found[start : start + rng.randrange(1, 200)]
        else:
            found[at:at] = rng.randbytes(rng.randrange(1, 40))
    return bytes(found)
