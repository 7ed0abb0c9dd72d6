"""train.loop.evaluate against plain torch, and the accuracy by category against counting by hand."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from fontdemo.network.network import Network
from tests.support.training import SMALL, small_set
from train.loop.evaluate import Evaluation, by_category, evaluate


@pytest.fixture(scope="module")
def network() -> Network:
    torch.manual_seed(0)
    return Network(options=SMALL | {"dropout": 0.5}, temperature=2.0)


@pytest.mark.parametrize("batch", [None, 1, 7, 1000])
def test_the_numbers_are_those_of_one_plain_pass(network: Network, batch: int | None) -> None:
    images, labels = (torch.from_numpy(array) for array in small_set().part("train"))
    network.train()
    result = evaluate(network, images, labels, batch=batch)
    assert network.training  # put back
    network.eval()
    with torch.no_grad():
        logits = network(torch.stack([image.float() / 255 for image in images]).unsqueeze(1))
    assert result.error == pytest.approx(F.cross_entropy(logits, labels).item(), rel=1e-5)
    assert torch.equal(result.predictions, logits.argmax(1))
    assert result.accuracy == pytest.approx((logits.argmax(1) == labels).double().mean().item())
    assert torch.allclose(result.confidence, torch.softmax(logits / 2, 1).max(1).values, atol=1e-6)


def test_accuracy_by_category_the_commonest_first() -> None:
    data = small_set()
    _, labels = data.part("valid")
    predictions = torch.from_numpy(labels).clone()
    predictions[:4] = 51
    result = Evaluation(0.0, 0.0, predictions, torch.ones(len(labels)))
    counts: dict[str, list[bool]] = {"Serif": [], "Display": []}
    for index, label in enumerate(labels):
        face = data.faces[data.face[52 + index]]
        counts[face.category].append(int(predictions[index]) == int(label))
    found = by_category(result, data, "valid")
    assert [row.category for row in found] == ["Serif", "Display"]
    for row in found:
        right = counts[row.category]
        assert (row.images, row.accuracy) == (len(right), pytest.approx(sum(right) / len(right)))


def test_an_empty_part_has_no_categories() -> None:
    none = torch.zeros(0, dtype=torch.long)
    assert by_category(Evaluation(0.0, 0.0, none, none), small_set(), "test") == []
