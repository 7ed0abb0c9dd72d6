"""The page in a process of its own, for tests: what Gradio's server leaves open at its end is not the tests' concern.

Run as a module it serves the networks in a folder: python -m tests.support.servers.pageserver FOLDER
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from tests.support.servers.template import ROOT as ROOT
from tests.support.servers.template import forkable, server_environment, template


@contextlib.contextmanager
def serving(weights: Path, more: Mapping[str, str] | None = None) -> Iterator[str]:
    """The URL, ending in "/", of a page whose networks are the folders in `weights`; it ends with the context.

    more: what its environment has beside ours.
    """
    with serving_by("tests.support.servers.pageserver", weights, more=more) as url:
        yield url


@contextlib.contextmanager
def serving_by(module: str, *arguments: object, more: Mapping[str, str] | None = None) -> Iterator[str]:
    """The URL of the page that `module` serves; it ends with the context. The rest as for `PageProcess`."""
    page = PageProcess(module, *arguments, more=more)
    try:
        yield page.start()
    finally:
        page.end()


class PageProcess:
    """A page that `module`, run with these arguments, serves in a process of its own; it can be started again.

    The module prints "serving " and its URL once it is ready. more: what its environment has beside ours. The process
    is forked from the template, which has the libraries, where its environment lets it be.
    """

    def __init__(self, module: str, *arguments: object, more: Mapping[str, str] | None = None) -> None:
        self._module, self._arguments = module, list(map(str, arguments))
        self._environment = server_environment(more or {})
        self._process: subprocess.Popen[str] | None = None
        self._output: IO[str] | None = None
        self.pid: int | None = None

    def start(self) -> str:
        """Start it, which must not run, and wait until it is ready; its URL."""
        forks = template() if forkable(server_environment({}), self._environment) else None
        if forks is not None and forks.suits(self._environment):
            self.pid, self._output = forks.start(self._module, self._arguments, self._environment)
        else:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._module, *self._arguments], cwd=ROOT, env=self._environment,
                stdout=subprocess.PIPE, text=True, start_new_session=True,
            )  # fmt: skip
            self.pid, self._output = self._process.pid, self._process.stdout
        assert self._output is not None
        url = next((line.split()[1] for line in self._output if line.startswith("serving ")), None)
        assert url, "the page's server ended before it was ready"
        return url

    def end(self) -> None:
        """Kill it, if it runs, and what it started in its own session."""
        if self.pid is None or self._output is None:
            return
        if self._process is None:
            forks = template()
            assert forks is not None
            forks.kill(self.pid)
        else:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()
        self._output.close()
        self.pid = self._process = self._output = None


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _serve(weights: Path) -> None:
    from fontdemo.network import pretrained
    from fontdemo.ui.page import build, launch_options
    from train.ui.font import tab as font_tab
    from train.ui.train import tab

    pretrained.WEIGHTS = weights
    demo = build(more_tabs=[("Font", font_tab.build)])
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, **tab.with_tab(launch_options()))
    print("serving", url, flush=True)
    demo.block_thread()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
