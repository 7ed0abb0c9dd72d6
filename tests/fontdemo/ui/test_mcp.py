"""The page as an MCP server, asked by the real client of the package `mcp`."""

from __future__ import annotations

import ast
import asyncio
import base64
import importlib
import io
import os
from pathlib import Path
from typing import Any

import httpx
import pytest
import torch

from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.ui.api import endpoints
from tests.support.letters import picture
from tests.support.servers.pageserver import serving

STROKES = [[[0.2, 0.85], [0.5, 0.15], [0.8, 0.85]], [[0.3, 0.6], [0.7, 0.6]]]

pytestmark = pytest.mark.skipif(
    not endpoints.tools_installed() and "CI" not in os.environ, reason='needs pip install "gradio[mcp]"'
)


def uri(character: str) -> str:
    content = io.BytesIO()
    picture(character).save(content, "PNG")
    return "data:image/png;base64," + base64.b64encode(content.getvalue()).decode()


async def told(session: Any, mcp: Any, uri: str) -> str:
    """With what words a resource is refused."""
    with pytest.raises(mcp.McpError) as refused:
        await session.read_resource(uri)
    return str(refused.value)


async def asked(url: str) -> dict[str, Any]:
    """What the server says to one who asks for all that it has."""
    mcp: Any = importlib.import_module("mcp")
    transport: Any = importlib.import_module("mcp.client.streamable_http")
    async with (
        transport.streamable_http_client(f"{url}gradio_api/mcp/") as (read, write, _),
        mcp.ClientSession(read, write) as session,
    ):
        await session.initialize()

        async def call(tool: str, **given: Any) -> tuple[bool, str]:
            result = await session.call_tool(tool, given)
            return result.isError, result.content[0].text

        return {
            "tools": (await session.list_tools()).tools,
            "templates": (await session.list_resource_templates()).resourceTemplates,
            "card": (await session.read_resource("card://report-cnn")).contents[0].text,
            "read": await call("read", strokes=STROKES),
            "picture": await call("read", picture=uri("K")),
            "many": await call("read_many", drawings=[STROKES, []], pictures=[uri("K")]),
            "stages": await call("stages", stage="fc1", strokes=STROKES),
            "empty": await call("read"),
            "no card": await told(session, mcp, "card://nobody"),
            "elsewhere": await call("read", picture="http://127.0.0.1:1/K.png"),
        }


def test_an_agent_finds_the_tools_and_reads_with_them(tmp_path: Path) -> None:
    torch.manual_seed(0)
    pretrained.save(Network("report-cnn"), tmp_path / "report-cnn", "# A card for tests only\n")
    uploads = tmp_path / "uploads"
    with serving(tmp_path, {"GRADIO_TEMP_DIR": str(uploads)}) as url:
        said = asyncio.run(asked(url))
        assert httpx.get(f"{url}gradio_api/mcp/schema", timeout=60).status_code == 200
        assert httpx.get(f"{url}gradio_api/mcp/sse", timeout=60).status_code == 404
        for tool in ("card", "read"):  # Gradio checks no arguments of a resource that is called as a tool
            named = {"network": {"path": str(Path(__file__)), "meta": {"_type": "gradio.FileData"}}}
            call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": named}}
            accept = {"Accept": "application/json, text/event-stream"}
            refused = httpx.post(f"{url}gradio_api/mcp/", json=call, headers=accept, timeout=60)
            assert refused.status_code == 400 and "Upload it again" in refused.json()["error"]
        assert list(uploads.rglob("*.py")) == []  # else anyone has this machine's files copied into the uploads
        large = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"x": "x" * 1_000_000}}
        assert httpx.post(f"{url}gradio_api/mcp/", json=large, timeout=60).status_code == 413
    tools = {tool.name: tool for tool in said["tools"]}
    assert list(tools) == ["read", "read_many", "stages"]
    for tool in tools.values():
        assert len(tool.description) > 100
        for name, one in tool.inputSchema["properties"].items():
            assert one["description"].endswith("."), (tool.name, name)
    assert [template.uriTemplate for template in said["templates"]] == ["card://{network}"]
    assert said["card"] == "# A card for tests only\n"

    def answer(name: str) -> Any:
        failed, text = said[name]
        assert not failed, text
        return ast.literal_eval(text)

    assert answer("read")["network"] == "report-cnn" and answer("read")["label"] in answer("read")["probabilities"]
    assert answer("picture")["seen"] == "dark ink"
    first, second, third = answer("many")
    assert first["label"] == answer("read")["label"] and set(second) == {"error"} and third["seen"] == "dark ink"
    assert answer("stages")["shape"] == [512]
    assert said["empty"] == (True, "Give either strokes or a picture.")
    assert said["no card"] == "There is no such network. Choose one from the list."
    assert said["elsewhere"] == (True, "Can't open this file. Upload it again.")
