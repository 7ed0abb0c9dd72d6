"""Some of a data set's images as the training loop takes them: gathered when asked for, so that none is held twice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from train.data.glyphset import PARTS, GlyphSet

# Images that are copied to another device at a time.
_AT_ONCE = 4096


@dataclass(frozen=True, eq=False)
class Images:
    """The images of `whole`, uint8 (N, H, W), at `rows`, int64 (n,); used like the tensor (n, H, W) that they make."""

    whole: Tensor
    rows: Tensor

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, which: Tensor | slice) -> Tensor:
        """Copies of the images at indices (int64), or of a slice."""
        return self.whole.index_select(0, self.rows[which])

    @property
    def device(self) -> torch.device:
        """Where they lie."""
        return self.whole.device

    def to(self, device: torch.device) -> Images | Tensor:
        """Themselves where they lie there already, else a tensor there of these images alone."""
        if self.device == device:
            return self
        made = torch.empty((len(self), *self.whole.shape[1:]), dtype=self.whole.dtype, device=device)
        for start in range(0, len(self), _AT_ONCE):
            made[start : start + _AT_ONCE] = self[start : start + _AT_ONCE].to(device)
        return made


def part_of(data: GlyphSet, part: str) -> tuple[Images, Tensor]:
    """The images of a part of `data`, whose memory they share, and their labels, int64 (n,)."""
    rows = torch.from_numpy(np.flatnonzero(data.split == PARTS.index(part)))
    return Images(torch.from_numpy(data.images), rows), torch.from_numpy(data.labels[rows])


def outliers_of(data: GlyphSet, part: str) -> Images:
    """The images of no character in a part of `data`, whose memory they share."""
    rows = torch.from_numpy(np.flatnonzero(data.outlier_split == PARTS.index(part)))
    return Images(torch.from_numpy(data.outliers), rows)
