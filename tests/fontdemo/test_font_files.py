"""fontdemo.font_files, and what the page does without until it is needed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest

from fontdemo import font_files
from tests.support.servers.pageserver import ROOT

#: Each takes most of a second to load.
SLOW = ("matplotlib", "optuna", "scipy", "skimage")

PROGRAM = """
import json, sys
from pathlib import Path
from fontdemo.glyph.glyph import from_drawing
from fontdemo.ui.context import NetworkStore
from tests.support.servers.wholepage import make
make(Path(sys.argv[1]))
store = NetworkStore()
store.get(store.names()[0]).read(from_drawing([[[0.2, 0.8], [0.5, 0.2], [0.8, 0.8]]]))
print(json.dumps([name for name in sys.argv[2:] if name in sys.modules]))
"""


def test_the_fonts_are_where_matplotlib_says() -> None:
    assert font_files.matplotlib_fonts() == Path(matplotlib.get_data_path()) / "fonts"


def test_they_are_found_where_a_distribution_keeps_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(font_files, "find_spec", lambda name: None)
    assert font_files.matplotlib_fonts() == Path(matplotlib.get_data_path()) / "fonts"


def test_the_page_and_its_first_drawing_load_nothing_slow(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path), *SLOW], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == []
