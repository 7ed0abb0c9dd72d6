"""A network as JSON for the browser's copy: its stages with their layers, tensors and sizes, and how it answers.

The scripts of `fontdemo/ui/live` run what is written here with the tensors of the same network's model.safetensors. A
new kind of stage is its class in `fontdemo.network.stages`, a line in _LAYERS below, and one function in
`ui/live/stages.js`. Nothing is read here, and no weight is copied: tensors are named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import nn

from fontdemo.alphabet import CHARACTERS, Alphabet
from fontdemo.glyph.layout import SIDE
from fontdemo.glyph.segment import SIDE_BY_SIDE_GAP, SIDE_BY_SIDE_TALL
from fontdemo.glyph.strokes import PEN
from fontdemo.network.describe import StageFacts, stage_facts
from fontdemo.network.network import Network
from fontdemo.network.receptive_field import WHOLE, Field, fields
from fontdemo.network.stages import Conv, Flatten, Fold, FullyConnected, NetworkError, Recurrent, Residual
from fontdemo.reading.lookalikes import NEGLIGIBLE, SAME_SHAPES, SURELY_ONE, lookalikes
from fontdemo.reading.reader import CASE_ODDS
from fontdemo.reading.wording import FAINT, LEANING

#: Goes up when a script of an earlier page could not run what is described.
FORMAT = 1

_Described = dict[str, Any]


def describe(
    network: Network, known: Sequence[StageFacts] | None = None, seen: Mapping[str, Field] | None = None
) -> _Described:
    """What the browser must know of `network` to run it as torch does, and to say of it what the server says.

    JSON's own types only. `stages`: in order, each with the facts of `fontdemo.network.describe`, its receptive field
    ({start, step, size} on the input, or null for the whole of it) and the layers of its kind. NetworkError if one of
    its stages is of a kind that the browser does not run. known, seen: the network's `stage_facts` and `fields`, where
    they are known: to find them runs the network, and `fields` may not run while another thread does.
    """
    seen = fields(network) if seen is None else seen
    stages = []
    for facts in stage_facts(network) if known is None else known:
        field = seen[facts.name]
        stages.append(
            {
                "name": facts.name,
                "kind": facts.kind,
                "title": facts.title,
                "short": facts.short,
                "sentence": facts.sentence,
                "in_shape": list(facts.in_shape),
                "out_shape": list(facts.out_shape),
                "parameters": facts.parameters,
                "size_formula": facts.size_formula,
                "parameter_formula": facts.parameter_formula,
                "field": None if field == WHOLE else {"start": field.start, "step": field.step, "size": field.size},
                **_layers(f"stages.{facts.name}", network.stages[facts.name]),
            }
        )
    return {
        "format": FORMAT,
        "architecture": network.architecture,
        "parameters": network.parameter_count,
        "side": SIDE,
        "pen": PEN,
        "temperature": network.temperature,
        "threshold": network.threshold,
        "negligible": NEGLIGIBLE,
        "side_by_side": {"gap": SIDE_BY_SIDE_GAP, "tall": SIDE_BY_SIDE_TALL, "surely_one": SURELY_ONE},
        "faint": FAINT,
        "leaning": LEANING,
        "case_odds": CASE_ODDS,
        "alphabet": _alphabet(network.alphabet),
        "stages": stages,
    }


def _alphabet(alphabet: Alphabet) -> _Described:
    """The classes: what each is called, stands for and looks like; `same_shape` is what a crop cannot tell it from."""
    labels = range(len(alphabet))
    other_case = {pair[side]: pair[1 - side] for pair in SAME_SHAPES for side in (0, 1)}
    same = [
        {alphabet.label(other_case[own]) for own in alphabet.characters(label) if own in other_case} - {None, label}
        for label in labels
    ]
    return {
        "name": alphabet.name,
        "classes": alphabet.classes,
        "titles": [alphabet.title(label) for label in labels],
        "characters": [list(alphabet.characters(label)) for label in labels],
        "lookalikes": [lookalikes(alphabet, label) for label in labels],
        "same_shape": [sorted(other for other in others if other is not None) for others in same],
    }


def _layers(path: str, stage: nn.Module) -> _Described:
    """The layers of a stage; `path` is what the names of its tensors begin with."""
    described = next((found for kind, found in _LAYERS.items() if isinstance(stage, kind)), None)
    if described is None:
        raise NetworkError(f"the browser has no stage of the kind {type(stage).__name__}")
    return described(path, stage)


def _conv(path: str, stage: Any) -> _Described:
    return {"conv": _conv2d(f"{path}.conv", stage.conv), "norm": _norm(f"{path}.norm", stage.norm), **_act(stage)}


def _residual(path: str, stage: Any) -> _Described:
    return {"first": _conv(f"{path}.first", stage.first), **_conv(path, stage)}


def _pool(path: str, stage: Any) -> _Described:
    settings = {name: _one(getattr(stage, name)) for name in ("kernel_size", "stride", "padding")}
    if stage.ceil_mode or _one(stage.dilation) != 1:
        raise NetworkError("the browser pools whole windows without gaps only")
    return {"kernel": settings["kernel_size"], "stride": settings["stride"], "padding": settings["padding"]}


def _fc(path: str, stage: Any) -> _Described:
    layer = stage.fc
    return {
        "fc": {"weight": f"{path}.fc.weight", "bias": f"{path}.fc.bias", "inputs": layer.in_features,
               "outputs": layer.out_features},
        **_act(stage),
    }  # fmt: skip


def _gru(path: str, stage: Any) -> _Described:
    gru: nn.GRU = stage.gru
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    return {
        "inputs": gru.input_size,
        "width": gru.hidden_size,
        "layers": [{name: f"{path}.gru.{name}_l{layer}" for name in names} for layer in range(gru.num_layers)],
    }


def _fold(path: str, stage: Any) -> _Described:
    """`kept`: indices into the characters; `labels`: the class of each kept one; `twins`: what one class joins."""
    return {
        "characters": CHARACTERS,
        "kept": stage.kept.tolist(),
        "labels": stage.labels.tolist(),
        "counts": stage.labels.bincount().tolist(),
        "twins": [sorted(CHARACTERS.index(character) for character in pair) for pair in stage.pairs],
    }


#: The class of a stage -> what describes its layers, of (what its tensors' names begin with, the stage).
_LAYERS: Mapping[type[nn.Module], Callable[[str, Any], _Described]] = {
    Conv: _conv,
    Residual: _residual,
    nn.MaxPool2d: _pool,
    Flatten: lambda path, stage: _act(stage),
    FullyConnected: _fc,
    Recurrent: _gru,
    Fold: _fold,
}


def _conv2d(path: str, layer: nn.Conv2d) -> _Described:
    if _one(layer.dilation) != 1 or layer.groups != 1:
        raise NetworkError("the browser runs convolutions without dilation and groups only")
    return {
        "weight": f"{path}.weight",
        "bias": f"{path}.bias",
        "inputs": layer.in_channels,
        "outputs": layer.out_channels,
        "kernel": _one(layer.kernel_size),
        "stride": _one(layer.stride),
        "padding": _one(layer.padding),
    }


def _norm(path: str, layer: nn.BatchNorm2d) -> _Described:
    names = {"scale": "weight", "shift": "bias", "mean": "running_mean", "variance": "running_var"}
    return {**{ours: f"{path}.{theirs}" for ours, theirs in names.items()}, "eps": layer.eps}


def _act(stage: nn.Module) -> _Described:
    """{"act": null} where a stage has no activation; `slope` and `alpha` are LeakyReLU's and ELU's constants."""
    layer = getattr(stage, "act", None)
    if layer is None:
        return {"act": None}
    name = _ACTIVATIONS.get(type(layer))
    if name is None:
        raise NetworkError(f"the browser has no activation {type(layer).__name__}")
    constants = {"leaky_relu": ("slope", "negative_slope"), "elu": ("alpha", "alpha")}.get(name)
    return {"act": {"name": name, **({constants[0]: getattr(layer, constants[1])} if constants else {})}}


_ACTIVATIONS: Mapping[type[nn.Module], str] = {
    nn.ReLU: "relu",
    nn.LeakyReLU: "leaky_relu",
    nn.ELU: "elu",
    nn.SiLU: "silu",
    nn.Sigmoid: "sigmoid",
}


def _one(value: int | tuple[int, ...] | str) -> int:
    """A layer's setting along one side; ours are the same along both."""
    return int(value[0]) if isinstance(value, tuple) else int(value)
