"""Which field or choice has the focus can be seen, in light colours and in dark ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

LINE = "(e) => { const s = getComputedStyle(e); return [s.outlineStyle, s.outlineWidth]; }"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_field_shows_that_it_has_the_focus(open_page: Callable[..., Page], theme: str) -> None:
    page = open_page(theme=theme)
    page.keyboard.press("Tab")  # from here on by keyboard
    choices = [f"#among input >> nth={n}" for n in (0, 1)]
    for name, shows in [("#network input", "#network .wrap:has(input)"), *zip(choices, choices, strict=True)]:
        page.locator(name).focus()
        assert page.locator(shows).evaluate(LINE) == ["solid", "2px"], name
