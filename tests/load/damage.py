"""Runs on a full disk, and runs whose files are spoilt or gone: what was finished stays, and the page shows the rest.

    python -m tests.load.damage --full 6 --cases 500 --seed 0

Full disk: training goes on in a small file system of its own (tmpfs, which needs root), most of which is taken; it ends
for want of room at a random moment, gets the room back and goes on. In the end it must equal the run that had room, bit
by bit. Damage: in a whole run's folder a few files are cut, flipped, emptied, replaced by a folder or taken away; then
everything that the Train tab shows and the network that is read with are asked for. Prints two lines; 1 if anything but
our own errors came, or anything was lost.
"""

from __future__ import annotations

import argparse
import errno
import random
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from fontdemo.errors import FontdemoError
from fontdemo.ui.context import NetworkStore
from tests.load.cases.spoil import spoilt
from tests.load.kills import LostError, compare, report
from tests.support.training import packed, small_recipe
from train.access import access
from train.run_state import RunState
from train.runs import background, mistakes, trainer
from train.runs.folder import RunFolder
from train.ui.train import live


def full_disk(folder: Path, rounds: int, rng: random.Random) -> str:
    """Train on a disk that is full so many times; what came of it, in a line."""
    disk, data = folder / "disk", packed(folder, train=104, valid=52)
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        return "full disk: not tried, no small file system can be made here"
    try:
        recipe = small_recipe(epochs=2 * rounds, augmentation="affine")
        whole, run = (RunFolder.create(at / "run", recipe, data, device="cpu") for at in (folder, disk))
        trainer.SAVE_SECONDS = 0.2
        trainer.execute(whole.path)
        errors: Counter[str] = Counter()
        full = 0
        while run.state()["status"] != RunState.FINISHED:
            if full < rounds:
                free = shutil.disk_usage(disk).free
                taken = max(0, free - rng.randrange(0, 60_000))
                (disk / "ballast").write_bytes(bytes(taken))
            try:
                trainer.execute(run.path)
            except OSError as error:
                errors[errno.errorcode.get(error.errno or 0, "") or str(error)[-40:]] += 1
                full += 1
            except FontdemoError as error:
                raise LostError(f"a full disk is reported as: {error}") from error
            (disk / "ballast").unlink(missing_ok=True)
        count = compare(run, whole)
    finally:
        subprocess.run(["umount", str(disk)], check=False)
    return f"full disk: ended so {full} times ({dict(errors)}), then {count} tensors and all rows equal to the bit"


def _spoil(folder: Path, rng: random.Random) -> None:
    """Damage one to all of the files of a run."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    for file in rng.sample(files, rng.choice((1, 1, 2, 4, len(files)))):
        content, how = file.read_bytes(), rng.randrange(5)
        if how == 0:
            file.unlink()
        elif how == 1:
            file.write_bytes(b"")
        elif how == 2:
            file.unlink()
            file.mkdir()
        elif how == 3:
            file.write_bytes(rng.randbytes(len(content)))
        else:
            file.write_bytes(spoilt(content, rng))


def damaged(folder: Path, cases: int, rng: random.Random) -> str:
    """Spoil a run so many times and look at all of it; what came of it, in a line."""
    import numpy as np

    data, root = packed(folder, train=52, valid=26), folder / "runs"
    whole = RunFolder.create(folder / "whole", small_recipe(epochs=2), data, device="cpu")
    whole.pin(np.eye(100, dtype=np.float32))
    trainer.execute(whole.path)
    home, slowest = access({}), 0.0
    read = refused = 0
    for number in range(cases):
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(whole.path, root / f"run {number}")
        _spoil(root / f"run {number}", rng)
        began = time.process_time()
        live.parts(background.Launcher(root), home, live.View(), "report")
        for name in live.trained_networks(root):
            try:
                NetworkStore(lambda: live.trained_networks(root)).get(name)
                read += 1
            except FontdemoError:
                refused += 1
        try:
            mistakes.of_run(root / f"run {number}")
        except FontdemoError:
            refused += 1
        try:
            trainer.execute(root / f"run {number}", should_stop=lambda: True)
        except (FontdemoError, OSError):
            refused += 1
        slowest = max(slowest, time.process_time() - began)
    return f"damage: {cases} cases, {read} networks still read, {refused} refused plainly, slowest {slowest:.1f} s"


def main(words: Sequence[str] | None = None) -> int:
    """The command line; 1 if something was lost or told in another way than by our own errors."""
    parser = argparse.ArgumentParser(description="Full disks and spoilt runs.")
    parser.add_argument("--full", type=int, default=6)
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(words)
    return report([(given.full, full_disk), (given.cases, damaged)], given.seed)


if __name__ == "__main__":
    raise SystemExit(main())
