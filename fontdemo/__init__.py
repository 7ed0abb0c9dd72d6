"""What a character is, the networks, and reading one character. Never imports `train`.

    from fontdemo import Network, Reader, from_drawing, from_picture

These four are imported when they are first used: `import fontdemo` alone loads neither torch nor Pillow.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fontdemo.glyph.glyph import from_drawing, from_picture
    from fontdemo.network.network import Network
    from fontdemo.reading.reader import Reader

__version__ = "0.1.0"
__all__ = ["Network", "Reader", "__version__", "from_drawing", "from_picture"]

_WHERE = {
    "Network": "fontdemo.network.network",
    "Reader": "fontdemo.reading.reader",
    "from_drawing": "fontdemo.glyph.glyph",
    "from_picture": "fontdemo.glyph.glyph",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_WHERE})
