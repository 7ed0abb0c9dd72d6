"""The base of every error that a person can mend; its text is a plain sentence, shown as it is."""

from __future__ import annotations

import re

# A whole path in quotes, which may hold blanks; or one without blanks. Addresses and fractions (a/b) are neither.
_QUOTED = re.compile(r"""(["'])/[^"'\n]*/([^"'/\n]+)/?\1""")
_PLAIN = re.compile(r"""(?<![\w/:.~<])~?/(?:[^/\s"'<>|:;,()]+/)+([^/\s"'<>|:;,()]*)""")


def without_paths(text: str) -> str:
    """`text` with only the last part of each absolute path: how this machine is laid out is no stranger's to know."""
    return _PLAIN.sub(r"\1", _QUOTED.sub(r"\1\2\1", text))


class FontdemoError(Exception):
    """Something the user gave cannot be used; str() says what and, where possible, what would do instead."""


class GlyphError(FontdemoError):
    """A drawing or a picture in which no character can be read; says what is wrong with it."""
