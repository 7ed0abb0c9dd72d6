"""HTML from templates, with everything escaped that is not marked as HTML; and numbers as people write them.

A view gathers values and calls `render`; its template lies in `templates/<tab>/` of fontdemo/ui or train/ui.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jinja2

_UI = Path(__file__).parent


def render(template: str, /, **values: Any) -> str:
    """`template`, as "data/facts.html", filled with `values`; all but markupsafe.Markup is escaped.

    jinja2.UndefinedError if the template uses a value that is not given.
    """
    return _environment().get_template(template).render(values)


def script(file: Path) -> str:
    """The script in `file` as HTML for the page's head."""
    return f"<script>{file.read_text(encoding='utf-8')}</script>"


@cache
def _environment() -> jinja2.Environment:
    folders = [_UI / "templates", _UI.parent.parent / "train" / "ui" / "templates"]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"count": count, "number": number, "percent": percent, "duration": duration}
    return environment


def count(value: int) -> str:
    """1234567 as 1,234,567."""
    return f"{value:,}"


def number(value: float) -> str:
    """Three significant figures with a real minus sign; what rounds to 0 at three decimals is 0."""
    return "0" if abs(value) < 0.0005 else f"{float(value):.3g}".replace("-", "−")


def percent(fraction: float | None, digits: int = 1) -> str:
    """A fraction of 0..1 as 98.8 %; a dash for None."""
    return "–" if fraction is None else f"{100 * fraction:.{digits}f} %"


def duration(seconds: float) -> str:
    """Seconds as 0:07, 12:30 or 1:02:03."""
    whole = int(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def memory(size: int) -> str:
    """Bytes as 512 MB or 1.4 GB."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
