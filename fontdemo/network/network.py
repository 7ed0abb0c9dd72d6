"""A network: an ordered dict of named stages, whose forward is the loop over them.

Reading with every intermediate kept is the same loop (`Network.trace`), so there are no hooks. What a stage's shape,
parameters and formulas are is computed from its layers in `fontdemo.network.describe`, never typed in. Which stages
there are is said in `fontdemo.network.architectures`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import PyTorchModelHubMixin, hf_hub_download
from huggingface_hub.constants import SAFETENSORS_SINGLE_FILE
from torch import Tensor, nn

from fontdemo.alphabet import get_alphabet
from fontdemo.network.architectures import ARCHITECTURES, SIDE, build_stages
from fontdemo.network.stages import NetworkError, sliding_size

#: No network of more parameters is built, so that a config.json from anywhere cannot fill this machine's memory.
LARGEST = 20_000_000

#: Nor one whose maps hold more values for one image, or that takes more products to read one: few parameters can make
#: gigabytes of maps, or minutes of work.
MOST_VALUES, MOST_PRODUCTS = 1_000_000, 1_000_000_000


@dataclass(frozen=True)
class Demand:
    """What a network asks of a machine. parameters: all of them. values: of the convolutions' maps, for one image.

    products: multiplications that reading one image takes.
    """

    parameters: int
    values: int
    products: int


def demand(architecture: str, alphabet: str, options: Mapping[str, Any]) -> Demand:
    """The demand of a network with these settings, which is not built for it.

    NetworkError if they make none, or one that asks too much; ValueError for an unknown alphabet.
    """
    if architecture not in ARCHITECTURES:
        raise NetworkError(f"no architecture {architecture!r}; there are {', '.join(ARCHITECTURES)}")
    classes = get_alphabet(alphabet)
    try:
        with torch.device("meta"):  # Shapes only: nothing is stored.
            sketch = nn.ModuleDict(build_stages(architecture, classes, options))
    except (OverflowError, TypeError, ValueError) as error:
        raise NetworkError(f"{architecture} does not take these settings: {error}") from None
    found = _counted(sketch)
    if found.parameters > LARGEST:
        raise NetworkError(f"these options make a network of more than {LARGEST:,} parameters")
    if found.values > MOST_VALUES:
        raise NetworkError(f"these options make maps of more than {MOST_VALUES:,} values in all")
    if found.products > MOST_PRODUCTS:
        raise NetworkError(f"these options make a network of more than {MOST_PRODUCTS:,} products for one image")
    return found


def _counted(sketch: nn.Module) -> Demand:
    size, values, products = SIDE, 0, 0
    for part in sketch.modules():  # in the order in which an image passes through them
        if isinstance(part, nn.Conv2d):
            size = sliding_size(size, part.kernel_size[0], part.stride[0], int(part.padding[0]))
            values += part.out_channels * size**2
            products += part.weight.numel() * size**2
        elif isinstance(part, nn.MaxPool2d):
            window = part.kernel_size if isinstance(part.kernel_size, int) else part.kernel_size[0]
            size = sliding_size(size, window, window, 0)
        elif isinstance(part, (nn.Linear, nn.GRU)):
            products += sum(parameters.numel() for parameters in part.parameters())
    return Demand(sum(parameters.numel() for parameters in sketch.parameters()), values, products)


class Network(
    nn.Module,
    PyTorchModelHubMixin,
    library_name="fontdemo",
    tags=["image-classification", "character-recognition", "fonts"],
    license="mit",
):
    """A network of named stages: float32 (N, 1, 100, 100), ink 1 and paper 0 -> logits (N, classes).

    architecture: a name in ARCHITECTURES. alphabet: a name in ALPHABETS, which gives the classes. options: what the
    architecture's function takes by keyword, as JSON holds it; and `fold` (see `build_stages`). temperature: what the
    logits are divided by before softmax (1: as trained; fitted on held-out families). threshold: 0..1; where the
    likeliest class and its look-alikes (`fontdemo.reading.lookalikes`) together have less than this, the answer is "I
    can't tell" (0: never). NetworkError if the settings make no network; ValueError for an unknown alphabet.
    """

    def __init__(
        self,
        architecture: str = "report-cnn",
        alphabet: str = "course52",
        options: Mapping[str, Any] | None = None,
        temperature: float = 1.0,
        threshold: float = 0.0,
    ) -> None:
        super().__init__()
        if not isinstance(temperature, (int, float)) or not 0 < temperature < float("inf"):
            raise NetworkError("temperature must be a number above 0")
        if not isinstance(threshold, (int, float)) or not 0 <= threshold <= 1:
            raise NetworkError("threshold must be a number from 0 to 1")
        self.architecture = architecture
        self.alphabet = get_alphabet(alphabet)
        try:
            self.options = dict(options or {})
            self.temperature = float(temperature)
            self.threshold = float(threshold)
        except (OverflowError, TypeError, ValueError) as error:
            raise NetworkError(f"{architecture} does not take these settings: {error}") from None
        demand(architecture, alphabet, self.options)
        self.stages = nn.ModuleDict(build_stages(architecture, self.alphabet, self.options))

    def forward(self, image: Tensor) -> Tensor:
        """Logits (N, classes), before the temperature."""
        for stage in self.stages.values():
            image = stage(image)
        return image

    @torch.no_grad()
    def trace(self, image: Tensor) -> dict[str, Tensor]:
        """What every stage makes of `image`, by name, in order; the last one is the logits of `forward`."""
        outputs = {}
        for name, stage in self.stages.items():
            image = outputs[name] = stage(image)
        return outputs

    def probabilities(self, logits: Tensor) -> Tensor:
        """Softmax of logits (N, classes) at the network's temperature."""
        return torch.softmax(logits.float() / self.temperature, dim=-1)

    @property
    def parameter_count(self) -> int:
        """Trainable parameters, as torchsummary and the report count them."""
        return sum(p.numel() for p in self.parameters() if p.requires_grad)

    @classmethod
    def _from_pretrained(
        cls,
        *,
        model_id: str,
        revision: str | None,
        cache_dir: str | Path | None,
        force_download: bool,
        local_files_only: bool,
        token: str | bool | None,
        map_location: str = "cpu",
        strict: bool = True,
        **settings: Any,
    ) -> Network:
        """The Hub mixin's own way but for two things: it never falls back to a pickle, and it prints nothing."""
        if os.path.isdir(model_id):
            file = os.path.join(model_id, SAFETENSORS_SINGLE_FILE)
        else:
            file = hf_hub_download(
                repo_id=model_id,
                filename=SAFETENSORS_SINGLE_FILE,
                revision=revision,
                cache_dir=cache_dir,
                force_download=force_download,
                token=token,
                local_files_only=local_files_only,
            )
        return cls._load_as_safetensor(cls(**settings), file, map_location, strict)
