"""fontdemo.memory, each setting in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from train.files import PROJECT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="glibc only")

#: Takes and frees 64 MiB again and again: prints how many pages the system had to clear for the last six times. The
#: heap takes a few turns to find room for what has to start at a multiple of 64.
_AGAIN = """
import resource, sys
from fontdemo import memory
if sys.argv[1] == "keep" and not memory.keep():
    sys.exit("other")
import torch
for turn in range(30):
    torch.ones(1 << 24)
    if turn == 23:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""

#: Ten threads take memory at the same time: prints how many heaps they have between them.
_HEAPS = """
import ctypes, re, sys, tempfile, threading
from fontdemo import memory
if sys.argv[1] == "few" and not memory.few_heaps():
    sys.exit("other")
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
together = threading.Barrier(10)
def take():
    together.wait()
    libc.malloc(10_000)
    together.wait()
threads = [threading.Thread(target=take) for _ in range(10)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
with tempfile.NamedTemporaryFile() as told:
    stream = ctypes.c_void_p(libc.fopen(told.name.encode(), b"w"))
    libc.malloc_info(0, stream)
    libc.fclose(stream)
    print(len(re.findall(b"<heap nr", told.read())))
"""

_FREED = """
from fontdemo import memory
kept = [bytes(100_000) for _ in range(2000)]
del kept[:-1]
import sys
sys.exit(0 if memory.give_back() else "other")
"""


def said(script: str, mode: str = "") -> int:
    command = [sys.executable, "-c", script, mode]
    done = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, check=False)
    if "other" in done.stderr:
        pytest.skip("another C library")
    assert not done.returncode, done.stderr
    return int(done.stdout or 0)


def test_memory_that_is_kept_is_not_cleared_again() -> None:
    assert said(_AGAIN, "keep") < 1000 < said(_AGAIN, "give back")


def test_few_heaps_are_shared_by_all_threads() -> None:
    assert said(_HEAPS, "few") <= 2 < said(_HEAPS, "many")


def test_what_is_freed_is_given_back() -> None:
    said(_FREED)
