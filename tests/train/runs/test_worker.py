"""train.runs.worker: which process is which, records and logs of any length, a request to end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from train.runs import worker


def test_a_process_of_another_boot_is_another(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """After a reboot the same pid can start at the same tick."""
    boots = [tmp_path / "first", tmp_path / "second"]
    for boot in boots:
        boot.write_text(f"{boot.name}\n")
    said = []
    for boot in boots:
        monkeypatch.setattr(worker, "BOOT_ID", boot)
        said.append(worker.started(os.getpid()))
    assert said[0] != said[1] and None not in said
    assert worker.started(-1) is None and worker.started(10**30) is None


def test_a_process_is_told_from_others() -> None:
    mine = worker.started(os.getpid())
    assert mine is not None and mine == worker.started(os.getpid())
    assert worker.started(2**22 + 1) is None
    child = subprocess.Popen([sys.executable, "-c", ""])
    assert worker.started(child.pid) != mine
    for _ in range(200):  # ended and not waited for: a zombie is not alive
        if worker.started(child.pid) is None:
            break
        time.sleep(0.05)
    assert worker.started(child.pid) is None
    child.wait()


def test_a_worker_is_recorded_prints_to_its_log_and_is_alive_until_it_ends(tmp_path: Path) -> None:
    worker.launch(tmp_path, ["run", "--nothing-of-the-kind"])
    record = worker.launched(tmp_path)
    assert worker.identity(record)[0] == record["pid"] != os.getpid()
    end = time.monotonic() + 120
    while worker.alive(record):
        assert time.monotonic() < end
        time.sleep(0.1)
    assert "required: --run" in worker.tail(tmp_path / worker.LOG)


def test_the_end_of_a_log_is_shown_whatever_it_holds(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    assert worker.tail(log) == ""
    log.write_bytes(b"".join(b"line %d\n" % number for number in range(100_000)))
    lines = worker.tail(log).splitlines()
    assert len(lines) == worker.TAIL_LINES and lines[-1] == "line 99999" and lines[0] == "line 99970"
    log.write_bytes(b"\xff" * 100_000)
    assert 0 < len(worker.tail(log)) <= worker.TAIL_BYTES
    os.remove(log)
    os.mkfifo(log)
    assert worker.tail(log) == ""


def test_a_signal_is_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        asked = worker.asked_to_end()
        assert not asked()
        signal.raise_signal(signal.SIGTERM)
        assert asked()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_a_clock_that_jumps_makes_no_other_process_of_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As psutil is before version 7: it counts from the moment of starting that was asked for last."""
    boot = tmp_path / "boot"
    boot.write_text("one\n")

    class OldPsutil:
        Error, STATUS_ZOMBIE, STATUS_DEAD = psutil.Error, psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD

        def __init__(self) -> None:
            self.clock = self.known = 1000.0

        def boot_time(self) -> float:
            self.known = self.clock
            return self.known

        def Process(self, pid: int) -> SimpleNamespace:  # noqa: N802  # the name is psutil's
            made = self.known + 5.0
            return SimpleNamespace(status=lambda: "running", create_time=lambda: made)

    monkeypatch.setattr(worker, "BOOT_ID", boot)
    old = OldPsutil()
    monkeypatch.setattr(worker, "psutil", old)
    before = worker.started(1)
    for old.clock in (1000.0 + 86_400, 1000.0 - 86_400, 1000.0):
        assert worker.started(1) == before
