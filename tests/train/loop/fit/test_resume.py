"""A run that is taken up again: equal to the unbroken one to the bit, in its precision, or refused."""

from __future__ import annotations

import pytest
import torch

from fontdemo.errors import FontdemoError
from tests.support.training import SMALL, small_recipe
from tests.train.loop.test_fit import CPU, RESTLESS, _fit, _parts, _same, _timeless, _weights
from train.loop.fit import Done, Epoch, Fit


@pytest.mark.parametrize(
    ("architecture", "broken_after"),
    [*(("report-cnn", steps) for steps in (1, 3, 7, 9, 14, 20)), ("report-crnn", 9)],
)
def test_resumed_equals_unbroken_to_the_bit(architecture: str, broken_after: int) -> None:
    """Mid-epoch (1, 3, 9, 20) and at an epoch's end (7, 14), with dropout, augmentation and a moving rate."""
    settings = RESTLESS | ({} if architecture == "report-cnn" else {"options": {"width": 8}})
    recipe = small_recipe(**settings, architecture=architecture)
    whole = _fit(recipe)
    unbroken = _timeless(list(whole.run(every=2)))

    taken = 0

    def enough() -> bool:
        nonlocal taken
        taken += 1
        return taken == broken_after

    first = _fit(recipe)
    events = list(first.run(enough, every=2))
    assert isinstance(events[-1], Done) and events[-1].reason == "stopped"
    tensors, numbers = first.state()
    list(first.run())  # going on must not reach into what was saved
    torch.manual_seed(99)
    second = _fit(recipe)
    second.restore(tensors, numbers)
    events = events[:-1] + list(second.run(every=2))
    assert _timeless(events) == unbroken
    assert _same(_weights(second), _weights(whole))


def test_resuming_an_ended_run_only_says_so() -> None:
    fit = _fit(small_recipe(epochs=1))
    list(fit.run())
    again = _fit(small_recipe(epochs=1))
    again.restore(*fit.state())
    (done,) = again.run()
    assert isinstance(done, Done) and done.reason == "finished" and done.seconds == fit.seconds


def test_a_state_that_does_not_fit_is_refused() -> None:
    tensors, numbers = _fit(small_recipe()).state()
    other = _fit(small_recipe(options=SMALL | {"widths": [16, 8]}))
    with pytest.raises(FontdemoError, match="does not fit"):
        other.restore(tensors, numbers)
    with pytest.raises(FontdemoError, match="begun on cuda"):
        _fit(small_recipe()).restore(tensors, numbers | {"device": "cuda"})
    with pytest.raises(FontdemoError, match="does not fit"):
        _fit(small_recipe()).restore(tensors, {"device": "cpu"})


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_on_cuda_resumed_equals_unbroken() -> None:
    recipe, device = small_recipe(**RESTLESS, epochs=4), torch.device("cuda")
    whole = Fit(recipe, *_parts(), device)
    unbroken = [e.valid_error for e in whole.run() if isinstance(e, Epoch)]
    taken = 0

    def enough() -> bool:
        nonlocal taken
        taken += 1
        return taken == 17

    first = Fit(recipe, *_parts(), device)
    events = [e.valid_error for e in first.run(enough) if isinstance(e, Epoch)]
    second = Fit(recipe, *_parts(), device)
    second.restore(*first.state())
    events += [e.valid_error for e in second.run() if isinstance(e, Epoch)]
    assert events == pytest.approx(unbroken, rel=1e-3)


def test_a_run_goes_on_in_the_precision_it_began_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("train.loop.device.fast_bfloat16", lambda _kind: True)
    begun = Fit(small_recipe(precision="auto"), *_parts(), CPU)
    assert begun.bf16
    monkeypatch.setattr("train.loop.device.fast_bfloat16", lambda _kind: False)
    other = Fit(small_recipe(precision="auto"), *_parts(), CPU)
    tensors, numbers = begun.state()
    other.restore(tensors, numbers)
    assert other.bf16 and other.stepper.bf16
    old = Fit(small_recipe(precision="auto"), *_parts(), CPU)
    old.restore(tensors, {"half" if name == "bf16" else name: value for name, value in numbers.items()})
    assert old.bf16 and old.stepper.bf16
