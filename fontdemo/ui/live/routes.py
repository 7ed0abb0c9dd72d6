"""What the browser needs to run a network, over HTTP: the scripts, a network's description, and its weights.

Names that a browser sends are looked up among those there are; none becomes a path. Nothing is shown here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from fontdemo.errors import FontdemoError, without_paths
from fontdemo.reading.description import describe
from fontdemo.reading.nearest import Index
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.html import script
from fontdemo.ui.i18n import catalogue
from fontdemo.ui.live.glyph_sample import sample

#: What all these addresses begin with, relative to the page's own.
PREFIX = "/fontdemo"

#: The folders below `fontdemo/ui` whose scripts are modules that the browser fetches.
FOLDERS = ("live", "read", "i18n")

_UI = Path(__file__).parent.parent
_EARLY = _UI / "early.js"

#: A year: what is fetched under its version never changes.
_FOR_GOOD = "public, max-age=31536000, immutable"


@cache
def version() -> str:
    """Of all scripts together: each is also there under its version, which a browser need not ask for twice."""
    digest = hashlib.sha256()
    for file in sorted([*_UI.glob("*/*.js"), *(_UI.parents[1] / "train" / "ui").glob("*/*.js")]):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def base() -> str:
    """JavaScript that makes the folder of this version a URL, `base`: relative to the page's address, so that it holds
    below any prefix.
    """
    return f"""const page = new URL(location.href);
if (!page.pathname.endsWith('/')) page.pathname += '/';
const base = new URL('.{PREFIX}/{version()}/', page);"""


def early(networks: NetworkStore) -> str:
    """HTML for the page's head, by which a browser fetches what reading needs while the page is still being built."""
    names = (f"{folder}/{path.name}" for folder in ("read", "live") for path in sorted((_UI / folder).glob("*.js")))
    # The pad's script is no module: it comes with the page.
    scripts = [name for name in names if name != "read/pad.js"]
    wanted = json.dumps({"scripts": scripts, "network": networks.names()[0]}).replace("<", r"\u003c")
    return f"{script(_EARLY)}<script>{{ {base()}\nfontdemoEarly(base, {wanted}); }}</script>"


def with_version(routes: Sequence[Route]) -> list[Route]:
    """These routes, whose paths begin with PREFIX, and the same under the scripts' version."""
    under = [Route(f"{PREFIX}/{version()}{one.path.removeprefix(PREFIX)}", one.endpoint) for one in routes]
    return [*routes, *under]


def script_file(path: Path) -> Callable[[Request], Response]:
    """Answers with the script at `path`: for good under its version, else until it changes."""

    def answer(request: Request) -> Response:
        if f"{PREFIX}/{version()}/" in request.url.path:
            return FileResponse(path, media_type="text/javascript", headers={"Cache-Control": _FOR_GOOD})
        return _file(request, path, "text/javascript")

    return answer


def routes(networks: NetworkStore) -> list[Route]:
    """For `Blocks.launch(app_kwargs={"routes": ...})`.

    PREFIX/live/NAME.js and PREFIX/read/NAME.js; PREFIX/network/description.json?name=NETWORK and
    PREFIX/network/model.safetensors?name=NETWORK, 404 unless NETWORK is one of `networks`;
    PREFIX/network/glyphs.json, the sample of training glyphs of its index, or of another's where it has none;
    PREFIX/i18n/ko.json, the page's texts in Korean. All of it is also there under `version`.
    """

    def description(request: Request) -> Response:
        name = request.query_params.get("name", "")
        folder = networks.weights(name).parent
        headers = _headers(*folder.glob("*.json"), networks.weights(name))
        if _known(request, headers):
            return Response(status_code=304, headers=headers)
        loaded = networks.get(name)
        text = json.dumps(describe(loaded.reader.network, loaded.facts, loaded.fields))
        return Response(text, media_type="application/json", headers=headers)

    def model(request: Request) -> Response:
        return _file(request, networks.weights(request.query_params.get("name", "")), "application/octet-stream")

    def glyphs(request: Request) -> Response:
        name = request.query_params.get("name", "")
        headers = _headers(networks.weights(name))
        if _known(request, headers):
            return Response(status_code=304, headers=headers)
        indices = (networks.get(one).index for one in (name, *networks.names()))
        index = next((index for index in indices if index is not None), None)
        if index is None:
            return JSONResponse({"error": "There is no index of typefaces."}, 404)
        return Response(sampled(index), media_type="application/json", headers=headers)

    @lru_cache(maxsize=8)
    def sampled(index: Index) -> str:
        """To make it takes a tenth of a second, and it is the same for everyone."""
        return json.dumps(sample(index))

    def korean(request: Request) -> Response:
        headers = _headers(*filter(Path.is_file, catalogue.FILES))
        if _known(request, headers):
            return Response(status_code=304, headers=headers)
        text = json.dumps(catalogue.load(), ensure_ascii=False)
        return Response(text, media_type="application/json", headers=headers)

    files = [path for folder in FOLDERS for path in (_UI / folder).glob("*.js")]
    scripts = [(f"{path.parent.name}/{path.name}", script_file(path)) for path in files]
    of_network = [("description.json", description), ("model.safetensors", model), ("glyphs.json", glyphs)]
    found = [*((f"network/{file}", endpoint) for file, endpoint in of_network), ("i18n/ko.json", korean), *scripts]
    return with_version([Route(f"{PREFIX}/{name}", _with_errors(endpoint)) for name, endpoint in found])


def _with_errors(endpoint: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """`endpoint`, whose errors that a person can mend are told; in a thread of its own, for it opens files."""

    def answer(request: Request) -> Response:
        try:
            return endpoint(request)
        except FontdemoError as error:
            return JSONResponse({"error": without_paths(str(error))}, 404)
        except OSError:  # a run that trains has just replaced its network, or is being deleted
            return JSONResponse({"error": "This network is changing just now. Try again."}, 404)

    return answer


def _file(request: Request, path: Path, kind: str) -> Response:
    headers = _headers(path)
    if _known(request, headers):
        return Response(status_code=304, headers=headers)
    return FileResponse(path, media_type=kind, headers=headers)


def _headers(*files: Path) -> dict[str, str]:
    """A browser asks each time whether what it keeps is still that: of these files, at these times."""
    times = "-".join(f"{status.st_mtime_ns:x}.{status.st_size:x}" for status in map(Path.stat, sorted(files)))
    return {"ETag": f'"{times}"', "Cache-Control": "no-cache"}


def _known(request: Request, headers: dict[str, str]) -> bool:
    given = request.headers.get("if-none-match", "")
    return headers["ETag"] in [tag.strip().removeprefix("W/") for tag in given.split(",")]
