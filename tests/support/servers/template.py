"""One process that holds the page's libraries, and forks a server from itself whenever a test asks for one.

To import torch, Gradio and the page takes 6.5 s of CPU, to build the page and serve it 1.7 s. Only the latter is left
to each server. The process itself, run as a module, reads requests from its end of a socket:
python -m tests.support.servers.template DESCRIPTOR
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[3]

#: Variables that are read when they are needed. A server that wants another value of any other must import anew.
READ_LATE = {
    "FONTDEMO_CACHE", "FONTDEMO_FONTS", "GRADIO_ROOT_PATH", "HOME", "OMP_NUM_THREADS", "PYTEST_CURRENT_TEST",
    "SPACE_ID", "XDG_DATA_DIRS", "XDG_DATA_HOME",
}  # fmt: skip

#: What it imports, with all that those import.
LIBRARIES = (
    "fontdemo.ui.page", "gradio.routes", "train.ui.data.tab", "train.ui.font.tab", "train.ui.teach.section",
    "train.ui.train.tab", "train.ui.tune.tab",
)  # fmt: skip

#: A request or an answer is one datagram, no longer than this.
_LONGEST = 1 << 17


class Template:
    """The process, from the tests' side. environment: what its servers have, but for variables of `READ_LATE`."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # What it forks must have no thread, and numpy's library begins some; a page reads with one thread anyway.
        alone = {**environment, "OPENBLAS_NUM_THREADS": "1"}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno())], cwd=ROOT, env=alone, stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()], start_new_session=True,
            )  # fmt: skip

    def suits(self, environment: Mapping[str, str]) -> bool:
        """Whether a server with this environment can be forked, rather than import everything anew."""
        return forkable(self._environment, environment)

    def start(self, module: str, arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[int, IO[str]]:
        """Run the module in a session of its own: its process, and what it prints."""
        ours, theirs = os.pipe()
        try:
            pid = self._ask({"module": module, "arguments": arguments, "environment": dict(environment)}, [theirs])
        finally:
            os.close(theirs)
        return pid, os.fdopen(ours, encoding="utf-8")

    def kill(self, pid: int) -> None:
        """Kill what `start` began, if it runs, and what that started in its own session; wait until it has ended."""
        self._ask({"kill": pid})

    def end(self) -> None:
        """End the process, and all servers that are left."""
        self._socket.close()
        self._process.wait()

    def _ask(self, request: dict[str, Any], files: Sequence[int] = ()) -> int:
        socket.send_fds(self._socket, [json.dumps(request).encode()], files)
        answer = self._socket.recv(_LONGEST)
        assert answer, "the template of servers has ended"
        return int(answer)


def forkable(template: Mapping[str, str], server: Mapping[str, str]) -> bool:
    """Whether the environments differ in nothing that is read when libraries are imported."""
    return {name for name in template.keys() | server.keys() if template.get(name) != server.get(name)} <= READ_LATE


@cache
def template() -> Template | None:
    """The one of this process, begun when first asked for; None where a process can't be forked safely."""
    if sys.platform != "linux":
        return None
    made = Template(server_environment({}))
    atexit.register(made.end)
    return made


def server_environment(more: Mapping[str, str]) -> dict[str, str]:
    """What a page's server has in its environment; more: beside ours, and before it."""
    return {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1", **more}


def _serve(asked: socket.socket) -> None:
    """Fork and kill as `asked` says, until the other side is gone."""
    for library in LIBRARIES:
        importlib.import_module(library)
    running: set[int] = set()
    while True:
        request, files, _, _ = socket.recv_fds(asked, _LONGEST, 1)
        if not request:
            break
        wanted = json.loads(request)
        if "kill" in wanted:
            running.discard(wanted["kill"])
            answer = _kill(wanted["kill"])
        else:
            answer = _fork(wanted, files[0], asked)
            running.add(answer)
            os.close(files[0])
        asked.send(str(answer).encode())
    for pid in running:
        _kill(pid)


def _kill(pid: int) -> int:
    os.killpg(pid, signal.SIGKILL)  # one that has ended is there until it is waited for
    return os.waitpid(pid, 0)[0]


def _fork(wanted: dict[str, Any], output: int, asked: socket.socket) -> int:
    threads = os.listdir("/proc/self/task")
    assert len(threads) == 1, f"a process with {len(threads)} threads is not forked"
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        asked.close()
        os.setsid()
        os.dup2(output, 1)
        os.close(output)
        os.environ.clear()
        os.environ.update(wanted["environment"])
        sys.argv = [wanted["module"], *wanted["arguments"]]
        runpy.run_module(wanted["module"], run_name="__main__", alter_sys=True)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(status)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as _asked:
        _serve(_asked)
