"""What the tabs share: the networks that a visitor can choose, each loaded once, and the chooser in the page's head."""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import gradio as gr

from fontdemo.errors import FontdemoError, without_paths
from fontdemo.glyph.glyph import Glyph
from fontdemo.network import pretrained
from fontdemo.network.describe import StageFacts, stage_facts
from fontdemo.network.receptive_field import Field, fields
from fontdemo.reading import nearest
from fontdemo.reading.among import ANYTHING
from fontdemo.reading.reader import Reader, Reading
from fontdemo.reading.readings import Readings
from fontdemo.ui.network import names

#: How many networks stay loaded; one is about 3 MB.
_KEPT = 8

#: Seconds that one waits while someone else loads the network that one wants.
PATIENCE = 30.0


Result = TypeVar("Result")


class UnknownNetworkError(FontdemoError):
    """There is no network of this name to choose."""


@dataclass(frozen=True)
class LoadedNetwork:
    """A network ready to read.

    facts: of its stages. fields: what the cells of each stage see of the input. index: of closest typefaces, if any.
    readings: the last readings of all networks.
    """

    reader: Reader
    facts: list[StageFacts]
    fields: dict[str, Field]
    index: nearest.Index | None
    readings: Readings

    def read(self, glyph: Glyph, among: str = ANYTHING) -> Reading:
        """What the network makes of `glyph`: read once, whatever parts of the page show it. among: as `Reader.read`."""
        return self.readings.get(self.reader, glyph, among)


def shipped_sources() -> dict[str, Path]:
    """The networks that ship with the project, the default one first: name -> weights folder."""
    first = pretrained.default_name()
    names = sorted(pretrained.shipped(), key=lambda name: name != first)
    return {name: pretrained.WEIGHTS / name for name in names}


class NetworkStore:
    """The networks to choose from, loaded when first asked for; safe to share between threads.

    sources: called whenever the choices are needed, so that what is trained meanwhile can be among them:
    name -> weights folder, the default one first. Only these names are ever loaded, whatever a browser sends.
    """

    def __init__(self, sources: Callable[[], Mapping[str, Path]] = shipped_sources) -> None:
        self._sources = sources
        self._loaded: OrderedDict[tuple[Path, int], LoadedNetwork] = OrderedDict()
        self._readings = Readings()
        self._lock = threading.Lock()
        self._loading: dict[Path, threading.Lock] = {}

    def names(self) -> list[str]:
        """The names to choose from, the default one first; WeightsError if there are none."""
        return list(self._sources())

    def choices(self) -> list[tuple[str, str]]:
        """What a chooser shows of each name, and the name."""
        return [(self.title(name), name) for name in self.names()]

    @staticmethod
    def title(name: str) -> str:
        """What people call the network `name`; that of a trained one is its name."""
        known = names.origin(name)
        return names.TITLES.get(known, known)

    def weights(self, name: str) -> Path:
        """The file of the weights of the network called `name`; UnknownNetworkError if there is none."""
        folder = self._folder(name)
        if not pretrained.has_weights(folder):
            raise UnknownNetworkError(f"The weights of {name} are gone. Choose another network.")
        return folder / pretrained.MODEL

    def get(self, name: str) -> LoadedNetwork:
        """The network called `name`; UnknownNetworkError if there is none, WeightsError if it cannot be loaded."""
        file = self.weights(name)
        folder = file.parent
        # A run that goes on training replaces its weights under the same name.
        try:
            key = folder, file.stat().st_mtime_ns
        except OSError:
            raise UnknownNetworkError(f"The weights of {name} are gone. Choose another network.") from None
        # One at a time loads a network; who wants another one does not wait for them, nor for its disk.
        with self._lock:
            mine = self._loading.setdefault(folder, threading.Lock())
        if not mine.acquire(timeout=PATIENCE):
            raise UnknownNetworkError(f"{name} is still being loaded. Try again later, or choose another network.")
        try:
            loaded = self._loaded.get(key) or self._load(folder)
            with self._lock:
                self._loaded[key] = loaded
                self._loaded.move_to_end(key)
                while len(self._loaded) > _KEPT:
                    self._loaded.popitem(last=False)
            return loaded
        finally:
            mine.release()

    def _load(self, folder: Path) -> LoadedNetwork:
        reader = Reader.load(folder)
        network = reader.network
        index = _index(folder, reader)
        return LoadedNetwork(reader, stage_facts(network), fields(network), index, self._readings)

    def card(self, name: str) -> str:
        """The model card of the network called `name`, Markdown; UnknownNetworkError if there is none."""
        folder = self._folder(name)
        try:
            return "" if pretrained.too_large(folder) else (folder / "README.md").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise UnknownNetworkError(f"{name} has no model card. Choose another network.") from None

    def _folder(self, name: str) -> Path:
        folder = self._sources().get(names.origin(name)) if isinstance(name, str) else None
        if folder is None:
            raise UnknownNetworkError("There is no such network. Choose one from the list.")
        return folder


def _index(folder: Path, reader: Reader) -> nearest.Index | None:
    try:
        return nearest.load(folder, reader.network)
    except nearest.NearestError:  # the page does without
        return None


def user_errors(handler: Callable[..., Result]) -> Callable[..., Result]:
    """`handler`, whose errors that a person can mend reach the page as the plain sentences they are."""

    @functools.wraps(handler)
    def answer(*inputs: Any) -> Result:
        try:
            return handler(*inputs)
        except FontdemoError as error:
            raise gr.Error(without_paths(str(error)), print_exception=False) from None

    return answer


@dataclass(frozen=True)
class PageContext:
    """What every tab is given.

    chooser: the dropdown of networks; its value is a name of `networks`, or what `names.OWN` says. kept: that name in
    the visitor's browser.
    glyph: the `fontdemo.glyph.glyph.Glyph` that was read last, or None. sent: where a tab puts a Glyph, a new one each
    time, that the Read tab shall read. demo: the whole page, for what happens when it is loaded. tabs: the row of tabs;
    a tab's id is its title; titles: of all of them. design: the options of the report's CNN, as JSON, that the Network
    tab hands over to be trained, "" before. visitor: what this browser keeps to be known again, {"browser": its random
    secret, "host": the host's secret, if it was typed}; as all that comes from a browser it may be anything.
    teach: builds the part below the pad that teaches a network the visitor's hand, if there is one.
    """

    networks: NetworkStore
    chooser: gr.Dropdown
    kept: gr.BrowserState
    glyph: gr.State
    sent: gr.State
    demo: gr.Blocks
    tabs: gr.Tabs
    visitor: gr.BrowserState
    design: gr.State
    titles: tuple[str, ...]
    teach: Callable[[PageContext], None] | None = None
