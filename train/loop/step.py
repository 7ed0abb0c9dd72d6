"""One step of training: gather a batch, augment it, forward, backward, Adam; on CUDA replayed from a captured graph.

The body of the step (`Stepper.compute`) is one function for every device. At batch 50 a graphics card waits for
launches, not for arithmetic, so there it is captured once as a CUDA graph and replayed. The CUDA path has been checked
against torch's documentation (2.8 to 2.13) but is unmeasured. Epochs are in `train.loop.fit`.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from fontdemo.network.network import Network
from train.loop.augment import augment
from train.loop.device import Images
from train.loop.frozen import features
from train.loop.outliers import outliers as made_outliers
from train.loop.recipe import Recipe

#: What the error over images of no character counts, where that over characters counts 1 (as Hendrycks et al. 2019).
OUTLIER_WEIGHT = 0.5

#: Whole batches that run as usual before capturing: Adam makes its moments in the first, libraries choose kernels.
WARM_UPS = 3


class Stepper:
    """Takes steps on `network` by `recipe`, over uint8 images (N, 100, 100) and int64 labels (N,) on the device.

    generator: of the augmentation, on the device. bf16: bfloat16 autocast. choices: bool (N, classes), the classes that
    the loss of each image is taken among; all of them without it. outliers: uint8 (M, 100, 100), images of no character
    that make up half of those mixed into each step. average: the moving average of the network, or None.
    frozen, trained: the network in two parts, of which the first stays as it is.
    sums: (4,) on the device: loss times images and right answers, over the epoch and since the last report; whoever
    reads it zeroes it.
    """

    def __init__(
        self,
        network: Network,
        recipe: Recipe,
        images: Tensor | Images,
        labels: Tensor,
        generator: torch.Generator,
        *,
        bf16: bool,
        choices: Tensor | None = None,
        outliers: Tensor | Images | None = None,
        frozen: nn.Module | None = None,
        trained: nn.Module | None = None,
    ) -> None:
        self.network, self.recipe, self.images, self.labels = network, recipe, images, labels
        self.choices, self.outliers = choices, outliers
        self.generator, self.bf16 = generator, bf16
        self.device = images.device
        cuda = self.device.type == "cuda"
        self.optimizer = torch.optim.Adam(
            (trained or network).parameters(),
            # A rate held in a tensor can change under a captured graph.
            torch.tensor(recipe.learning_rate, device=self.device) if cuda else recipe.learning_rate,
            weight_decay=recipe.weight_decay,
            fused=True,
            capturable=cuda,
        )
        # The running statistics of batch normalisation are averaged as the weights are.
        self.average: AveragedModel | None = None
        if recipe.ema:
            averaging = get_ema_multi_avg_fn(recipe.ema)  # type: ignore[no-untyped-call]
            self.average = AveragedModel(network, multi_avg_fn=averaging, use_buffers=True)
        self.sums = torch.zeros(4, dtype=torch.float32 if cuda else torch.float64, device=self.device)
        # cuDNN's recurrent layers keep random numbers of their own for dropout: those networks are never captured.
        self._captures = cuda and not any(isinstance(layer, nn.RNNBase) for layer in network.modules())
        self._graph: torch.cuda.CUDAGraph | None = None
        self._stream: torch.cuda.Stream | None = None
        self._warm_ups = 0
        self._trained = trained or network
        self._features = self._outlier_features = self._places = None
        if frozen is not None:
            self._features, self._outlier_features, self._places = self._through(frozen)
        self._indices = torch.zeros(recipe.batch, dtype=torch.long, device=self.device)  # where the graph reads from

    def step(self, indices: Tensor, rate: float) -> None:
        """One step on the images at `indices` (int64, on the device) at a learning rate; never waits for the device."""
        self._update(indices, rate)
        if self.average is not None:
            self.average.update_parameters(self.network)

    def _update(self, indices: Tensor, rate: float) -> None:
        """The step but for the average."""
        for group in self.optimizer.param_groups:
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate
        if not self._captures or len(indices) != self.recipe.batch:  # an epoch's last batch may be a smaller one
            self.compute(indices)
            return
        self._indices.copy_(indices)
        if self._graph is None and self._warm_ups < WARM_UPS:
            self._warm_up()
            return
        if self._graph is None:
            self._graph = self._capture()
        self._graph.replay()

    def state(self) -> dict[str, Tensor]:
        """What steps change, by name: the network, its average, Adam's moments, the sums."""
        tensors = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        for number, parts in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{number}.{name}": value for name, value in parts.items()}
        if self.average is not None:
            tensors |= {f"average.{name}": value for name, value in self.average.state_dict().items()}
        return tensors | {"sums": self.sums}

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Put back what `state` gave; KeyError, IndexError, RuntimeError or ValueError if it is of another network."""
        parts = {name.removeprefix("network."): v for name, v in tensors.items() if name.startswith("network.")}
        self.network.load_state_dict(parts)
        if self.average is not None:
            averaged = {n.removeprefix("average."): v for n, v in tensors.items() if n.startswith("average.")}
            self.average.load_state_dict(averaged)
        held: dict[int, dict[str, Tensor]] = {}
        weights = list(self.optimizer.param_groups[0]["params"])
        for name, value in tensors.items():
            if name.startswith("optimizer."):
                _, number, part = name.split(".")
                if value.dim():  # the fused Adam walks weights and moments in step: one memory layout for both
                    value = torch.empty_like(weights[int(number)]).copy_(value)
                held.setdefault(int(number), {})[part] = value
        self.optimizer.load_state_dict({"state": held, "param_groups": self.optimizer.state_dict()["param_groups"]})
        self.sums.copy_(tensors["sums"])

    def compute(self, indices: Tensor) -> None:
        """The step's body. No value is read back and no shape depends on one, so that it can be captured."""
        labels = self.labels[indices]
        count = math.ceil(self.recipe.outliers * len(indices))
        inputs = self._inputs(indices, count)
        # Without a cache, so that the casts of the weights are part of the graph and none outlives it.
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.bf16, cache_enabled=False):
            logits = self._trained(inputs)
        logits, others = logits.float().split([len(indices), count])
        if self.choices is not None:
            logits = logits.masked_fill(~self.choices[indices], -math.inf)
        loss = F.cross_entropy(logits, labels, label_smoothing=self.recipe.smoothing)
        whole = loss if not count else loss - OUTLIER_WEIGHT * F.log_softmax(others, dim=1).mean()
        self.optimizer.zero_grad(set_to_none=True)
        whole.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        with torch.no_grad():
            right = (logits.argmax(1) == labels).sum()
            now = torch.stack([loss.detach() * len(indices), right.to(loss.dtype)])
            self.sums += torch.cat([now, now])

    def _inputs(self, indices: Tensor, count: int) -> Tensor:
        """What the trained stages are given: the images at `indices`, then `count` of no character."""
        if self._features is not None and self._outlier_features is not None and self._places is not None:
            chosen = torch.randint(len(self._outlier_features), (count,), generator=self.generator, device=self.device)
            return torch.cat([self._features[self._places[indices]], self._outlier_features[chosen]]).float()
        images = augment(self.recipe.augmentation, self.images[indices], self.generator)
        if count:
            images = torch.cat([images, self._outliers(indices[:count])])
        return images.contiguous(memory_format=torch.channels_last)

    def _through(self, frozen: nn.Module) -> tuple[Tensor, Tensor, Tensor]:
        """What the frozen stages make of every image, and of as many of no character as an epoch takes; and where in
        the former each image's is.
        """
        # In random order, as batches come: what is done to an image depends on its place in the batch.
        order = torch.randperm(len(self.images), generator=self.generator, device=self.device)

        def made(indices: Tensor) -> Tensor:
            return augment(self.recipe.augmentation, self.images[indices], self.generator)

        values = features(frozen, made, order, bf16=self.bf16)
        count = max(1, math.ceil(self.recipe.outliers * len(self.images)))
        outliers = features(frozen, self._outliers, order.repeat(2)[:count], bf16=self.bf16)
        return values, outliers, order.argsort()

    def _outliers(self, indices: Tensor) -> Tensor:
        """As many images of no character as `indices`, half of them of the set's own: float32 (n, 1, SIDE, SIDE)."""
        own = len(indices) // 2 if self.outliers is not None and len(self.outliers) else 0
        made = made_outliers(self.images[indices[own:]], self.generator)
        if not own or self.outliers is None:
            return made
        chosen = torch.randint(len(self.outliers), (own,), generator=self.generator, device=self.device)
        return torch.cat([augment(self.recipe.augmentation, self.outliers[chosen], self.generator), made])

    def _warm_up(self) -> None:
        """A real step on a side stream, as capturing asks for."""
        if self._stream is None:
            self._stream = torch.cuda.Stream(self.device)  # type: ignore[no-untyped-call]
        self._stream.wait_stream(torch.cuda.current_stream(self.device))
        with torch.cuda.stream(self._stream):
            self.compute(self._indices)
        torch.cuda.current_stream(self.device).wait_stream(self._stream)
        self._warm_ups += 1

    def _capture(self) -> torch.cuda.CUDAGraph:
        """Record the step without running it. Random states put back earlier are what the replays go on from."""
        self.optimizer.zero_grad(set_to_none=True)  # so that the gradients come to lie in the graph's own memory
        graph = torch.cuda.CUDAGraph()
        graph.register_generator_state(self.generator)  # the default one, dropout's, is registered by itself
        with torch.cuda.graph(graph, stream=self._stream):
            self.compute(self._indices)
        return graph
