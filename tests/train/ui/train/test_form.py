"""The Train tab's form: the note below Start."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from fontdemo.errors import FontdemoError
from tests.train.ui.train.test_tab import HOME
from train.access import PUBLIC, QUICK, Access, Limits, NotAllowedError
from train.data import sources
from train.loop.estimate import Estimate
from train.loop.recipe import get_recipe
from train.runs.start.standby import Standby, alike
from train.ui import pace
from train.ui.train import fields as form
from train.ui.train import form as tab_form


def filled(kind: str = sources.FONTS, path: str = "", **changes: Any) -> tuple[Any, ...]:
    """The values of a form that is filled in."""
    settings = replace(form.to_fields(get_recipe("report")), **changes)
    return ("report", "", "cpu", kind, 300, False, "families", path, None, *settings.values(), "")


def test_the_note_below_start_tells_mistakes_from_what_is_still_to_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "_measured", None)  # nothing is measured for any of these
    for kind in (sources.PACKED, sources.FOLDER, sources.ARCHIVE):
        waiting = tab_form.estimate_text(HOME, filled(kind))
        assert "estimate" in waiting and "estimate-wrong" not in waiting
    for busy in (False, True):
        assert "estimate-wrong" in tab_form.estimate_text(HOME, filled(batch=0), busy=busy)
    assert tab_form.estimate_text(HOME, filled(sources.PACKED, "small.npz"), busy=True) == ""


def test_the_time_is_that_of_the_whole_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[str] = []

    def measure(recipe: str, device: str, when: int) -> Estimate:
        measured.append(recipe)
        return Estimate("the CPU", True, 100.0, 1, 2.0, 1.0)

    monkeypatch.setattr(pace, "_measured", measure)
    best = ("best", "", "cpu", sources.FONTS, 300, False, "families", "", None)
    for epochs in (1, 10):
        fields = replace(form.to_fields(get_recipe("best")), epochs=epochs)
        assert f"{epochs} epoch" in tab_form.estimate_text(HOME, (*best, *fields.values(), ""))
    assert measured[0] == measured[1]  # another number of epochs changes no step
    recipe = json.loads(measured[0])
    assert recipe["outliers"] == get_recipe("best").outliers > 0
    assert all(recipe[name] == getattr(get_recipe("best"), name) for name in ("augmentation", "batch", "options"))
    tab_form.estimate_text(HOME, filled(weight_decay=0.1))
    tab_form.estimate_text(HOME, filled())
    assert len(set(measured)) == 3


@pytest.mark.parametrize("limits", [QUICK, PUBLIC])
def test_a_visitors_step_takes_no_more_than_the_machine_has(limits: Limits) -> None:
    visitor = Access(train=True, manage=False, limits=limits, browser="a" * 64)
    wide = {"channels": [100], "kernels": [1], "strides": [1], "paddings": [0], "pool": 50}
    design = json.dumps({**wide, "widths": [], "fc_activations": []})

    def read(batch: int, design: str = "", architecture: str = "report-cnn") -> Any:
        values = filled(sources.SAMPLE, batch=batch, architecture=architecture, epochs=1, minutes=1.0)
        return tab_form.read(visitor, (*values[:-1], design))[0]

    assert read(250, design).batch == 250
    assert read(4096).batch == 4096
    with pytest.raises(NotAllowedError, match="At most 250 images"):
        read(251, design)
    with pytest.raises(NotAllowedError, match="images in a batch"):
        read(4096, architecture="residual-cnn")
    with pytest.raises(FontdemoError, match="values"):
        read(2, json.dumps({**json.loads(design), "channels": [4096]}))
    with pytest.raises(NotAllowedError, match="parameters"):
        read(2, json.dumps({"widths": [4096, 128]}))
    assert tab_form.read(HOME, filled(sources.SAMPLE, batch=4096, architecture="residual-cnn"))[0].batch == 4096


def test_nothing_is_measured_that_the_standby_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A form has 0 where a recipe has 0.0."""
    monkeypatch.setattr(pace, "_measured", None)
    standby = Standby()
    estimate = Estimate("the CPU", True, 100.0, 1, 2.0, 1.0)
    monkeypatch.setattr(standby, "_paces", {alike(get_recipe("quick")).to_json(): estimate})
    fields = replace(form.to_fields(get_recipe("quick")), epochs=3, smoothing=0, weight_decay=0)
    values = ("quick", "", "auto", sources.SAMPLE, 300, False, "families", "", None, *fields.values())
    said = tab_form.estimate_text(HOME, (*values, ""), standby=standby)
    assert "3 epochs would take about 8 minutes" in said  # 10,400 images, where 8,000 take two
    design = json.dumps({"widths": [1024, 128]})
    assert "3 epochs would take about" in tab_form.estimate_text(HOME, (*values, design), standby=standby)
