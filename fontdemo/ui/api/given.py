"""What the endpoints take: drawings, uploaded pictures and a network's name, checked before anything is read."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias, TypeVar
from urllib.parse import unquote

import gradio as gr

from fontdemo.errors import FontdemoError, GlyphError, without_paths
from fontdemo.glyph.glyph import Glyph, from_drawing, parse_strokes
from fontdemo.reading import words
from fontdemo.ui.context import LoadedNetwork, NetworkStore
from fontdemo.ui.gate.uploads import uploaded

#: A drawing: a list of points a stroke, from 0 to 1 across the pad.
Strokes = list[list[list[float]]]

#: A picture: an uploaded file, a data URI, or the address of an upload.
Picture: TypeAlias = gr.FileData | str

#: How many drawings and pictures one request may bring, together.
MOST = 20

Answer = TypeVar("Answer")


def plainly(endpoint: Callable[..., Answer]) -> Callable[..., Answer]:
    """`endpoint`, whose errors that a caller can mend are answered as the plain sentences they are."""

    @wraps(endpoint)
    def answer(*given: Any, **named: Any) -> Answer:
        try:
            return endpoint(*given, **named)
        except FontdemoError as error:
            raise gr.Error(without_paths(str(error)), print_exception=False) from None

    return answer


def chosen(networks: NetworkStore, network: str | None) -> tuple[str, LoadedNetwork]:
    """The network of this name, or the first of the page, with its name; UnknownNetworkError if there is none."""
    name = networks.names()[0] if network is None else network
    return name, networks.get(name)


def one(strokes: Any, picture: Any) -> Glyph | list[words.Split]:
    """What either of the two shows; GlyphError if both are given, or neither."""
    if (strokes is None) == (picture is None):
        raise GlyphError("Give either strokes or a picture.")
    return drawn(strokes) if picture is None else pictured(picture)


def drawn(strokes: Any) -> Glyph:
    """The glyph of a drawing, given as lists or as JSON text; GlyphError if it is none."""
    return from_drawing(parse_strokes(strokes) if isinstance(strokes, str) else strokes)


def pictured(picture: Any) -> list[words.Split]:
    """The ways to see a picture; GlyphError or NotUploadedError if it is none.

    It is the record of an uploaded file or, as agents have it, a text: a data URI, or the address that the page gave
    the upload. Nothing is ever fetched from another address.
    """
    if isinstance(picture, dict):
        return words.split(uploaded(picture))
    if not isinstance(picture, str):
        raise GlyphError("The picture must be an uploaded file (in Python: gradio_client.handle_file).")
    if picture.startswith("data:"):
        return words.split(_content(picture))
    return words.split(uploaded(unquote(picture.partition("/gradio_api/file=")[2])))


def _content(uri: str) -> bytes:
    """What a data URI holds; GlyphError if it is not in base64."""
    head, _, content = uri.partition(",")
    try:
        if not head.endswith(";base64"):
            raise ValueError
        return base64.b64decode(content, validate=True)
    except ValueError:
        raise GlyphError("The picture's text must be a data URI: data:image/png;base64,...") from None
