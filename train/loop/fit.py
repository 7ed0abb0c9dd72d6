"""The training loop: a generator of events. It prints nothing, knows no files and no page.

The whole data set lies on the device as uint8 and each batch is gathered and augmented there, so there are no loader
processes to feed; one step is in `train.loop.step`.
`Fit.state` and `Fit.restore` hold everything that decides the numbers to come, so a resumed run equals an unbroken one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor

from fontdemo.errors import FontdemoError
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from train.loop.device import Images, in_bfloat16
from train.loop.evaluate import evaluate
from train.loop.frozen import split
from train.loop.recipe import Recipe
from train.loop.step import Stepper
from train.run_state import RunState

#: Images of the validation part that are read for the points inside the first epoch.
MID_EPOCH_IMAGES = 500
#: Points inside the first epoch.
MID_EPOCH_POINTS = 8
#: Steps of the first epoch that are reported besides, so that something is to be seen at once.
EARLY = (3, 10)


def _initial(recipe: Recipe) -> Network:
    """The network that the recipe starts from; FontdemoError if there is none, or it is of another kind."""
    if recipe.start_from not in pretrained.shipped():  # `load` would take a folder, or a repository on the Hub
        raise FontdemoError(f"no weights {recipe.start_from!r} ship here: training cannot go on from them")
    network = pretrained.load(recipe.start_from)
    same = (network.architecture, network.alphabet.name, network.options)
    if same != (recipe.architecture, recipe.alphabet, recipe.options):
        raise FontdemoError(f"{recipe.start_from} is not the recipe's kind of network, so training can't start from it")
    return network


@dataclass(frozen=True)
class Step:
    """A report from inside an epoch.

    epoch: 1-based, the one under way. step of steps: in this epoch. train_error, train_accuracy: since the last report.
    valid_accuracy: on the first images of the validation part, only inside the first epoch (else None).
    images_per_second: since the last report. seconds: training time so far, resumed parts counted in.
    """

    epoch: int
    step: int
    steps: int
    train_error: float
    train_accuracy: float
    valid_accuracy: float | None
    images_per_second: float
    seconds: float


@dataclass(frozen=True)
class Epoch:
    """The end of an epoch: errors are mean cross entropies (nats), accuracies fractions of 0..1.

    previous_best: the lowest validation error before this epoch (infinite at first). improved: this one is lower.
    """

    epoch: int
    train_error: float
    train_accuracy: float
    valid_error: float
    valid_accuracy: float
    previous_best: float
    improved: bool
    seconds: float


@dataclass(frozen=True)
class Done:
    """The last event. reason: how the run ended; seconds: training time in all."""

    reason: RunState
    seconds: float


Event = Step | Epoch | Done


class Fit:
    """One run of a recipe over training and validation images.

    Images are uint8 (N, 100, 100), ink 255; labels int64 (N,) in the alphabet's order. The initial weights come from
    the recipe's seed, or are those that it starts from. choices: bool (N, classes), the classes that each training
    image is chosen from; its loss is taken among them alone. outliers: uint8 (M, 100, 100), training images of no
    character. flush_denormals: a CPU handles the tiny numbers that sigmoid and Adam drift into many times
    slower; they become zero in this process. FontdemoError if a part is empty or a label is outside the alphabet.
    """

    def __init__(
        self,
        recipe: Recipe,
        train: tuple[Tensor | Images, Tensor],
        valid: tuple[Tensor | Images, Tensor],
        device: torch.device,
        *,
        choices: Tensor | None = None,
        outliers: Tensor | Images | None = None,
        flush_denormals: bool = True,
    ) -> None:
        self.recipe = recipe
        self.device = device
        if device.type == "cpu":
            torch.set_flush_denormal(flush_denormals)  # before torch starts its threads, which inherit it
        else:
            torch.backends.cudnn.deterministic = True
        torch.manual_seed(recipe.seed)
        self.network = Network(recipe.architecture, recipe.alphabet, recipe.options)
        if recipe.start_from:
            self.network.load_state_dict(_initial(recipe).state_dict())
        # The layout that convolutions are fastest in; torch's stubs do not know this form of `to`.
        self.network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        for images, labels in (train, valid):
            if not len(images) or len(images) != len(labels):
                raise FontdemoError("training needs images, with one label each, to train on and to validate by")
            if labels.min() < 0 or labels.max() >= len(self.network.alphabet):
                raise FontdemoError(f"the data has labels outside the alphabet {recipe.alphabet}")
        self.images, self.labels = train[0].to(device), train[1].to(device).long()
        self.valid_images, self.valid_labels = valid[0].to(device), valid[1].to(device).long()
        self.bf16 = in_bfloat16(recipe.precision, device)
        self.generator = torch.Generator(device).manual_seed(recipe.seed)
        if choices is not None and recipe.smoothing:
            raise FontdemoError("label smoothing cannot be used where images are chosen from some of the classes only")
        frozen, trained = split(self.network, recipe.first_trained) if recipe.first_trained else (None, None)
        self.stepper = Stepper(
            self.network,
            recipe,
            self.images,
            self.labels,
            self.generator,
            bf16=self.bf16,
            choices=None if choices is None else choices.to(device),
            outliers=None if outliers is None else outliers.to(device),
            frozen=frozen,
            trained=trained,
        )
        self.steps = max(1, -(-len(self.images) // recipe.batch))
        self.epoch, self.step = 0, 0  # epochs ended, and steps taken in the next one
        self.best_error, self.best_epoch = float("inf"), 0
        self.seconds = 0.0
        self._reported = 0

    @property
    def kept(self) -> Network:
        """The network that is validated and kept: the moving average where there is one, else the network itself."""
        average = self.stepper.average
        return self.network if average is None else cast(Network, average.module)

    def run(self, should_stop: Callable[[], bool] = lambda: False, every: int = 50) -> Iterator[Event]:
        """Train on from where the state stands until the recipe's end, its time limit, or `should_stop()`.

        Yields a Step every `every` steps (more often inside the first epoch), an Epoch at each epoch's end, then Done.
        `should_stop` is asked after every step; the step under way is always finished.
        """
        began = time.perf_counter() - self.seconds
        while (reason := self._end()) is None:
            order = self._order()
            interval = max(1, min(every, self.steps // MID_EPOCH_POINTS)) if self.epoch == 0 else every
            clock, since = time.perf_counter(), self.step
            self.network.train()
            while self.step < self.steps:
                self._next_step(order)
                due = self.step % interval == 0 or (self.epoch == 0 and self.step in EARLY)
                reported = due and self.step < self.steps
                if reported:
                    sums = self.stepper.sums.tolist()  # waits for the device, so the clock is honest
                    pace = (self.step - since) * self.recipe.batch / (time.perf_counter() - clock)
                    mid_epoch = self._mid_epoch_validation() if self.epoch == 0 else None
                    self.seconds = time.perf_counter() - began
                    seen = (self.step - self._reported) * self.recipe.batch
                    self.stepper.sums[2:] = 0
                    self._reported = self.step
                    error, accuracy = sums[2] / seen, sums[3] / seen
                    yield Step(self.epoch + 1, self.step, self.steps, error, accuracy, mid_epoch, pace, self.seconds)
                    clock, since = time.perf_counter(), self.step
                self.seconds = time.perf_counter() - began
                if should_stop():
                    yield Done(RunState.STOPPED, self.seconds)
                    return
                # Steps run ahead of the clock on CUDA, so there it counts only where it has waited for them.
                if self._out_of_time() and (reported or self.device.type == "cpu"):
                    yield Done(RunState.TIME_LIMIT, self.seconds)
                    return
            yield self._end_epoch(began)
        yield Done(reason, self.seconds)

    def _end(self) -> RunState | None:
        """Why there is no further epoch to begin or to go on with, or None."""
        if self.epoch >= self.recipe.epochs:
            return RunState.FINISHED
        if self.recipe.patience and self.epoch - self.best_epoch >= self.recipe.patience:
            return RunState.EARLY_STOP
        return RunState.TIME_LIMIT if self._out_of_time() else None

    def _out_of_time(self) -> bool:
        return self.seconds > self.recipe.minutes * 60

    def _next_step(self, order: Tensor) -> None:
        """The next step of this epoch."""
        batch = self.recipe.batch
        rate = self.recipe.rate_at(self.epoch * self.steps + self.step, self.recipe.epochs * self.steps)
        self.stepper.step(order[self.step * batch : (self.step + 1) * batch], rate)
        self.step += 1

    def _order(self) -> Tensor:
        """This epoch's order of the images: a function of seed and epoch alone, so resuming needs no state for it."""
        shuffler = torch.Generator().manual_seed(self.recipe.seed * 100_003 + self.epoch)
        return torch.randperm(len(self.images), generator=shuffler).to(self.device)

    def _mid_epoch_validation(self) -> float:
        return evaluate(
            self.kept, self.valid_images[:MID_EPOCH_IMAGES], self.valid_labels[:MID_EPOCH_IMAGES], bf16=self.bf16
        ).accuracy

    def _end_epoch(self, began: float) -> Epoch:
        sums = self.stepper.sums.tolist()
        result = evaluate(self.kept, self.valid_images, self.valid_labels, bf16=self.bf16)
        self.seconds = time.perf_counter() - began
        previous, improved = self.best_error, result.error < self.best_error
        self.epoch, self.step, self._reported = self.epoch + 1, 0, 0
        self.stepper.sums.zero_()
        if improved:
            self.best_error, self.best_epoch = result.error, self.epoch
        error, accuracy = sums[0] / len(self.images), sums[1] / len(self.images)
        return Epoch(self.epoch, error, accuracy, result.error, result.accuracy, previous, improved, self.seconds)

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Everything that decides the numbers to come: tensors by name, and plain numbers that JSON holds."""
        tensors = self.stepper.state()
        tensors |= {"random.own": self.generator.get_state(), "random.cpu": torch.get_rng_state()}
        if self.device.type == "cuda":
            tensors["random.cuda"] = torch.cuda.get_rng_state(self.device)
        numbers = {
            "epoch": self.epoch,
            "step": self.step,
            "reported": self._reported,
            "best_error": self.best_error,
            "best_epoch": self.best_epoch,
            "seconds": self.seconds,
            "device": self.device.type,
            "bf16": self.bf16,
        }
        copies = {n: t.detach().cpu().clone(memory_format=torch.contiguous_format) for n, t in tensors.items()}
        return copies, numbers

    def restore(self, tensors: dict[str, Tensor], numbers: dict[str, Any]) -> None:
        """Put back what `state` gave, of a Fit of the same recipe and data, before `run` is called.

        FontdemoError if it is of another network, or was written on another kind of device (its random numbers differ).
        """
        if numbers.get("device") != self.device.type:
            raise FontdemoError(f"this run was begun on {numbers.get('device')}; resume it there")
        try:
            self.stepper.restore(tensors)
            self.generator.set_state(tensors["random.own"])
            torch.set_rng_state(tensors["random.cpu"])
            if self.device.type == "cuda":
                torch.cuda.set_rng_state(tensors["random.cuda"], self.device)
            self.epoch, self.step, self._reported = numbers["epoch"], numbers["step"], numbers["reported"]
            self.best_error, self.best_epoch = numbers["best_error"], numbers["best_epoch"]
            self.seconds = numbers["seconds"]
            # A run goes on in the precision it began in, wherever "auto" would lead; old states say "half", or nothing.
            self.bf16 = self.stepper.bf16 = bool(numbers.get("bf16", numbers.get("half", self.bf16)))
        except (IndexError, KeyError, RuntimeError, TypeError, ValueError) as error:
            raise FontdemoError(f"the saved state does not fit this run: {str(error).splitlines()[0]}") from error
