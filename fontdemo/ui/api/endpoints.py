"""Which endpoints are public, and whether an agent can use them as tools (MCP)."""

from __future__ import annotations

import re
from importlib import metadata

import gradio as gr
from gradio.events import api

from fontdemo.ui.api import card, read, stages
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.gate.arriving import Made
from fontdemo.ui.gate.uploads import MANY, PICTURES


def add(networks: NetworkStore, demo: gr.Blocks) -> None:
    """Make the endpoints public; within the Blocks context of `demo`. Every other event of the page is private."""
    api(read.make_read(networks), api_name="read", api_description=read.DESCRIPTION, **PICTURES)
    api(read.make_read_many(networks), api_name=MANY, api_description=read.DESCRIPTION_MANY, **PICTURES)
    made = Made()
    demo.temp_file_sets.append(made)
    values = stages.make_stages(networks, made)
    api(values, api_name="stages", api_description=stages.DESCRIPTION, **PICTURES)
    api(card.make_card(networks), api_name="card", api_description=card.DESCRIPTION)


def tools_installed() -> bool:
    """Whether the package `mcp` is there, in a version that this Gradio can use: `pip install "gradio[mcp]"`."""
    try:
        return re.match(r"1\.", metadata.version("mcp")) is not None
    except metadata.PackageNotFoundError:
        return False
