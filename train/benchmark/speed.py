"""How fast training goes: the report's way and ours side by side, in one run on the same images.

The report's way: torch's DataLoader over a folder of .npy files, one an image, in batches of 50, read in the training
process; the network in torch's default layout; plain Adam; `.item()` after each step. Ours: `train.loop.fit`'s steps.
Each way has a process of its own, as a plain script has it, or as `train run` sets it up. They take turns round by
round, so that a busy machine slows all alike, and medians are compared. Files are read from the page cache, which
favours the report's way, and so does a network that has just begun: later on tiny numbers slow down whoever keeps them.
The figures of the CUDA path are unmeasured.
"""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from fontdemo import memory
from fontdemo.alphabet import get_alphabet, to_hex
from fontdemo.errors import FontdemoError
from fontdemo.network.network import Network
from train.loop import checkpoint
from train.loop.evaluate import evaluate
from train.loop.fit import Fit
from train.loop.recipe import Recipe
from train.runs.folder import RunFolder
from train.runs.trainer import STATE_FILE

#: The report's training and validation images, and its epochs.
TRAIN_IMAGES, VALID_IMAGES, EPOCHS = 41_600, 15_600, 15

Images = tuple[Tensor, Tensor]
Arrays = tuple[NDArray[np.uint8], NDArray[np.int64]]

#: Images a second of one pass of a way, "train" or "validate".
Pacer = Callable[[str], float]
Clock = Callable[[], float]


@dataclass(frozen=True)
class Pace:
    """Images a second in training and in validation."""

    train: float
    valid: float

    @property
    def minutes(self) -> float:
        """What the report's epochs over the report's numbers of images take."""
        return EPOCHS * (TRAIN_IMAGES / self.train + VALID_IMAGES / self.valid) / 60


class Pipeline(Protocol):
    """A way to train: both methods return the number of images they worked through, the device's work done."""

    def train(self) -> int:
        """One pass over the images in training."""
        ...

    def validate(self) -> int:
        """One pass over the images in reading."""
        ...


class Ours:
    """`train.loop.fit`'s steps over images in memory. channels_last: its memory layout; False: torch's default one."""

    def __init__(self, recipe: Recipe, images: Images, device: torch.device, *, channels_last: bool = True) -> None:
        self.fit = Fit(recipe, images, images, device)
        if not channels_last:
            self.fit.network.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
        self.order = torch.randperm(len(images[0]), generator=torch.Generator().manual_seed(0)).to(device)

    def train(self) -> int:
        """One pass over the images in training."""
        self.fit.network.train()
        for indices in torch.split(self.order, self.fit.recipe.batch):
            self.fit.stepper.step(indices, self.fit.recipe.learning_rate)
        self.fit.stepper.sums.tolist()  # waits for the device
        return len(self.order)

    def validate(self) -> int:
        """One pass over the images in reading."""
        evaluate(self.fit.network, self.fit.valid_images, self.fit.valid_labels, bf16=self.fit.bf16)
        return len(self.order)


class _Folder(Dataset[tuple[Tensor, int]]):
    """The files of a folder as the course reads them: float32 (1, 100, 100), paper 1, ink 0."""

    def __init__(self, folder: Path, labels: Mapping[str, int]) -> None:
        self.files = sorted(folder.glob("*/*.npy"))
        self.labels = labels

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        file = self.files[index]
        image = np.load(file)["image"]
        return torch.from_numpy(image).float() / 255, self.labels[file.parent.name]


class Report:
    """The report's way, over the images of `folder` as `write_folder` left them."""

    def __init__(self, recipe: Recipe, folder: Path, device: torch.device) -> None:
        labels = {to_hex(character): index for index, character in enumerate(get_alphabet(recipe.alphabet).classes)}
        files = _Folder(folder, labels)
        self.shuffled = DataLoader(files, batch_size=50, shuffle=True)
        self.ordered = DataLoader(files, batch_size=50)
        self.device = device
        self.network = Network(recipe.architecture, recipe.alphabet, recipe.options).to(device)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=recipe.learning_rate)

    def train(self) -> int:
        """One pass over the images in training."""
        self.network.train()
        seen, error, right = 0, 0.0, 0
        for batch, answers in self.shuffled:
            images, labels = batch.to(self.device), answers.to(self.device)
            logits = self.network(images)
            loss = F.cross_entropy(logits, labels)
            self.optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimizer.step()
            error += loss.item() * len(labels)
            right += int((logits.argmax(1) == labels).sum().item())
            seen += len(labels)
        return seen

    @torch.no_grad()
    def validate(self) -> int:
        """One pass over the images in reading."""
        self.network.eval()
        seen, error, right = 0, 0.0, 0
        for batch, answers in self.ordered:
            images, labels = batch.to(self.device), answers.to(self.device)
            logits = self.network(images)
            error += F.cross_entropy(logits, labels).item() * len(labels)
            right += int((logits.argmax(1) == labels).sum().item())
            seen += len(labels)
        return seen


def write_folder(folder: Path, images: NDArray[np.uint8], labels: NDArray[np.int64], alphabet: str) -> None:
    """Write images (N, 100, 100), ink 255, as the course's files: HEX/N_HEX.npy, `image` (1, 100, 100), paper 255."""
    names = [to_hex(character) for character in get_alphabet(alphabet).classes]
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        home = folder / names[label]
        home.mkdir(parents=True, exist_ok=True)
        held = np.zeros((), dtype=[("image", np.uint8, (1, *image.shape))])
        held["image"] = 255 - image
        np.save(home / f"{number}_{names[label]}.npy", held)


def ours(recipe: Recipe, arrays: Arrays, device: torch.device, channels_last: bool = True) -> Ours:
    """Our way, in a process set up as `train run` does it. arrays: images (N, 100, 100) and labels (N,)."""
    memory.keep()
    images, labels = map(torch.from_numpy, arrays)
    return Ours(recipe, (images, labels), device, channels_last=channels_last)


def report(recipe: Recipe, folder: Path, device: torch.device) -> Report:
    """The report's way, in a process left as it is."""
    torch.manual_seed(recipe.seed)
    return Report(recipe, folder, device)


def paced(way: Pipeline, clock: Clock = time.perf_counter) -> Pacer:
    """The pace of a way in this process, by this clock."""

    def pace(work: str) -> float:
        began = clock()
        images = way.train() if work == "train" else way.validate()
        return images / (clock() - began)

    return pace


@contextmanager
def apart(make: Callable[[], Pipeline], threads: int, clock: Clock = time.perf_counter) -> Iterator[Pacer]:
    """`paced`, in a process of its own that torch has so many threads in. FontdemoError once that process has died."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    child = spawn.Process(target=_serve, args=(there, make, threads, clock), daemon=True)
    child.start()
    there.close()

    def pace(work: str) -> float:
        try:
            here.send(work)
            return float(here.recv())
        except (EOFError, OSError):
            raise FontdemoError("a process that was to be measured has ended; see its message above") from None

    try:
        yield pace
    finally:
        here.close()
        child.join()


def _serve(asked: Connection, make: Callable[[], Pipeline], threads: int, clock: Clock) -> None:
    torch.set_num_threads(threads)
    pace = paced(make(), clock)
    with suppress(EOFError):  # there is no more to be measured
        while True:
            asked.send(pace(asked.recv()))


def compare(ways: Mapping[str, Pacer], rounds: int, round_done: Callable[[], object] = lambda: None) -> dict[str, Pace]:
    """The median pace of each way over so many rounds in turns, after one round that does not count."""
    train: dict[str, list[float]] = {name: [] for name in ways}
    valid: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds + 1):
        for name, pace in ways.items():
            train[name].append(pace("train"))
            valid[name].append(pace("validate"))
        round_done()
    return {name: Pace(statistics.median(train[name][1:]), statistics.median(valid[name][1:])) for name in ways}


def denormal_effect(folder: Path, images: Images) -> tuple[float, float]:
    """Images a second in training with the state of the run in `folder`: (flushed to zero, left as they are).

    On the CPU, each in a process of its own, since threads keep the mode that they were started in.
    FontdemoError if the run has no saved state, or was trained on CUDA.
    """
    spawn = multiprocessing.get_context("spawn")
    paces = []
    for flush in (True, False):
        with ProcessPoolExecutor(1, spawn) as pool:
            arrays = (images[0].numpy(), images[1].numpy())
            paces.append(pool.submit(_pace_with_state, str(folder), arrays, flush).result())
    return paces[0], paces[1]


def _pace_with_state(folder: str, arrays: Arrays, flush: bool) -> float:
    memory.keep()
    images = (torch.from_numpy(arrays[0]), torch.from_numpy(arrays[1]))
    fit = Fit(RunFolder(Path(folder)).plan().recipe, images, images, torch.device("cpu"), flush_denormals=flush)
    fit.restore(*checkpoint.load(Path(folder) / STATE_FILE))
    fit.network.train()
    batches = torch.split(torch.arange(len(images[0])), fit.recipe.batch)
    took = []
    for _ in range(3):
        began = time.perf_counter()
        for indices in batches:
            fit.stepper.step(indices, fit.recipe.learning_rate)
        took.append(time.perf_counter() - began)
    return len(images[0]) / min(took)
