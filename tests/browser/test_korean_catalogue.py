"""How the browser looks Korean texts up: by their places, and at next to no cost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page


@pytest.fixture
def page(context: BrowserContext, url: str) -> Iterator[Page]:
    """The texts themselves, from where the page has them and the scripts too: nothing of Gradio's is needed."""
    page = context.new_page()
    page.goto(f"{url}fontdemo/i18n/ko.json")
    yield page
    page.close()


@pytest.mark.alone
def test_what_changes_while_the_pen_moves_costs_next_to_nothing(page: Page) -> None:
    took = page.evaluate("""async () => {
      const { Catalogue, Translator } = await import(new URL('translate.js', location.href));
      const catalogue = new Catalogue(await (await fetch(location.href)).json());
      const time = (texts) => {
        const began = performance.now();
        for (const text of texts) catalogue.translated(text);
        return (performance.now() - began) / texts.length;
      };
      const fresh = time(Array.from({ length: 300 }, (_, n) => `Filter ${n} of them is not known.`));
      const numbers = time(Array.from({ length: 3000 }, (_, n) => `T ${n / 10} %`));
      const said = ['This is capital T.', 'Probably capital C or small c.'];
      const known = time(Array.from({ length: 3000 }, (_, n) => said[n % 2]));
      const long = time([`${'a1, b2, '.repeat(124)}c or d`]);
      const split = time([`${'ab and '.repeat(28)}c`]); // in very many ways
      // Gradio's settings stand in a script of the page, a text of half a million letters.
      const part = document.createElement('div');
      part.append(document.createElement('script'), `${'a1, b2, '.repeat(60_000)}c or d`);
      part.firstChild.type = 'application/json';
      part.firstChild.textContent = `${'a1, b2, '.repeat(60_000)}e or f`;
      const began = performance.now();
      new Translator(catalogue).start(part);
      return { fresh, numbers, known, long, split, start: performance.now() - began };
    }""")
    assert took["fresh"] < 2 and took["numbers"] < 0.02 and took["known"] < 0.02, took  # milliseconds a text
    assert took["long"] < 300 and took["split"] < 300 and took["start"] < 100, took


def test_a_text_is_looked_up_by_its_places(page: Page) -> None:
    told = page.evaluate("""async () => {
      const { Catalogue } = await import(new URL('translate.js', location.href));
      const catalogue = new Catalogue({
        'Done.': '끝.', 'small {0:c}': '소문자 {0}', '{0:t} or {1:t}': '{0} 또는 {1}', '{0:n} of {1:n}': '{1} 중 {0}',
        '{0} is gone.': '{0}: 없음.', 'red': '빨강', '{0:w}, map {1:n}': '{0}, {1}번 맵',
      });
      return [
        '  Done.\\n', 'small c or small C', 'small c or large', '3 of 1,024', 'three of four', 'A b is gone. Done.',
        'Conv1, map 3', 'The Conv1, map 3', 'red, 3', 'red, rod', '12 %', 'x', 'Done. Nothing known.',
      ].map((text) => catalogue.translated(text));
    }""")
    assert told == [
        "  끝.\n", "소문자 c 또는 소문자 C", None, "1,024 중 3", None, "A b: 없음. 끝.",
        "Conv1, 3번 맵", None, "빨강, 3", None, None, None, "끝. Nothing known.",
    ]  # fmt: skip
