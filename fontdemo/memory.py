"""What glibc keeps of the memory that this process frees. Under another C library nothing changes: False says so.

`mallopt`'s settings and their numbers: mallopt(3), <malloc.h>.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache

_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8

# How much freed memory at the heap's end is left to a process that trains.
_KEPT = 1 << 30

# Of a page's process, which has forty threads for events and others beside them.
_HEAPS = 2


def keep() -> bool:
    """Have this process keep the memory that it frees, up to 1 GiB.

    For a process that does nothing but train: each step frees what the next one asks for again, and what went back to
    the system has to be cleared page by page once more.
    """
    return _set(_TRIM_THRESHOLD, _KEPT) and _set(_MMAP_MAX, 0)


def few_heaps() -> bool:
    """Have all threads of this process, those that come later too, share two heaps.

    For a process that serves a page: it would get a heap for nearly each of its threads, and what one of them has freed
    no other one could use.
    """
    return _set(_ARENA_MAX, _HEAPS)


def give_back() -> bool:
    """Give what this process has freed back to the system: of pictures it may be hundreds of megabytes a thread."""
    library = _glibc()
    return library is not None and bool(library.malloc_trim(0))


def _set(name: int, value: int) -> bool:
    library = _glibc()
    return library is not None and library.mallopt(name, value) == 1


@cache
def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        library = ctypes.CDLL(None)
        return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None
    except (OSError, TypeError):  # no such thing on this system
        return None
