"""The last readings, kept so that every part of the page shows the same one. It neither reads nor shows."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from concurrent.futures import Future

from fontdemo.glyph.glyph import Glyph
from fontdemo.reading.among import ANYTHING
from fontdemo.reading.reader import Reader, Reading

#: How many readings are kept; one holds every stage's output, 0.2 to 0.8 MB of the networks that ship.
KEPT = 64


class Readings:
    """Each network's reading of each glyph, made once and kept until `kept` others came; safe to share between threads.

    Who asks for a reading that another thread is making waits for it. Glyphs are the same where their images are.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._readings: OrderedDict[tuple[Reader, str, bytes], Future[Reading]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, reader: Reader, glyph: Glyph, among: str = ANYTHING) -> Reading:
        """What `reader` makes of `glyph`, with every stage's output; raises what reading it raises, to all who wait.

        among: as `Reader.read`.
        """
        salt = b"cropped" if glyph.cropped else b""
        named = among if isinstance(among, str) else ""  # reading says what is wrong with another kind
        key = reader, named, hashlib.blake2b(glyph.image.tobytes(), digest_size=16, salt=salt).digest()
        with self._lock:
            reading = self._readings.get(key)
            mine = reading is None
            if reading is None:
                reading = self._readings[key] = Future()
            self._readings.move_to_end(key)
            while len(self._readings) > self._kept:
                self._readings.popitem(last=False)
        if mine:
            try:
                reading.set_result(reader.read(glyph, among))
            except BaseException as error:
                with self._lock:
                    self._readings.pop(key, None)
                reading.set_exception(error)
        return reading.result()
