"""`python -m train speed`: images a second in training and validation, beside a plain loop."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from fontdemo.errors import FontdemoError
from train.benchmark import speed
from train.data.glyphset import GlyphSet
from train.loop.device import DEVICES, choose_device, device_name, in_bfloat16
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
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), metavar="N")
    parser.add_argument(
        "--processor-time",
        action="store_true",
        help="on the CPU, for a machine that does other work too: one thread, by the time it was given",
    )
    parser.add_argument("--layouts", action="store_true", help="ours in torch's default memory layout as well")
    parser.add_argument("--denormals", type=Path, metavar="DIR", help="with the state of this run: what flushing gains")


def _speed(arguments: argparse.Namespace) -> int:
    """Images a second of the report's way and of ours, taking turns on the same images, and what 15 epochs take."""
    recipe, device = get_recipe(arguments.recipe), choose_device(arguments.device)
    if arguments.processor_time and device.type != "cpu":
        raise FontdemoError("--processor-time is of a CPU: use it with --device cpu")
    torch.set_num_threads(1 if arguments.processor_time else max(1, arguments.threads))
    clock = time.process_time if arguments.processor_time else time.perf_counter
    count = arguments.images or (1000 if device.type == "cpu" else 10_000)
    images, recipe = _images(arguments.data, count, recipe)
    precision = "bfloat16" if in_bfloat16(recipe.precision, device) else "float32"
    print(f"{recipe.name} on {device_name(device)}, torch {torch.__version__}, ours in {precision}, "
          f"{arguments.rounds} rounds of {len(images[0])} images"
          f"{', processor time' if arguments.processor_time else ''}")  # fmt: skip
    if arguments.denormals:
        flushed, kept = speed.denormal_effect(arguments.denormals, images)
        print(f"training from {arguments.denormals.name}: denormals flushed {flushed:,.0f} images/s, "
              f"kept {kept:,.0f} images/s, {flushed / kept:.2f} times as fast")  # fmt: skip
    with tempfile.TemporaryDirectory() as home, tqdm(total=arguments.rounds + 1, unit="round", disable=None) as bar:
        folder, arrays = Path(home), (images[0].numpy(), images[1].numpy())
        speed.write_folder(folder, *arrays, recipe.alphabet)
        makers: dict[str, Callable[[], speed.Pipeline]] = {
            "ours": partial(speed.ours, recipe, arrays, device),
            "the report's way": partial(speed.report, recipe, folder, device),
        }
        if arguments.layouts:
            makers["ours, default layout"] = partial(speed.ours, recipe, arrays, device, False)
        with ExitStack() as processes:
            ways = {
                name: processes.enter_context(speed.apart(make, torch.get_num_threads(), clock))
                for name, make in makers.items()
            }
            paces = speed.compare(ways, arguments.rounds, bar.update)
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
