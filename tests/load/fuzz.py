"""What strangers' data may come to: each kind of it made, spoilt and opened many times; only our own errors may come.

    python -m tests.load.fuzz                     every target, its usual number of cases
    python -m tests.load.fuzz pictures --cases 100000 --seed 7
    python -m tests.load.fuzz pictures --seed 7 --only 41238      one case again
    python -m tests.load.fuzz pictures --atheris 60               seconds, led by what runs (pip install atheris)

Prints one line a target: cases, how many were taken, seconds, the slowest case, the peak of memory above the beginning.
A case that raises anything else, takes over 5 seconds or 500 MB is printed with its number, and the end is 1. Case N of
a seed is always the same. Each target runs in a process of its own.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.load.cases.targets import TARGETS, Target

#: What no case may take.
SECONDS, MEGABYTES = 5.0, 500.0

#: Faults that are printed of a target before it gives up.
MOST_FAULTS = 10


def _peak() -> float:
    """The most memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def one(target: Target, case: Any) -> tuple[bool, float, str]:
    """Open a case: whether it was taken, the processor seconds, and what is wrong with that ("" for nothing)."""
    before, began, wrong, taken = _peak(), time.thread_time(), "", False
    try:
        target.run(case)
        taken = True
    except target.errors:
        pass
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        wrong = f"{type(error).__name__}: {str(error)[:200]}"
    seconds, grown = time.thread_time() - began, _peak() - before
    if seconds > SECONDS:
        wrong = wrong or f"{seconds:.1f} seconds"
    if grown > MEGABYTES:
        wrong = wrong or f"{grown:.0f} MB"
    return taken, seconds, wrong


def fuzz(name: str, cases: int, seed: int, only: int | None = None) -> int:
    """Open so many cases of a target and print what came of it; how many faults there were."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        target = TARGETS[name](Path(folder))
        for number in range(20):  # what is loaded on first use is no case's
            one(target, target.make(random.Random(f"warm {number}")))
        began, start = time.perf_counter(), _peak()
        taken = faults = done = 0
        slowest = (0.0, -1)
        for number in range(cases) if only is None else [only]:
            case = target.make(random.Random(f"{seed} {number}"))
            fine, seconds, wrong = one(target, case)
            taken, done, slowest = taken + fine, done + 1, max(slowest, (seconds, number))
            if wrong:
                faults += 1
                print(f"  {name}: case {number} of seed {seed}: {wrong}", flush=True)
                if faults >= MOST_FAULTS:
                    break
        lasted = time.perf_counter() - began
        print(
            f"{name:10} cases {done:7}  taken {taken:7}  faults {faults}  {lasted:7.1f} s  slowest "
            f"{slowest[0]:.2f} s (case {slowest[1]})  memory +{_peak() - start:.0f} MB", flush=True,
        )  # fmt: skip
    return faults


def guided(name: str, seconds: int) -> int:
    """The same led by which lines a case reaches (atheris); ends the process."""
    import atheris

    with atheris.instrument_imports(include=["fontdemo", "train"]):
        target = TARGETS[name](Path(tempfile.mkdtemp()))

    def case(data: bytes) -> None:
        _, _, wrong = one(target, target.of_bytes(data))
        assert not wrong, wrong

    atheris.Setup([sys.argv[0], f"-max_total_time={seconds}", "-rss_limit_mb=4000", "-timeout=20"], case)
    atheris.Fuzz()
    return 0


def _in_process(words: tuple[str, int, int, int | None]) -> None:
    raise SystemExit(min(100, fuzz(*words)))


def main(words: Sequence[str] | None = None) -> int:
    """The command line; 1 if there was a fault, or a target's process broke down."""
    parser = argparse.ArgumentParser(description="Spoilt data of every kind.")
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []], help=", ".join(TARGETS))
    parser.add_argument("--cases", type=int, help="of each target; by default its usual number")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="open this case alone")
    parser.add_argument("--atheris", type=int, help="seconds")
    given = parser.parse_args(words)
    names = given.targets or list(TARGETS)
    if given.atheris:
        return guided(names[0], given.atheris)
    codes = []
    for name in names:
        job = name, given.cases or TARGETS[name].usual, given.seed, given.only
        process = multiprocessing.get_context("spawn").Process(target=_in_process, args=(job,))
        process.start()
        process.join()
        if process.exitcode and process.exitcode < 0:
            print(f"  {name}: the process ended with signal {-process.exitcode}")
        codes.append(process.exitcode)
    return 1 if any(codes) else 0


if __name__ == "__main__":
    raise SystemExit(main())
