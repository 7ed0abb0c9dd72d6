"""What a network rehearses while it is taught, so that it forgets nothing, and the printed characters it is tested on.

All of it comes from what ships: the sample data set, and made-up writers (`train.handwriting.writers`). What the stages
before the taught ones make of these images takes most of a lesson's time and is the same in every lesson of a network,
so it is kept in the user's cache folder, by a fingerprint of the network and of what made it.
"""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from fontdemo.alphabet import CHARACTERS
from fontdemo.files import atomic_write
from fontdemo.network.network import Network
from train.data.sample import sample_file, sample_set
from train.fonts.cache import cache_folder
from train.handwriting.writers import write_all
from train.loop.augment import paper, plain
from train.loop.outliers import outliers

#: Of the rehearsed images: faces of the sample set's training part (all classes of each), made-up writers in each of
#: the two layouts (all characters of each), and images of no character.
FACES, WRITERS, OUTLIERS = 16, 12, 140

#: Seed of what is rehearsed. It must not be that of writers which a lesson is measured on.
SEED = 20_000

# What decides which images are rehearsed, below train/; a change in any makes them anew.
_SOURCES = ("teach/rehearsal.py", "loop/augment.py", "loop/outliers.py", "handwriting/writers.py",
            "handwriting/letterforms.py", "handwriting/letterforms.txt", "handwriting/pen.py")  # fmt: skip

# Files kept at most, the oldest go first; one takes some 15 MB.
_MOST_FILES = 8

_BATCH = 100


@dataclass(frozen=True)
class Rehearsal:
    """Inputs of the taught stages, float32 (N, ...), for what is rehearsed and for the printed characters.

    before: what the network before the lesson made of the former, logits (N, classes). labels: of the printed ones.
    """

    rehearsed: Tensor
    before: Tensor
    printed: Tensor
    labels: Tensor


def rehearsal(network: Network, frozen: nn.Module, taught: nn.Module) -> Rehearsal:
    """Of this network, whose stages are divided into those that stay and those that are taught; kept or made anew."""
    file = cache_folder() / "teach" / f"{_key(network, frozen)}.safetensors"
    kept = _load(file)
    if kept is None:
        kept = _made(network, frozen)
        _save(kept, file)
    rehearsed, printed = kept["rehearsed"].float(), kept["printed"].float()
    with torch.no_grad():
        return Rehearsal(rehearsed, taught(rehearsed), printed, kept["labels"])


def inputs_of(frozen: nn.Module, images: Tensor) -> Tensor:
    """What the stages that stay, in evaluation mode, make of float32 images (N, 1, 100, 100): float32 (N, ...).

    By two threads, for the page's process gives torch only one; each takes whole batches, so the numbers are the same.
    """

    def through(at: int) -> Tensor:
        with torch.no_grad():  # which holds for the thread that says it
            return torch.as_tensor(frozen(images[at : at + _BATCH].contiguous(memory_format=torch.channels_last)))

    with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        return torch.cat([*pool.map(through, range(0, len(images), _BATCH))])


def varied(images: Tensor, generator: torch.Generator) -> Tensor:
    """uint8 (N, 100, 100) -> float32 (N, 1, 100, 100), each changed as the recipe `best` changes its images."""
    return torch.cat([paper(images[at : at + _BATCH], generator) for at in range(0, len(images), _BATCH)])


def _made(network: Network, frozen: nn.Module) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(SEED)
    images, printed, labels = _images(network, generator)
    return {
        "rehearsed": inputs_of(frozen, images).half(),
        "printed": inputs_of(frozen, printed).half(),
        "labels": labels,
    }


def _images(network: Network, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """float32 (N, 1, 100, 100) to rehearse; then the printed characters to test on, and their labels."""
    data = sample_set()
    rng = np.random.default_rng(SEED)
    shown, _ = data.part("train")
    chosen = _faces(data.face[data.split == 0], FACES, rng)
    hands = [write_all(WRITERS, CHARACTERS, layout, SEED, workers=1).reshape(-1, 100, 100) for layout in
             ("course", "fit")]  # fmt: skip
    characters = torch.from_numpy(np.concatenate([shown[chosen], *hands]))
    characters = characters[torch.randperm(len(characters), generator=generator)]
    rehearsed = torch.cat([varied(characters, generator), outliers(characters[:OUTLIERS], generator)])
    tested, classes = data.part("valid")
    known = [(at, label) for at, found in enumerate(classes.tolist())
             if (label := network.alphabet.label(data.alphabet.classes[found])) is not None]  # fmt: skip
    indices, labels = (list(column) for column in zip(*known, strict=True))
    return rehearsed, plain(torch.from_numpy(tested[indices])), torch.tensor(labels)


def _faces(face: NDArray[np.int64], count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """The indices of the images of `count` of the faces."""
    some = rng.permutation(np.unique(face))[:count]
    return np.flatnonzero(np.isin(face, some))


def _key(network: Network, frozen: nn.Module) -> str:
    digest = hashlib.sha256(repr((network.alphabet.name, torch.__version__, sample_file().stat().st_size)).encode())
    for source in _SOURCES:
        digest.update((Path(__file__).parents[1] / source).read_bytes())
    for name, values in frozen.state_dict().items():
        digest.update(name.encode())
        digest.update(values.contiguous().numpy().tobytes())
    return digest.hexdigest()[:40]


def _load(file: Path) -> dict[str, Tensor] | None:
    try:
        kept = load_file(file)
    except (OSError, SafetensorError):
        return None
    return kept if {"rehearsed", "printed", "labels"} <= set(kept) else None


def _save(kept: dict[str, Tensor], file: Path) -> None:
    """Keep it if it can be kept: it is only ever a help."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(file) as fresh:
            save_file(kept, fresh)
        old = sorted(file.parent.glob("*.safetensors"), key=lambda path: path.stat().st_mtime)
        for path in old[:-_MOST_FILES]:
            path.unlink(missing_ok=True)
    except OSError:
        pass
