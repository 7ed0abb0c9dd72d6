"""Sizes and parameter counts written out in the report's notation; plain numbers in, text out.

What a formula says comes after its "=" sign from the numbers given, so it can be checked against a live layer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def shape_text(shape: Sequence[int]) -> str:
    """A shape as the report writes it: "32×6×6", and "1,152" for a row of values."""
    return f"{shape[0]:,}" if len(shape) == 1 else "×".join(str(n) for n in shape)


def ordinal(number: int) -> str:
    """1 -> "1st", 2 -> "2nd", 11 -> "11th"."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def sliding(size: int, kernel: int, stride: int, padding: int) -> str:
    """One side of a convolution: ((size + 2 padding) - (kernel - stride)) / stride, floored where it does not divide.

    The same as floor((size + 2 padding - kernel) / stride) + 1.
    """
    padded = f"({size}+2×{padding})" if padding else f"{size}"
    whole = f"{padded}-({kernel}-{stride})"
    reach = size + 2 * padding - kernel + stride
    if stride == 1:
        return f"{whole}={reach}"
    return _divided(f"({whole})/{stride}", reach, stride)


def pooling(size: int, kernel: int) -> str:
    """One side of a pooling whose windows touch but do not overlap: size / kernel, floored where it does not divide."""
    return _divided(f"{size}/{kernel}", size, kernel)


def arrows(*shapes: Sequence[int]) -> str:
    """Shapes that follow one another: "32×6×6 → 1,152"."""
    return " → ".join(shape_text(shape) for shape in shapes)


def conv_parameters(height: int, width: int, inputs: int, outputs: int) -> str:
    """(filter height x filter width x input channels + 1) x output channels."""
    return f"({height}×{width}×{inputs}+1)×{outputs}={(height * width * inputs + 1) * outputs:,}"


def norm_parameters(channels: int) -> str:
    """Batch normalisation learns a scale and a shift for each channel."""
    return f"batch norm 2×{channels}={2 * channels:,}"


def fc_parameters(inputs: Sequence[int], outputs: int) -> str:
    """(inputs + 1) x outputs; `inputs` is a shape, so that maps stay readable: (32×6×6+1)×512."""
    product = "×".join(str(n) for n in inputs)
    return f"({product}+1)×{outputs}={(math.prod(inputs) + 1) * outputs:,}"


def gru_parameters(inputs: int, width: int) -> str:
    """One layer of gated units: three gates, each with input weights, state weights and two biases a unit."""
    return f"3×({inputs}+{width}+2)×{width}={3 * (inputs + width + 2) * width:,}"


def _divided(text: str, value: int, by: int) -> str:
    return f"{text}={value // by}" if value % by == 0 else f"⌊{text}⌋={value // by}"
