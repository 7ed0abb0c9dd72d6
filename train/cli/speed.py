"""The command `speed` of `python -m train`."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from train.benchmark import speed
from train.data.glyphset import GlyphSet
from train.loop.device import DEVICES, choose_device, device_name, keep_memory
from train.loop.recipe import RECIPES, Recipe, get_recipe


def add_commands(commands: Any) -> None:
    """Enter `speed` (of old: `bench`) into the subparsers of the command line."""
    words = {"help": "measure the speed of training", "description": _speed.__doc__}
    parser = commands.add_parser("speed", aliases=["bench"], **words)
    parser.set_defaults(function=_speed)
    parser.add_argument("--recipe", default="report", metavar="NAME", help=f"one of {', '.join(RECIPES)}")
    parser.add_argument("--data", type=Path, metavar="FILE", help="images of this packed data set; default: noise")
    parser.add_argument("--images", type=int, metavar="N", help="images a round; default: 1000, on CUDA 10000")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--device", default="auto", choices=DEVICES)
    parser.add_argument("--layouts", action="store_true", help="ours in torch's default memory layout as well")
    parser.add_argument("--denormals", type=Path, metavar="DIR", help="with the state of this run: what flushing gains")


def _speed(arguments: argparse.Namespace) -> int:
    """Images a second of the report's way and of ours, taking turns on the same images, and what 15 epochs take."""
    keep_memory()  # as training does; the report's way gets it too
    recipe, device = get_recipe(arguments.recipe), choose_device(arguments.device)
    count = arguments.images or (1000 if device.type == "cpu" else 10_000)
    images, recipe = _images(arguments.data, count, recipe)
    print(f"{recipe.name} on {device_name(device)}, torch {torch.__version__}, "
          f"{arguments.rounds} rounds of {len(images[0])} images")  # fmt: skip
    if arguments.denormals:
        flushed, kept = speed.denormal_effect(arguments.denormals, images)
        print(f"training from {arguments.denormals.name}: denormals flushed {flushed:,.0f} images/s, "
              f"kept {kept:,.0f} images/s, {flushed / kept:.2f} times as fast")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, tqdm(total=arguments.rounds + 1, unit="round", disable=None) as bar:
        speed.write_folder(Path(folder), images[0].numpy(), images[1].numpy(), recipe.alphabet)
        pipelines: dict[str, speed.Pipeline] = {
            # Ours first: making it sets the process up the way that both are measured in.
            "ours": speed.Ours(recipe, images, device),
            "the report's way": speed.Report(recipe, Path(folder), device),
        }
        if arguments.layouts:
            pipelines["ours, default layout"] = speed.Ours(recipe, images, device, channels_last=False)
        paces = speed.compare(pipelines, arguments.rounds, bar.update)
    for name, pace in paces.items():
        print(f"{name:22} training {pace.train:8,.0f} images/s  validation {pace.valid:8,.0f} images/s  "
              f"{speed.EPOCHS} epochs of {speed.TRAIN_IMAGES:,}: {pace.minutes:.2f} minutes")  # fmt: skip
    ours, report = paces["ours"], paces["the report's way"]
    print(f"ours is {ours.train / report.train:.2f} times as fast in training, "
          f"{report.minutes / ours.minutes:.2f} times over all")  # fmt: skip
    return 0


def _images(data: Path | None, count: int, recipe: Recipe) -> tuple[speed.Images, Recipe]:
    """`count` images with labels, from all over a packed set's training part, or noise; the recipe in its alphabet."""
    if data is None:
        noise = torch.Generator().manual_seed(0)
        images = torch.randint(0, 256, (count, 100, 100), dtype=torch.uint8, generator=noise)
        return (images, torch.arange(count) % 52), recipe
    held = GlyphSet.load(data)
    all_images, all_labels = held.part("train")
    step = max(1, len(all_images) // count)
    chosen = torch.from_numpy(all_images[::step][:count]), torch.from_numpy(all_labels[::step][:count])
    return chosen, recipe.changed(alphabet=held.alphabet.name)
