"""How long a newcomer waits on a slow line: from the page's address to the pad, and to the network that reads.

`python -m tests.load.slow_line --latency 100 --rate 10` starts the page with the networks that ship and opens it in
Chromium with so many milliseconds a request and so many megabit a second: first with an empty cache, then again.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
from collections.abc import Sequence

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from fontdemo.network import pretrained
from tests.browser.conftest import FLAGS
from tests.support.servers.pageserver import serving

# When the pad and the strip of stages came, in milliseconds since the page was asked for.
_WATCH = """new MutationObserver(() => {
  if (document.querySelector('#pad canvas')) window.padAt ??= performance.now();
  if (document.querySelector('#strip .strip-column')) window.networkAt ??= performance.now();
}).observe(document, { childList: true, subtree: true });"""


def visit(context: BrowserContext, url: str, latency: float, rate: float) -> tuple[float, float]:
    """Seconds until the pad, and until the network, were there. latency in ms, rate in Mbit/s."""
    page = context.new_page()
    page.add_init_script(_WATCH)
    throughput = dict.fromkeys(("downloadThroughput", "uploadThroughput"), rate * 125_000)  # bytes a second
    line = {"offline": False, "latency": latency, **throughput}
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", line)
    page.goto(url, wait_until="commit")
    page.locator("#strip .strip-column").first.wait_for(timeout=120_000)
    pad, network = page.evaluate("[window.padAt, window.networkAt]")
    page.close()
    return pad / 1000, network / 1000


def measure(browser: Browser, url: str, latency: float, rate: float, times: int) -> None:
    """Print the medians of `times` newcomers, and of the same people's second visits."""
    found: list[list[tuple[float, float]]] = [[], []]
    for _ in range(times):
        context = browser.new_context()
        for visits in found:
            visits.append(visit(context, url, latency, rate))
        context.close()
    for name, visits in zip(("first visit", "second visit"), found, strict=True):
        pad, network = (statistics.median(seconds) for seconds in zip(*visits, strict=True))
        print(f"{latency:g} ms, {rate:g} Mbit/s, {name}: pad {pad:.1f} s, network {network:.1f} s", flush=True)


def main(words: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="How long a newcomer waits on a slow line.")
    parser.add_argument("--latency", type=float, default=100, help="milliseconds a request")
    parser.add_argument("--rate", type=float, default=10, help="megabit a second")
    parser.add_argument("--times", type=int, default=3, help="newcomers")
    arguments = parser.parse_args(words)
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    with serving(pretrained.WEIGHTS) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        measure(browser, url, arguments.latency, arguments.rate, arguments.times)
        browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
