"""How the page looks: a Gradio theme of our own and its style sheets, for light and dark; system fonts only."""

from __future__ import annotations

from pathlib import Path

from gradio.themes import Base
from gradio.themes.utils import sizes
from gradio.themes.utils.colors import Color

from fontdemo.ui.images import scale_colours

_HERE = Path(__file__).parent

_EMBER = Color(
    name="ember",
    c50="#fff6ed", c100="#ffead5", c200="#fdd0a8", c300="#fbae70", c400="#f58737", c500="#e0600f", c600="#c14d09",
    c700="#9c3c0b", c800="#7c3110", c900="#642a11", c950="#371206",
)  # fmt: skip
_PAPER = Color(
    name="paper",
    c50="#faf9f6", c100="#f3f1ec", c200="#e6e2d9", c300="#cfc9bd", c400="#a39c8f", c500="#787266", c600="#5b564c",
    c700="#3a3731", c800="#24221f", c900="#1a1917", c950="#121110",
)  # fmt: skip
_SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Liberation Sans", "sans-serif")
_MONO = ("ui-monospace", "SFMono-Regular", "Cascadia Mono", "Menlo", "Consolas", "Liberation Mono", "monospace")


def theme() -> Base:
    """The theme of all of Gradio's own parts; paper and ink, with one warm accent, as in the pictures of the stages."""
    return Base(
        primary_hue=_EMBER, secondary_hue=_EMBER, neutral_hue=_PAPER, font=_SANS, font_mono=_MONO,
        radius_size=sizes.radius_md, text_size=sizes.text_md,
    ).set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        body_text_color="#1b1a17",
        body_text_color_dark="#ece8df",
        body_text_color_subdued="#676156",
        body_text_color_subdued_dark="*neutral_400",
        background_fill_primary="#ffffff",
        background_fill_primary_dark="*neutral_900",
        background_fill_secondary="*neutral_100",
        background_fill_secondary_dark="*neutral_800",
        block_background_fill="#ffffff",
        block_background_fill_dark="*neutral_900",
        block_border_color="*neutral_200",
        block_border_color_dark="*neutral_700",
        border_color_primary="*neutral_200",
        border_color_primary_dark="*neutral_700",
        block_shadow="none",
        block_shadow_dark="none",
        input_background_fill="*neutral_100",  # on a white card: that it can be filled in must be seen
        input_background_fill_dark="*neutral_800",
        input_placeholder_color="#676156",
        color_accent="*primary_600",
        link_text_color="*primary_700",
        # White on these is 4.5 to 1 or more.
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_dark="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_hover_dark="*primary_700",
        link_text_color_dark="*primary_400",
    )  # fmt: skip


def styles() -> str:
    """The style sheet of the page's own parts; the legends take their colours from the pictures' scale."""
    both = scale_colours()
    warm = both[len(both) // 2 :]
    scales = "".join(
        f"--scale-{name}: linear-gradient(90deg, {', '.join(colours)});"
        for name, colours in (("both", both), ("warm", warm))
    )
    return f":root {{ {scales} }}\n{sheets(_HERE)}"


def sheets(folder: Path) -> str:
    """Every style sheet below `folder`, those at its top first."""
    files = sorted(folder.rglob("*.css"), key=lambda file: (len(file.parts), file))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)
