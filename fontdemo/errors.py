"""The one base of every error that is the user's to mend; its text is a plain sentence, shown as it is."""

from __future__ import annotations


class FontdemoError(Exception):
    """Something the user gave cannot be used; str() says what and, where possible, what would do instead."""


class GlyphError(FontdemoError):
    """A drawing or a picture in which no character can be read; says what is wrong with it."""
