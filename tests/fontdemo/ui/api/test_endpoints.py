"""Which endpoints are public, and where agents find them as tools."""

from __future__ import annotations

from importlib import metadata

import gradio as gr
import pytest

from fontdemo.ui.api import endpoints
from fontdemo.ui.context import NetworkStore
from tests.support.unserved import unserved


@pytest.mark.parametrize("version, there", [("1.30.0", True), ("2.3.0", False), (None, False)])
def test_tools_are_offered_only_where_gradio_can(
    version: str | None, there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def say(name: str) -> str:
        if version is None:
            raise metadata.PackageNotFoundError(name)
        return version

    monkeypatch.setattr(metadata, "version", say)
    assert endpoints.tools_installed() is there


def test_four_endpoints_are_public_and_those_that_open_pictures_wait_for_each_other(networks: NetworkStore) -> None:
    with unserved(), gr.Blocks() as demo:
        endpoints.add(networks, demo)
    public = {fn.api_name: fn for fn in demo.fns.values()}
    assert list(public) == ["read", "read_many", "stages", "card"]
    assert {fn.api_visibility for fn in public.values()} == {"public"}
    assert {fn.concurrency_id == "pictures" for name, fn in public.items() if name != "card"} == {True}
