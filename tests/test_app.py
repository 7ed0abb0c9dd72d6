"""app.py: what a page that is asked to end leaves behind."""

from __future__ import annotations

import gc
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

import app
from fontdemo.ui import page


def test_a_page_that_is_asked_to_end_takes_its_uploads_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Page:
        def launch(self, **_: Any) -> None:
            (next(tmp_path.iterdir()) / "K.png").write_bytes(b"K")
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(30)

    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    monkeypatch.setattr(page, "build", lambda *_: Page())
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(KeyboardInterrupt):  # which Gradio awaits while it serves, and closes the page
            app.main()
    finally:
        gc.unfreeze()
    assert signal.getsignal(signal.SIGTERM) is before
    assert list(tmp_path.iterdir()) == []
