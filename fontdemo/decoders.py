"""Pillow's decoders write nothing into the host's log: what they would say is up to whoever made the picture.

libtiff writes a line for each row of a fax that it can't read, and a picture may have sixteen million rows: one of
12 MB wrote 943 MB. Pillow warns of each tag that is odd, with the numbers in it, and Python keeps for good what it was
warned of. What a visitor is told comes from what the decoders raise.
"""

from __future__ import annotations

import ctypes
import logging
import warnings
from contextlib import suppress
from functools import cache

from PIL import Image, TiffImagePlugin, _imaging


@cache
def load() -> None:
    """Have Pillow load them, and have them be silent from now on in this process."""
    Image.init()
    warnings.filterwarnings("ignore", module=TiffImagePlugin.__name__.replace(".", r"\."))
    logging.getLogger(TiffImagePlugin.__name__).setLevel(logging.CRITICAL)
    with suppress(OSError, AttributeError):  # a Pillow without libtiff, or with one that can't be reached so
        silenced = ctypes.CDLL(_imaging.__file__).TIFFSetErrorHandler
        silenced.argtypes, silenced.restype = [ctypes.c_void_p], None
        silenced(None)
