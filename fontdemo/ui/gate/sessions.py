"""What the server keeps of a visitor's session: the states that its handlers have, and nothing else.

Gradio also keeps what every part of the page was last given and last showed, of a thousand sessions, to make links of
(deep links). There are none here, an answer may be tens of megabytes, and an agent's every call is a session.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from gradio import state_holder


class Session(state_holder.SessionState):
    """Gradio's session without the values of its parts."""

    def __init__(self, blocks: Any) -> None:
        # Without parts, so that it makes no record of them.
        super().__init__(SimpleNamespace(default_config=blocks.default_config, blocks=()))  # type: ignore[arg-type]

    def __setitem__(self, key: int, value: Any) -> None:
        super().__setitem__(key, value)
        self.config_values.clear()

    def _update_config(self, key: int) -> None:
        pass

    def _update_value_in_config(self, key: int, value: Any) -> None:
        pass


def install() -> None:
    """Have Gradio make the sessions of this process so."""
    state_holder.SessionState = Session  # type: ignore[misc]
