"""Templates escape what they are given and refuse to guess; numbers for people."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest
from markupsafe import Markup

from fontdemo.ui.html import count, duration, memory, number, percent, render
from tests.support.servers.pageserver import ROOT


def test_what_is_given_is_escaped_unless_it_is_html() -> None:
    assert "&lt;b&gt;" in render("data/error.html", error="<b>")
    assert "<b>" in render("data/error.html", error=Markup("<b>"))
    with pytest.raises(jinja2.UndefinedError):
        render("data/error.html")


def test_every_template_is_used_and_compiles() -> None:
    templates = [file for package in ("fontdemo", "train") for file in (ROOT / package).rglob("templates/**/*.html")]
    sources = "\n".join(file.read_text(encoding="utf-8") for file in [*_modules(), *templates])
    environment = jinja2.Environment()
    for file in templates:
        environment.parse(file.read_text(encoding="utf-8"))
        assert f'"{file.parent.name}/{file.name}"' in sources, file
        assert "|safe" not in file.read_text(encoding="utf-8").replace(" ", ""), file
    assert templates


def _modules() -> list[Path]:
    return [file for package in ("fontdemo", "train") for file in (ROOT / package).rglob("*.py")]


def test_numbers_for_people() -> None:
    assert [count(7), count(1_234_567)] == ["7", "1,234,567"]
    assert [number(value) for value in (0.0004, -1.5, 1234.5)] == ["0", "−1.5", "1.23e+03"]
    assert [percent(0.98765), percent(0.98765, 2), percent(None)] == ["98.8 %", "98.77 %", "–"]
    assert [duration(s) for s in (0, 7.9, 750, 3723)] == ["0:00", "0:07", "12:30", "1:02:03"]
    assert [memory(size) for size in (512_000_000, 1_400_000_000)] == ["512 MB", "1.4 GB"]
