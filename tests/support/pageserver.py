"""The page in a process of its own, for tests: what Gradio's server leaves open at its end is not the tests' concern.

Run as a module it serves the networks in a folder: python -m tests.support.pageserver FOLDER
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextlib.contextmanager
def serving(weights: Path, more: Mapping[str, str] | None = None) -> Iterator[str]:
    """The URL, ending in "/", of a page whose networks are the folders in `weights`; it ends with the context.

    more: what its environment has beside ours.
    """
    with serving_by("tests.support.pageserver", weights, more=more) as url:
        yield url


@contextlib.contextmanager
def serving_by(module: str, *arguments: Path, more: Mapping[str, str] | None = None) -> Iterator[str]:
    """The URL that `module` prints after "serving ", run with these arguments; it ends with the context.

    more: as in `serving`.
    """
    environment = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1", **(more or {})}
    command = [sys.executable, "-m", module, *map(str, arguments)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = next((line.split()[1] for line in process.stdout if line.startswith("serving ")), None)
            assert url, "the page's server ended before it was ready"
            yield url
        finally:
            process.terminate()


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
