"""The fonts that come with matplotlib, found without loading it, which takes most of a second."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def matplotlib_fonts() -> Path:
    """The folder of the fonts that come with matplotlib; ImportError if that is not installed."""
    spec = find_spec("matplotlib")
    for folder_name in spec.submodule_search_locations or () if spec else ():
        if (folder := Path(folder_name) / "mpl-data" / "fonts").is_dir():
            return folder
    import matplotlib  # a distribution that keeps them elsewhere

    return Path(matplotlib.get_data_path()) / "fonts"
