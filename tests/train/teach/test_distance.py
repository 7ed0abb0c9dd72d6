"""train.teach.distance: the weights go all the way, or as far as printed characters allow."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from train.teach.distance import as_far_as_allowed, between, read, right
from train.teach.rehearsal import Rehearsal


def layers(rows: list[list[float]]) -> nn.Linear:
    """Logits of two classes from two numbers."""
    made = nn.Linear(2, 2, bias=False)
    with torch.no_grad():
        made.weight.copy_(torch.tensor(rows))
    return made


def printed(inputs: Tensor, labels: Tensor) -> Rehearsal:
    return Rehearsal(torch.zeros(1, 2), torch.zeros(1, 2), inputs, labels)


OLD, NEW = layers([[4.0, 0.0], [0.0, 4.0]]), layers([[4.0, 20.0], [0.0, -10.0]])
OWN, LABEL = torch.tensor([[0.0, 1.0]]), torch.tensor([0])  # read as 1 before, taught as 0
FIRST = printed(torch.tensor([[1.0, 0.0]]), torch.tensor([0]))  # what stays as it is all the way
OTHER = printed(torch.tensor([[0.0, 0.5], [1.0, 0.0]]), torch.tensor([1, 0]))  # half of it is lost on the way


def test_between_lies_on_the_straight_line_and_leaves_both_as_they_are() -> None:
    moved = between(OLD, NEW, 0.25)
    assert moved.weight.tolist() == [[4.0, 5.0], [0.0, 0.5]]  # type: ignore[union-attr]
    assert OLD.weight.tolist() == [[4.0, 0.0], [0.0, 4.0]] and NEW.weight.tolist() == [[4.0, 20.0], [0.0, -10.0]]


def test_what_costs_nothing_goes_all_the_way() -> None:
    far, found = as_far_as_allowed(OLD, NEW, OWN, read(OLD, OWN), LABEL, FIRST, lowest=1.0)
    assert far == 1 and found.tolist() == [0]


def test_what_costs_too_much_goes_part_of_the_way() -> None:
    """A printed character just off the drawing, which is lost later than the drawing is learned."""
    near = printed(torch.tensor([[-0.5, 1.0]]), torch.tensor([1]))
    taught = layers([[4.0, 8.0], [0.0, 0.0]])
    far, found = as_far_as_allowed(OLD, taught, OWN, read(OLD, OWN), LABEL, near, lowest=1.0)
    assert far is not None and 0 < far < 1 and found.tolist() == [0]
    there, beyond = between(OLD, taught, far), between(OLD, taught, far + 0.1)
    assert right(read(there, OWN), LABEL) == right(read(there, near.printed), near.labels) == 1
    assert right(read(beyond, near.printed), near.labels) == 0


def test_it_stops_before_printed_characters_are_lost() -> None:
    with_both = torch.cat([OWN, torch.tensor([[1.0, 0.0]])])
    labels = torch.tensor([0, 0])
    before = read(OLD, with_both)
    far, found = as_far_as_allowed(OLD, NEW, with_both, before, labels, OTHER, lowest=1.0)
    assert far is None and torch.equal(found, read(NEW, with_both))  # not without the other
    allowed, _ = as_far_as_allowed(OLD, NEW, with_both, before, labels, OTHER, lowest=0.5)
    assert allowed is not None and right(read(between(OLD, NEW, allowed), with_both), labels) == 1


@pytest.mark.parametrize("found, fraction", [([1, 1], 1.0), ([1, 2], 0.5), ([2, 2], 0.0)])
def test_right_is_a_fraction(found: list[int], fraction: float) -> None:
    assert right(torch.tensor(found), torch.tensor([1, 1])) == fraction
