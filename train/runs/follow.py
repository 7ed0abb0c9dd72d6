"""What a network that is being trained makes of the drawing that someone pinned, written into the run's folder."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from train.loop.fit import Fit
from train.runs import folder as run


def after_epoch(folder: Path, fit: Fit) -> None:
    """Record what the network now makes of the pinned drawing, if there is one (`run.read_followed`)."""
    read = _read_pinned(folder, fit)
    if read is not None:
        shares, outputs = read
        stages = {name: value[0].to(torch.float16).cpu().numpy() for name, value in outputs.items()}
        run.write_followed(folder, fit.epoch, {"probabilities": shares.cpu().numpy(), **stages})


def within_epoch(folder: Path, fit: Fit) -> None:
    """Record what it takes the pinned drawing for in the middle of an epoch."""
    read = _read_pinned(folder, fit)
    if read is not None:
        share, label = read[0].max(0)
        at, images = fit.epoch + fit.step / fit.steps, fit.step * fit.recipe.batch
        run.add_followed(folder, at, int(label), float(share), images)


def _read_pinned(folder: Path, fit: Fit) -> tuple[Tensor, dict[str, Tensor]] | None:
    """The probabilities (classes,) of the pinned drawing and its outputs by stage; None if there is none."""
    image = run.read_pinned(folder)
    if image is None:
        return None
    training = fit.network.training
    fit.network.eval()
    outputs = fit.network.trace(torch.from_numpy(image).view(1, 1, *image.shape).to(fit.device))
    shares = fit.network.probabilities(list(outputs.values())[-1])[0]
    fit.network.train(training)
    return shares, outputs
