"""What reading needs is fetched while Gradio still builds the page, and once."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page


def visit(page: Page, url: str) -> tuple[list[str], list[str]]:
    """The addresses that were asked for until the network was there, and the workers that were begun."""
    asked: list[str] = []
    workers: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("worker", lambda worker: workers.append(worker.url))
    page.goto(url)
    page.locator("#strip .strip-column").first.wait_for()
    return asked, workers


def test_a_newcomers_network_is_asked_for_before_the_page_is_there(context: BrowserContext, url: str) -> None:
    page = context.new_page()
    asked, workers = visit(page, url)
    model = next(number for number, address in enumerate(asked) if "/network/model.safetensors" in address)
    built = next(number for number, address in enumerate(asked) if "/gradio_api/queue/join" in address)
    assert model < built and len(workers) == 1
    # The page's scripts and those of the network share their modules, so each is there once.
    assert sum(address.endswith("/read/session.js") for address in asked) == 1
    page.close()


def test_a_link_has_its_own_network_fetched_and_no_other(context: BrowserContext, url: str) -> None:
    page = context.new_page()
    asked, workers = visit(page, f"{url}#n=report-cnn")
    models = {address.partition("name=")[2] for address in asked if "/network/model.safetensors" in address}
    assert models == {"report-cnn"} and len(workers) == 1
    page.close()


def test_a_script_that_has_not_changed_is_not_asked_for_again(context: BrowserContext, url: str) -> None:
    page = context.new_page()
    visit(page, url)
    page.goto("about:blank")
    page.goto(f"{url}?again")
    page.locator("#strip .strip-column").first.wait_for()
    sizes = page.evaluate("""() => performance.getEntriesByType('resource')
      .filter(({ name }) => name.includes('/read/')).map(({ transferSize }) => transferSize)""")
    assert len(sizes) > 30 and not any(sizes)
    page.close()


def test_the_pad_takes_the_pen_as_soon_as_it_is_there(context: BrowserContext, url: str) -> None:
    """Gradio's sheet "Loading..." lies over the whole page for a while after the pad is there."""
    page = context.new_page()
    page.add_init_script("""window.sheets = [];
      new MutationObserver(() => {
        const sheet = document.querySelector('.gradio-container > .main > .wrap.translucent');
        if (sheet && document.querySelector('#pad canvas')) window.sheets.push(getComputedStyle(sheet).visibility);
      }).observe(document, { childList: true, subtree: true });""")
    visit(page, url)
    assert set(page.evaluate("window.sheets")) == {"hidden"}
    page.close()
