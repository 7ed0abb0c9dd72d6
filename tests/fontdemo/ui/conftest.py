"""Networks and an uploaded picture, for the tests of what shows and answers them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from fontdemo.ui.context import NetworkStore
from tests.support.untrained import save_untrained


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two untrained networks, saved as weights are."""
    return save_untrained(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module")
def networks(folders: dict[str, Path]) -> NetworkStore:
    return NetworkStore(lambda: folders)


@pytest.fixture(scope="module")
def uploads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of this process's uploads: only what lies in it is ever opened."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("uploads")
        patch.setenv("GRADIO_TEMP_DIR", str(folder))
        yield folder


@pytest.fixture(scope="module")
def picture_file(uploads: Path) -> Path:
    picture = Image.new("RGB", (120, 120), "white")
    ImageDraw.Draw(picture).text((60, 60), "K", font=ImageFont.load_default(80), anchor="mm", fill="black")
    file = uploads / "K.png"
    picture.save(file)
    return file
