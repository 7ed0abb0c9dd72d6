"""A run's best network to download as a .zip in the Hub's layout, or to push to the Hub.

The token for the Hub passes through and is kept nowhere: not in a file, not in a log, not in an error's text.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any, Protocol

import httpx
from huggingface_hub import EvalResult, HfApi, ModelCardData, get_token
from huggingface_hub.errors import HfHubHTTPError, HFValidationError

from fontdemo.errors import FontdemoError
from fontdemo.network.pretrained import MODEL, has_weights, too_large

#: What of best/ goes along.
FILES = ("config.json", MODEL, "README.md")

_REPOSITORY = re.compile(r"\w[\w.-]{0,95}/\w[\w.-]{0,95}")


class SharingError(FontdemoError):
    """A network cannot be packed or pushed; says why, and never holds a token."""


class Hub(Protocol):
    """What is used of `huggingface_hub.HfApi`."""

    def create_repo(self, repo_id: str, *, token: str, private: bool, exist_ok: bool) -> Any:
        """Make the repository unless it is there."""

    def upload_folder(
        self, *, repo_id: str, folder_path: Path, token: str, commit_message: str, allow_patterns: list[str]
    ) -> Any:
        """Upload the files of a folder as one commit."""


def card(name: str, text: str, accuracy: float, alphabet: str) -> str:
    """The model card of a run's network. accuracy: 0 to 1, on the validation part of its data."""
    measured = EvalResult(
        task_type="image-classification", dataset_type="fontdemo", dataset_name=f"validation part ({alphabet})",
        metric_type="accuracy", metric_value=round(accuracy, 4),
    )  # fmt: skip
    head = ModelCardData(
        license="mit", library_name="fontdemo", pipeline_tag="image-classification", model_name=name,
        tags=["image-classification", "character-recognition", "fonts"], eval_results=[measured],
    )  # fmt: skip
    return f"---\n{head.to_yaml()}\n---\n# {name}\n\n{text}"


def pack(best: Path, file: Path) -> Path:
    """Write the FILES of best/ into the .zip `file`; that file. SharingError if there is no network."""
    if too_large(best):
        raise SharingError("This run's files are not those of a network.")
    try:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in FILES:
                archive.write(best / name, name)
    except FileNotFoundError:
        raise SharingError("This run has no network yet.") from None
    except OSError as error:
        raise SharingError(f"The network cannot be packed: {error.strerror or 'its disk refused it'}.") from None
    return file


def push(
    best: Path, repository: str, token: str, *, private: bool, use_login: bool, hub: Hub | None = None
) -> str:
    """Push best/ to the Hub as `repository` (OWNER/NAME), which is made if need be; the address of its page.

    token: as typed, may be empty; then, if `use_login`, the one of this machine (HF_TOKEN or `hf auth login`).
    SharingError if anything is missing or the Hub refuses.
    """
    repository, token = repository.strip(), token.strip()
    if not _REPOSITORY.fullmatch(repository):
        raise SharingError("The repository must be named OWNER/NAME, as in ada/font-reader.")
    if not has_weights(best) or too_large(best):
        raise SharingError("This run has no network yet.")
    if not token and use_login:
        token = get_token() or ""
    if not token:
        raise SharingError("This needs a token with write access. Make one at huggingface.co/settings/tokens.")
    hub = HfApi() if hub is None else hub
    try:
        hub.create_repo(repository, token=token, private=private, exist_ok=True)
        hub.upload_folder(
            repo_id=repository,
            folder_path=best,
            token=token,
            commit_message="A network trained with fontdemo",
            allow_patterns=list(FILES),
        )
    except HfHubHTTPError as error:
        # `from None`: the cause's request holds the token in its headers.
        raise SharingError(_reason(error, repository)) from None
    except HFValidationError:
        raise SharingError("The Hub does not accept this repository name.") from None
    except (httpx.HTTPError, OSError, ValueError, RuntimeError):  # the last is how its uploader (hf_xet) fails
        raise SharingError("The Hub cannot be reached, or the upload broke off. Try again later.") from None
    return f"https://huggingface.co/{repository}"


def _reason(error: HfHubHTTPError, repository: str) -> str:
    status = error.response.status_code if error.response is not None else None
    return {
        401: "The Hub does not know this token.",
        403: f"The token has no right to write to {repository}.",
        404: f"There is no such owner, or the token has no right to write to {repository}.",
        409: f"{repository} is being changed by someone else; try again.",
        413: "The files are too large for the Hub.",
        429: "The Hub has had too many requests; try again in a few minutes.",
    }.get(status or 0, f"The Hub refused it (status {status}).")
