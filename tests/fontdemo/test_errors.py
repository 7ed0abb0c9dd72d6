"""fontdemo.errors: what is said to strangers names no folder of this machine."""

from __future__ import annotations

import pytest

from fontdemo.errors import FontdemoError, GlyphError, without_paths


@pytest.mark.parametrize(
    "said, wanted",
    [
        ("Can't read /home/ann/runs/first/state.json: no space.", "Can't read state.json: no space."),
        ("no folder '/srv/my fonts/new'", "no folder 'new'"),
        ("at ~/x/y.npz", "at y.npz"),
        ("see https://example.org/a/b", "see https://example.org/a/b"),
        ("3/4 of 52 classes, 1/2", "3/4 of 52 classes, 1/2"),
    ],
)
def test_only_the_last_part_of_a_path_is_said(said: str, wanted: str) -> None:
    assert without_paths(said) == wanted


def test_a_glyphs_error_is_one_of_ours() -> None:
    assert issubclass(GlyphError, FontdemoError)
