"""How long a run would take, measured before it starts: a few of its own steps on its own device, a second or two.

The images are noise: the time of a step does not depend on what is drawn in them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from fontdemo.errors import FontdemoError
from fontdemo.network.network import demand
from train.loop.device import choose_device, device_name
from train.loop.evaluate import evaluate
from train.loop.fit import Fit
from train.loop.recipe import Recipe, in_epochs
from train.loop.step import WARM_UPS

#: How long steps are timed for; warming up and reading for validation come on top.
TIMED_SECONDS = 1.0

# Products of one step, and of reading for validation, that a CPU measures: a second or two of two cores.
_STEP, _READ = 10**10, 10**11


@dataclass(frozen=True)
class Estimate:
    """device: what people call it. cpu: whether that is the CPU. images_per_second: of training steps.

    minutes: for all epochs, validation included, if no time limit ended it; limit: the recipe's, in minutes.
    """

    device: str
    cpu: bool
    images_per_second: float
    epochs: int
    minutes: float
    limit: float

    def sentence(self) -> str:
        """The estimate for people, in one line."""
        time_needed = f"{self.minutes:.0f} minutes" if self.minutes >= 2 else f"{60 * self.minutes:.0f} seconds"
        text = f"Training on {self.device}: {in_epochs(self.epochs)} would take about {time_needed}"
        if self.minutes > self.limit:
            text += f"; the time limit stops it after {self.limit:g}"
        return text + "."


class Interrupted(FontdemoError):
    """A measurement was given up."""


def estimate(
    recipe: Recipe, train_images: int, valid_images: int, device: str = "auto", timed: float = TIMED_SECONDS,
    stop: Callable[[], bool] = lambda: False,
) -> Estimate:  # fmt: skip
    """Measure how long `recipe` would take over so many images. Takes one to three seconds.

    timed: seconds of steps that are timed. stop: asked after each step; Interrupted once it says so.
    The process's random state is left as it was. FontdemoError if the device is not to be had, or
    the recipe's network cannot be made.
    """
    where = choose_device(device)
    # A very large batch takes long on a CPU, where its time grows with its size anyway; so does reading.
    batch, read, products = recipe.batch, 400, demand(recipe.architecture, recipe.alphabet, recipe.options).products
    if where.type == "cpu":
        batch, read = min(batch, 256, max(2, _STEP // products)), min(read, max(20, _READ // products))
    with torch.random.fork_rng():
        noise = torch.Generator().manual_seed(0)
        images = torch.randint(0, 256, (max(batch, 400), 100, 100), dtype=torch.uint8, generator=noise)
        labels = torch.zeros(len(images), dtype=torch.long)
        fit = Fit(recipe.changed(batch=batch), (images, labels), (images[:read], labels[:read]), where)
        step = _seconds_per_step(fit, timed, stop)
        reading = _seconds_per_image(fit, stop)
    epoch = step / batch * train_images + reading * valid_images
    return Estimate(
        device_name(where), where.type == "cpu", batch / step, recipe.epochs, epoch * recipe.epochs / 60, recipe.minutes
    )


def _seconds_per_step(fit: Fit, timed: float, stop: Callable[[], bool]) -> float:
    indices = torch.arange(fit.recipe.batch, device=fit.device)
    fit.network.train()
    cuda = fit.device.type == "cuda"

    def step() -> None:
        fit.stepper.step(indices, fit.recipe.learning_rate)
        if stop():
            raise Interrupted("stopped")

    for _ in range(WARM_UPS + 2 if cuda else 2):  # on CUDA this takes the capture in as well
        step()
    fit.stepper.sums.tolist()  # waits for the device
    began, steps = time.perf_counter(), 0
    while time.perf_counter() - began < timed:
        step()
        steps += 1
        if cuda and steps % 50 == 0:
            fit.stepper.sums.tolist()
    fit.stepper.sums.tolist()
    return (time.perf_counter() - began) / steps


def _seconds_per_image(fit: Fit, stop: Callable[[], bool]) -> float:
    took = 0.0
    for images in (fit.valid_images[:100], fit.valid_images):  # the first ones warm up
        began = time.perf_counter()
        evaluate(fit.network, images, fit.valid_labels[: len(images)], bf16=fit.bf16)
        took = (time.perf_counter() - began) / len(images)
        if stop():
            raise Interrupted("stopped")
    return took
