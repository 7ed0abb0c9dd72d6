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

ROOT = Path(__file__).parents[3]


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

    The module prints "serving " and its URL once it is ready. more: what its environment has beside ours.
    """

    def __init__(self, module: str, *arguments: object, more: Mapping[str, str] | None = None) -> None:
        self._command = [sys.executable, "-m", module, *map(str, arguments)]
        self._environment = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1", **(more or {})}
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> str:
        """Start it, which must not run, and wait until it is ready; its URL."""
        self.process = subprocess.Popen(
            self._command, cwd=ROOT, env=self._environment, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert self.process.stdout is not None
        url = next((line.split()[1] for line in self.process.stdout if line.startswith("serving ")), None)
        assert url, "the page's server ended before it was ready"
        return url

    def end(self) -> None:
        """Kill it, if it runs, and what it started in its own session."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None


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
