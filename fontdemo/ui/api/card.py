"""/card: a network's model card as text; for an agent, a resource."""

from __future__ import annotations

from collections.abc import Callable

import gradio as gr

from fontdemo.ui.api.given import plainly
from fontdemo.ui.context import NetworkStore

#: What the API view says of the endpoint.
DESCRIPTION = """A network's model card, as Markdown: how it was made, with what, and how well it reads.
network: the name of a network on the page; by default the first.
"""


def make_card(networks: NetworkStore) -> Callable[..., str]:
    """The function behind /card, and behind the resource card://NETWORK."""

    def card(network: str | None = None) -> str:
        """A network's model card.

        Parameters:
            network: The name of a network on the page.
        """
        return networks.card(networks.names()[0] if network is None else network)

    resource: Callable[..., str] = gr.mcp.resource("card://{network}", mime_type="text/markdown")(plainly(card))
    return resource
