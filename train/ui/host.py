"""Where the host of a public page signs in: the secret, typed once in a browser. Wiring only."""

from __future__ import annotations

from typing import Any

import gradio as gr

from fontdemo.ui.context import PageContext, user_errors
from fontdemo.ui.html import render
from train.access import Access, NotAllowedError


def build(shared: PageContext, rights: Access, training: list[Any]) -> None:
    """Put the field into the Blocks context; the browser keeps what was typed, if it is the host's secret.

    training: the parts that are there only for who may train.
    """
    with gr.Accordion("For the host of this page", open=False, elem_id="host"):
        secret = gr.Textbox(label="FONTDEMO_HOST_SECRET", type="password", max_lines=1, elem_id="host-secret")
        ask = gr.Button("This browser is the host's", size="md", elem_classes="narrow", elem_id="host-ask")
        said = gr.HTML("", apply_default_css=False, elem_id="host-said")

    def known(typed: Any, kept: Any) -> list[Any]:
        record = {**(kept if isinstance(kept, dict) else {}), "host": typed}
        if not rights.of(record).manage:
            raise NotAllowedError("This is not the host's secret.")
        return ["", record, render("train/host.html")]

    def shown_to(sent: Any) -> list[Any]:
        return [gr.update(visible=rights.of(sent).train)] * len(training)

    shared.demo.load(
        shown_to, shared.visitor, training, show_progress="hidden", api_visibility="private", concurrency_limit=4
    )
    ask.click(
        user_errors(known), [secret, shared.visitor], [secret, shared.visitor, said],
        show_progress="hidden", api_visibility="private", concurrency_limit=1,
    )  # fmt: skip
