"""fontdemo.ui.gate.arriving: what an upload may bring, and that what is not taken leaves nothing on disk."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from gradio import route_utils, routes
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request

from fontdemo.ui.gate import arriving
from fontdemo.ui.gate.arriving import LONGEST_FIELD, MOST_FILES
from fontdemo.ui.page import middleware
from tests.support.servers.pageserver import ROOT

LARGEST = 50_000


def upload(folder: Path, parts: list[tuple[str, Any]], cut: int | None = None) -> list[str]:
    """The files that Gradio takes of a request with these parts; cut: so many bytes before its end its visitor goes."""
    request = httpx.Request("POST", "http://page/", files=parts)
    body = request.read()

    async def receive() -> AsyncGenerator[dict[str, Any], None]:
        for start in range(0, len(body) - (cut or 0), 4096):
            yield {"type": "http.request", "body": body[start : start + 4096], "more_body": True}
        yield {"type": "http.request" if cut is None else "http.disconnect", "body": b""}

    messages = receive()
    headers = [(name.lower().encode(), value.encode()) for name, value in request.headers.items()]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
    taken, _, _ = asyncio.run(route_utils.upload_fn(Request(scope, messages.__anext__), folder, LARGEST, None))
    return [str(path) for path in taken]


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GradioMultiPartParser", "delete_files_created_by_app"):
        monkeypatch.setattr(route_utils, name, getattr(route_utils, name))
    arriving.install()


def left(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_files_are_taken(tmp_path: Path) -> None:
    taken = upload(tmp_path, [("files", ("K.png", b"k" * 20_000)), ("files", ("#", b"x")), ("files", ("..a", b"a"))])
    assert [Path(path).read_bytes()[:1] for path in taken] == [b"k", b"x", b"a"]
    assert len(left(tmp_path)) == 3


def test_what_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ClientDisconnect):
        upload(tmp_path, [("files", ("K.png", b"k" * 20_000)), ("files", ("L.png", b"l" * 20_000))], cut=9000)
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    "parts",
    [
        [("files", ("K.png", b"k" * (LARGEST + 1)))],
        [("files", (f"{number}.png", b"k" * (LARGEST // 3))) for number in range(4)],
        [("files", ("K.png", b"k"))] * (MOST_FILES + 1),
        [("files", ("K.png", b"k")), ("picture", ("L.png", b"l"))],
        [("files", ("K.png", b"k")), ("files", (None, "l"))],
        [("files", ("K.png", b"k")), ("x", (None, "l" * (LONGEST_FIELD + 1)))],
        [("files", ("K.png", b"k")), ("files", ("..", b"l"))],
    ],
    ids=["large", "large together", "many", "another name", "no file", "a long field", "no name"],
)
def test_what_is_not_taken_leaves_nothing(tmp_path: Path, parts: list[tuple[str, Any]]) -> None:
    with pytest.raises(MultiPartException):
        upload(tmp_path, parts)
    assert left(tmp_path) == []


def test_a_field_is_not_gathered_in_memory(tmp_path: Path) -> None:
    """It was refused at the end only, so that one request could take all of the machine's memory."""
    seen = 0

    async def receive() -> dict[str, Any]:
        nonlocal seen
        head = b'--b\r\nContent-Disposition: form-data; name="files"\r\n\r\n' if not seen else b""
        seen += 1
        assert seen < 10
        return {"type": "http.request", "body": head + b"x" * 4096, "more_body": True}

    headers = [(b"content-type", b"multipart/form-data; boundary=b")]
    request = Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)
    with pytest.raises(MultiPartException):
        asyncio.run(route_utils.upload_fn(request, tmp_path, LARGEST, None))


def test_a_disk_that_fills_meanwhile_ends_an_upload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arriving, "has_room", lambda: False)
    monkeypatch.setattr(arriving, "_STEP", 10_000)
    with pytest.raises(MultiPartException, match="no room"):
        upload(tmp_path, [("files", ("K.png", b"k" * 20_000))])
    assert left(tmp_path) == []


def test_the_page_reads_its_uploads_so() -> None:
    look = (
        "from gradio import route_utils; from fontdemo.ui import page; page.build();"
        "print(route_utils.GradioMultiPartParser.__module__)"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == [arriving.__name__]


def test_one_address_does_not_fill_the_disk_with_uploads_that_are_kept_for_an_hour() -> None:
    """One visitor could upload until no one else was let to."""
    now, reached, broken = [0.0], Counter[str](), Counter[str]()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        reached[scope["client"][0]] += 1
        try:
            while (await receive()).get("more_body"):
                pass
        except MultiPartException:
            broken[scope["client"][0]] += 1

    page = arriving.UploadsOfAnHour(app, on_space=False, most=3000, each=0, clock=lambda: now[0])

    def status(address: str, path: str = "/gradio_api/upload") -> int:
        parts = [bytes(500), bytes(600)]
        answer: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": parts.pop(), "more_body": bool(parts)}

        async def send(message: Any) -> None:
            answer.append(message)

        scope = {"type": "http", "method": "POST", "path": path, "client": (address, 1), "headers": []}
        asyncio.run(page(scope, receive, send))
        return int(answer[0]["status"]) if answer else 0

    assert [status("8.8.8.8") for _ in range(5)] == [0, 0, 0, 429, 429]
    assert status("8.8.8.8", "/x/gradio_api/upload/") == 429
    assert status("9.9.9.9") == status("8.8.8.8", "/gradio_api/queue/join") == 0
    assert [status("127.0.0.1") for _ in range(9)] == [0] * 9
    now[0] = arriving.HOUR + 1
    assert status("8.8.8.8") == 0 and reached["8.8.8.8"] == 5 and broken == {"8.8.8.8": 1}
    assert any(one.cls is arriving.UploadsOfAnHour for one in middleware())


def test_many_small_uploads_of_one_address_count_too() -> None:
    """Each takes two files of the disk, whatever is in it: a program filled 8 MB a second with 100 kB a second."""
    reached = 0

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal reached
        reached += 1
        with suppress(MultiPartException):
            await receive()

    page = arriving.UploadsOfAnHour(app, on_space=False)

    async def visit() -> None:
        async def receive() -> Any:
            return {"type": "http.request", "body": b"x"}

        async def send(message: Any) -> None:
            pass

        for _ in range(20_000):
            scope = {"type": "http", "path": "/gradio_api/upload", "client": ("8.8.8.8", 1), "headers": []}
            await page(scope, receive, send)

    asyncio.run(visit())
    assert 10_000 < reached * MOST_FILES < 80_000


class Looked(str):
    """A file's name; `looked` is called whenever it is looked for in a set."""

    looked: Any = None

    def __hash__(self) -> int:
        if self.looked:
            self.looked()
        return super().__hash__()


def made(folder: Path, name: str) -> str:
    (folder / name).mkdir()
    (folder / name / "K.png").write_bytes(b"K")
    return str(folder / name / "K.png")


def test_what_is_old_is_deleted_while_other_uploads_come(tmp_path: Path) -> None:
    """One upload during the hourly look ended it for good: from then on nothing was deleted, and the disk filled."""
    files: set[str] = set()
    first, second = Looked(made(tmp_path, "a")), Looked(made(tmp_path, "b"))
    files |= {first, second, str(tmp_path / "gone" / "L.png")}
    for one in (first, second):
        one.looked = lambda: files.add(f"{tmp_path}/{len(files)}/M.png")
    route_utils.delete_files_created_by_app(SimpleNamespace(blocks={}, temp_file_sets=[files]), 0)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []  # a folder that is left is a file of the disk as well
    assert all(name.endswith("M.png") for name in files)


def test_what_is_new_or_the_pages_own_is_kept(tmp_path: Path) -> None:
    own, new = made(tmp_path, "a"), made(tmp_path, "b")
    files, part = {own, new}, SimpleNamespace(keep_in_cache={own})
    page: Any = SimpleNamespace(blocks={1: part}, temp_file_sets=[files])
    route_utils.delete_files_created_by_app(page, 3600)
    assert files == {own, new} and len(left(tmp_path)) == 2
    route_utils.delete_files_created_by_app(page, None)
    assert files == {own} and [str(path) for path in left(tmp_path)] == [own]


def test_the_ids_of_uploads_are_not_known_for_ever() -> None:
    progress = routes.file_upload_statuses
    progress.track("one")
    asyncio.run(progress.is_tracked("one"))
    route_utils.delete_files_created_by_app(SimpleNamespace(blocks={}, temp_file_sets=[]), 3600)  # type: ignore[arg-type]
    assert not progress._statuses and not progress._signals
    progress.append("one", "K.png", b"K")  # its upload goes on
    assert progress.pop("one").chunk_size == 1


def test_what_the_page_makes_is_bounded_whoever_asks_for_it(tmp_path: Path) -> None:
    """One address had 9 MB a second of stages written, each kept for an hour, until no one could upload any more."""
    kept = arriving.Made(most=4)
    names = [made(tmp_path, name) for name in "abcd"]
    for name in names:
        kept.keep(name)
    kept.keep(names[0])  # asked for again
    kept.keep(late := made(tmp_path, "e"))
    assert kept == {names[0], *names[2:], late} and len(left(tmp_path)) == 4 and not (tmp_path / "b").exists()
    route_utils.delete_files_created_by_app(SimpleNamespace(blocks={}, temp_file_sets=[kept]), None)  # type: ignore[arg-type]
    (tmp_path / "large").write_bytes(b"x" * 5)
    kept.keep(str(tmp_path / "large"))  # the newest stays, whatever it takes, and what was deleted does not count
    kept.keep(made(tmp_path, "f"))
    assert len(kept) == 1 == len(left(tmp_path))
