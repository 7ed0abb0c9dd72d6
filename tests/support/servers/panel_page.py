"""A bare page with one cell's panel, the tools and the tour on it, with a session of its own; no Gradio."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from fontdemo.ui.context import NetworkStore
from fontdemo.ui.ideas import view as ideas
from fontdemo.ui.live.glyph_sample import sample
from fontdemo.ui.theme import styles
from tests.support.servers.live_server import SCRIPTS, serving

Strokes = list[list[list[float]]]

# Gradio brings these colours, and Ideas' scripts in a function of their own.
_PAGE = """<!doctype html><html lang="en" class="{theme}"><meta charset="utf-8"><title>Panel</title><style>{styles}
:root {{ --body-text-color: #1b1a17; --font-mono: monospace }} .dark {{ --body-text-color: #ece8df }}
body {{ background: #faf9f6; color: var(--body-text-color); font: 15px/1.4 sans-serif }}
.dark body {{ background: #121110 }}
</style><main><h1>Panel</h1><h2>Stages</h2><div id="cell-panel" style="width: 420px"></div><div id="read-tools"></div>
<div id="tour"></div><div id="lab">{lab}</div></main>
<script>const runLab = (element, props, watch) => {{ {script} }};</script>"""

_START = """async ([name, strokes]) => {
  const { session } = await import('/read/session.js');
  const { mount } = await import('/read/cell_panel.js');
  const { play } = await import('/read/ideas_link.js');
  const tools = await import('/read/edits.js');
  const tour = await import('/read/tour.js');
  window.session = session;
  window.steps = [];
  mount(document.querySelector('#cell-panel'), session, { play });
  tools.mount(document.querySelector('#read-tools'), session, { sample: (network) => `/${network}/glyphs.json` });
  window.tour = tour.mount(document.querySelector('#tour'), session, { onstep: (step) => window.steps.push(step) });
  // Choose a cell and wait until it is shown.
  window.look = (chosen) => new Promise((done) => {
    const panel = document.querySelector('#cell-panel');
    const seen = ({ detail }) => {
      const { selection: s } = detail;
      if (!s || s.stage !== chosen.stage || s.map !== chosen.map || s.y !== chosen.y || s.x !== chosen.x) return;
      panel.removeEventListener('cellshown', seen);
      done(detail);
    };
    panel.addEventListener('cellshown', seen);
    session.select(chosen);
  });
  await session.setStrokes(strokes);
  await session.open(name, `/${name}/description.json`, `/${name}/model.safetensors`);
}"""


@contextmanager
def panels(browser: Browser, each: int = 1) -> Iterator[Callable[..., Page]]:
    """Opens the page for (network, strokes, theme="light", width=1280); an error in it fails. each: sample glyphs."""
    pages: list[Page] = []
    troubles: list[str] = []
    folder = SCRIPTS.parent / "ideas"
    script = "\n".join((folder / name).read_text(encoding="utf-8") for name in ("given.js", "convolution.js"))

    def page(theme: str) -> bytes:
        return _PAGE.format(theme=theme, styles=styles(), lab=ideas.convolution(), script=script).encode()

    def glyphs() -> bytes:
        index = NetworkStore().get("report-cnn").index
        assert index is not None
        made = sample(index)
        kept = len(made["characters"]) * each // 5 // 5
        return json.dumps({**made, "characters": made["characters"][:kept]}).encode()

    extra = {
        "/light/": lambda: page("light"), "/dark/": lambda: page("dark"), "/favicon.ico": lambda: b"",
        "/report-cnn/glyphs.json": glyphs,
    }  # fmt: skip
    with serving(extra) as url:

        def opened(network: str, strokes: Strokes, theme: str = "light", width: int = 1280) -> Page:
            while pages:  # each has a worker of its own
                pages.pop().close()
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.set_default_timeout(120_000)
            page.on("pageerror", lambda error: troubles.append(str(error)))
            pages.append(page)
            page.goto(f"{url}/{theme}/")
            page.evaluate(_START, [network, strokes])
            return page

        yield opened
        for page_ in pages:
            page_.close()
    assert not troubles
