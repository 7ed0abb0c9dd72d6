"""Who may do what in the Train tab: everything at home; elsewhere only what the host of the page allows.

The environment decides. At home means that only this machine can reach the page (`fontdemo.ui.gate.host`) and that
FONTDEMO_HOST_SECRET is not set. Elsewhere FONTDEMO_TRAINING says what visitors may train: `quick` (unless it says
otherwise), small runs on the sample; `on`, longer ones on fonts and uploads too; `off`, nothing. Whoever knows
FONTDEMO_HOST_SECRET is the host there. A run belongs to the browser that started it, which proves it by a random secret
that it keeps; the run's folder holds only the secret's SHA-256, in the file OWNER. A run without one is the host's.

The handlers ask here as well as the buttons, since a stranger's request need not come from a button.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fontdemo.errors import FontdemoError
from fontdemo.files import open_plain
from fontdemo.ui.gate.host import anyone_is_host, host_secret

#: The file of a run's folder that says whose it is.
OWNER = "owner"

#: How long a browser's secret and a host's may be.
_SECRET = (16, 200)


class NotAllowedError(FontdemoError):
    """What was asked for is not allowed here."""


@dataclass(frozen=True)
class Limits:
    """The most that one run may ask for, and how many runs are kept. faces: of the fonts found here.

    parameters: of its network; values, products: of one step's whole batch (`fontdemo.network.network.Demand`); the
    report's network may have the largest batch there is. sample_only: it is trained on the sample that ships.
    """

    epochs: int = 10_000
    minutes: float = 60.0 * 24 * 7
    faces: int = 100_000
    upload_bytes: int = 1 << 30
    upload_images: int = 1_000_000
    runs: int = 1000
    parameters: int = 1 << 62
    values: int = 1 << 62
    products: int = 1 << 62
    sample_only: bool = False


# On a page that many share. A step: about 3 GB of memory, and some seconds on two cores. A run: about 100 MB of disk.
_SIZE = Limits(parameters=3_000_000, values=250_000_000, products=100_000_000_000)

#: On a page that many share, unless its host says otherwise: enough for a quick try and what one changes in it.
QUICK = replace(
    _SIZE, epochs=5, minutes=5.0, faces=2, upload_bytes=20 << 20, upload_images=0, runs=40, sample_only=True
)

#: On a page that many share, if its host allows more.
PUBLIC = replace(
    _SIZE, epochs=30, minutes=15.0, faces=300, upload_bytes=64 << 20, upload_images=40_000, runs=40
)


@dataclass(frozen=True)
class Access:
    """What any visitor may do, or, made by `of`, what one of them may.

    train: start runs, pin drawings, upload data; stop, resume, rename, delete and push the runs that are one's own.
    manage: be the host: do so with every run, train on files of this machine by their path, use this machine's own
    login to the Hub. browser: the hash of the visitor's secret, "" if there is none. host: the hash of the host's.
    """

    train: bool
    manage: bool
    limits: Limits
    browser: str = ""
    host: str = ""

    def of(self, sent: object) -> Access:
        """What the visitor may do who sent this: a record {"browser": secret, "host": what was typed}, or anything."""
        record: Mapping[str, Any] = sent if isinstance(sent, dict) else {}
        browser, typed = _hash(record.get("browser")), _hash(record.get("host"))
        host = self.manage or bool(self.host and hmac.compare_digest(typed, self.host))
        limits = PUBLIC if host and self.limits.sample_only else self.limits
        return replace(self, train=self.train or host, manage=host, browser=browser, limits=limits)

    def owns(self, folder: Path) -> bool:
        """Whether the run in `folder` is this visitor's to change."""
        owner = owner_of(folder)
        return self.manage or bool(self.train and owner and self.browser and hmac.compare_digest(owner, self.browser))

    def require_owner(self, folder: Path) -> None:
        """NotAllowedError unless the run in `folder` is this visitor's, or training is off."""
        self.require_train()
        if not self.owns(folder):
            raise NotAllowedError(f"“{folder.name}” is another visitor's run. You can look at it, but not change it.")

    def starter(self, starter: str) -> bool:
        """Whether a preparation is this visitor's to stop. starter: the `browser` of who began it."""
        return self.manage or bool(self.train and starter and hmac.compare_digest(starter, self.browser))

    def require_starter(self, starter: str, name: str) -> None:
        """NotAllowedError unless the preparation of the run `name` is this visitor's."""
        if not self.starter(starter):
            raise NotAllowedError(f"“{name}” is another visitor's run. You can look at it, but not change it.")

    def require_train(self) -> None:
        """NotAllowedError where training is off."""
        if not self.train:
            raise NotAllowedError("Training is off on this page. You can look at its runs.")

    def require_fonts(self) -> None:
        """NotAllowedError where this machine's fonts are not for visitors to look at or draw."""
        self.require_train()
        if self.limits.sample_only:
            raise NotAllowedError("This page has only the sample. Run it on your own machine to use fonts.")

    def require_start(self) -> None:
        """NotAllowedError where training is off, or for a browser without a secret: its run would be no one's."""
        self.require_train()
        if not self.manage and not self.browser:
            raise NotAllowedError("Reload the page and start again: it has lost track of your browser.")

    def require_manage(self) -> None:
        """NotAllowedError where visitors may not change what others made."""
        if not self.manage:
            raise NotAllowedError("Only the page's host can do this.")

    def claim(self, folder: Path) -> None:
        """Make the run in `folder` this visitor's; the host's runs carry no name."""
        if not self.manage:
            (folder / OWNER).write_text(self.browser, encoding="ascii")

    def check(self, epochs: int, minutes: float) -> None:
        """NotAllowedError if this asks for more than a run may have here."""
        if epochs > self.limits.epochs:
            one = self.limits.epochs == 1
            raise NotAllowedError("At most 1 epoch here." if one else f"At most {self.limits.epochs} epochs here.")
        if minutes > self.limits.minutes:
            raise NotAllowedError(f"At most {self.limits.minutes:g} minutes here.")

    def check_network(self, batch: int, parameters: int, values: int, products: int) -> None:
        """NotAllowedError if the network, or a step of it on `batch` images, asks for more than it may here.

        values, products: of one image.
        """
        if parameters > self.limits.parameters:
            raise NotAllowedError(f"At most {self.limits.parameters:,} parameters here.")
        most = min(self.limits.values // max(1, values), self.limits.products // max(1, products))
        if batch > most:
            raise NotAllowedError(f"At most {most:,} images in a batch of this network here.")


def access(environment: Mapping[str, str], server_name: str | None = None) -> Access:
    """What is allowed in this environment. server_name: what the page is bound to, if not by the environment.

    FontdemoError if the host's secret is too short to be one.
    """
    secret = host_secret(environment)
    if secret and not _hash(secret):
        raise FontdemoError(f"FONTDEMO_HOST_SECRET must have {_SECRET[0]} to {_SECRET[1]} characters.")
    if anyone_is_host(environment, server_name):
        return Access(train=True, manage=True, limits=Limits())
    allowed = environment.get("FONTDEMO_TRAINING", "").strip().lower() or "quick"
    limits = PUBLIC if allowed == "on" else QUICK
    return Access(train=allowed in ("on", "quick"), manage=False, limits=limits, host=_hash(secret))


def owner_of(folder: Path) -> str:
    """The hash of the secret of the browser that started the run in `folder`; "" for a run of the host."""
    try:
        with open_plain(folder / OWNER) as file:
            text = file.read(65).decode("ascii", errors="replace").strip()
    except OSError:
        return ""
    return text if re.fullmatch("[0-9a-f]{64}", text) else ""


def _hash(secret: object) -> str:
    """The SHA-256 of a secret; "" for what cannot be one."""
    if not isinstance(secret, str) or not _SECRET[0] <= len(secret.strip()) <= _SECRET[1]:
        return ""
    return hashlib.sha256(secret.strip().encode("utf-8", errors="replace")).hexdigest()
