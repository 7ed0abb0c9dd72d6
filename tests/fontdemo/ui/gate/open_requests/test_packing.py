"""What Gradio packs on its way to a visitor: the page too, and of one address's files only a few at a time."""

from __future__ import annotations

import asyncio
from typing import Any

from gradio.brotli_middleware import BrotliMiddleware

from fontdemo.ui.gate import open_requests
from fontdemo.ui.gate.open_requests import PACKED_OF_AN_ADDRESS, OpenRequests
from tests.fontdemo.ui.gate.test_open_requests import nothing, scope


def test_of_many_files_that_one_address_fetches_at_once_few_are_packed() -> None:
    """300 times the largest script of Gradio's, packed: another's reading took 1.6 s. 390 times below a made up folder
    that Gradio takes out again: 2 GB.
    """
    async def visit() -> None:
        answer, sent = asyncio.Event(), dict[str, list[bool]]()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await answer.wait()
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/css")]})
            await send({"type": "http.response.body", "body": 5000 * b"a"})

        page = BrotliMiddleware(OpenRequests(app, on_space=False))

        async def ask(address: str, path: str = "/assets/a.js") -> None:
            async def send(message: Any) -> None:
                if message["type"] == "http.response.body":
                    sent.setdefault(address, []).append(len(message["body"]) < 5000)

            await page({**scope(address, path), "headers": [(b"accept-encoding", b"gzip, br")]}, nothing, send)

        for _ in range(2):  # what is done leaves room
            sent.clear()
            answer.clear()
            paths = 14 * ["/assets/a.js", "/gradio_api/file=/a.txt", "/assets/gradio_api/call/../../a.js"]
            asked = [ask("8.8.8.8", path) for path in paths] + [ask("9.9.9.9")] + [ask("") for _ in range(40)]
            waiting = [asyncio.create_task(one) for one in asked]
            await asyncio.sleep(0.01)
            answer.set()
            await asyncio.gather(*waiting)
            assert [sum(sent["8.8.8.8"]), sent["9.9.9.9"], sum(sent[""])] == [PACKED_OF_AN_ADDRESS, [True], 40]

    asyncio.run(asyncio.wait_for(visit(), 30))


def test_the_page_itself_is_packed() -> None:
    """Gradio packs what has the name of a file; the page was 0.4 MB of a newcomer's wait."""
    open_requests.install()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
        await send({"type": "http.response.body", "body": 5000 * b"a"})

    async def size(path: str) -> int:
        sent: list[bytes] = []

        async def send(message: Any) -> None:
            sent.append(message.get("body", b""))

        asked = {**scope("8.8.8.8", path), "headers": [(b"accept-encoding", b"gzip, br")]}
        await BrotliMiddleware(app)(asked, nothing, send)
        return len(b"".join(sent))

    assert asyncio.run(size("/")) < 100 and asyncio.run(size("/gradio_api/queue/data")) == 5000
