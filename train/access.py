"""Who may do what in the Train tab: everything at home; on a public Space only what its host allows.

The environment decides: SPACE_ID is set on a Hugging Face Space, FONTDEMO_TRAINING=on is the host's word.
The handlers ask here as well as the buttons, since a stranger's request need not come from a button.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fontdemo.errors import FontdemoError
from train.loop.recipe import Recipe


class NotAllowedError(FontdemoError):
    """What was asked for is not allowed here."""


@dataclass(frozen=True)
class Limits:
    """The most that one run may ask for, and how many runs are kept. faces: of the fonts found here."""

    epochs: int = 10_000
    minutes: float = 60.0 * 24 * 7
    faces: int = 100_000
    upload_bytes: int = 1 << 30
    upload_images: int = 1_000_000
    runs: int = 1000


#: On a Space that many share.
PUBLIC = Limits(epochs=30, minutes=15.0, faces=300, upload_bytes=64 << 20, upload_images=40_000, runs=40)


@dataclass(frozen=True)
class Access:
    """train: start, stop and resume runs, pin drawings, upload data. manage: rename and delete runs, train on files of
    this machine by their path, use this machine's own login to the Hub."""

    train: bool
    manage: bool
    limits: Limits

    def require_train(self) -> None:
        """NotAllowedError where training is off."""
        if not self.train:
            raise NotAllowedError("Training is off on this page: its runs are there to look at.")

    def require_manage(self) -> None:
        """NotAllowedError where visitors may not change what others made."""
        if not self.manage:
            raise NotAllowedError("This is for the host of the page only.")

    def check(self, recipe: Recipe) -> None:
        """NotAllowedError if the recipe asks for more than a run may have here."""
        if recipe.epochs > self.limits.epochs:
            raise NotAllowedError(f"At most {self.limits.epochs} epochs here.")
        if recipe.minutes > self.limits.minutes:
            raise NotAllowedError(f"At most {self.limits.minutes:g} minutes here.")


def access(environment: Mapping[str, str]) -> Access:
    """What is allowed in this environment."""
    if not environment.get("SPACE_ID"):
        return Access(train=True, manage=True, limits=Limits())
    allowed = environment.get("FONTDEMO_TRAINING", "").strip().lower() == "on"
    return Access(train=allowed, manage=False, limits=PUBLIC)
