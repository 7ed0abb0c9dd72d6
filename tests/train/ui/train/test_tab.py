"""The Train tab without a browser: the form, who may do what, what is shown, the launcher, taking networks away."""

from __future__ import annotations

import io
import json
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import numpy as np
import pytest
import torch
from huggingface_hub.errors import HfHubHTTPError
from markupsafe import escape

from fontdemo.errors import FontdemoError
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.page import build
from tests.support.training import CHARACTERS, letter_set
from tests.support.unserved import unserved
from train.access import access
from train.data import sources
from train.loop.estimate import Estimate
from train.loop.recipe import RECIPES, Recipe, RecipeError, get_recipe
from train.runs import background, export, jobs, mistakes
from train.runs.folder import RunFolder
from train.runs.summary import kept_epoch, peak_epoch, summarize
from train.ui.train import fields as form
from train.ui.train import form as tab_form
from train.ui.train import live, mistakes_view, pinned_view, runs_view, tab

HOME = access({})
HOSTED = access({"SPACE_ID": "a/b", "FONTDEMO_TRAINING": "off"})
QUICK = access({"SPACE_ID": "a/b"})
ALLOWED = access({"SPACE_ID": "a/b", "FONTDEMO_TRAINING": "on"})
EVIL = "<img src=x onerror=alert(1)>\"'&"


def row(number: int, error: float, accuracy: float) -> dict[str, Any]:
    return {
        "kind": "epoch", "at": number, "epoch": number, "train_error": error, "train_accuracy": accuracy,
        "valid_error": error, "valid_accuracy": accuracy, "previous_best": None, "improved": True,
        "seconds": 60.0 * number, "device": "the CPU (2 threads)", "memory": 512_000_000,
    }  # fmt: skip


def make_run(
    root: Path, name: str, *, status: str = "stopped", rows: int = 3, recipe: Recipe | None = None, message: str = ""
) -> Path:
    """A run's folder as one that trained would have left it."""
    folder = root / name
    data = root.parent / "small.npz"
    if not data.exists():
        root.mkdir(parents=True, exist_ok=True)
        letter_set(1).save(data)
    RunFolder.create(folder, recipe or Recipe(), data)
    lines = [json.dumps(row(n, 1 / n, 1 - 1 / (n + 1))) for n in range(1, rows + 1)]
    (folder / "metrics.jsonl").write_text("".join(line + "\n" for line in lines))
    (folder / "log.txt").write_text("Training on the CPU\nEpoch: 3\tTrain Error: 0.1\n")
    RunFolder(folder).write_state(status, message=message)
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "runs"


# The form


@pytest.mark.parametrize("name", list(RECIPES))
def test_every_recipe_survives_its_form(name: str) -> None:
    assert form.from_fields(name, form.to_fields(get_recipe(name))) == get_recipe(name)
    assert name in form.SENTENCES


def test_fields_change_the_recipe() -> None:
    fields = replace(form.to_fields(get_recipe("report")), conv_activation="elu", fc2_activation="relu", epochs=3)
    recipe = form.from_fields("report", fields)
    assert recipe.epochs == 3
    assert recipe.options == {"conv_activation": "elu", "fc_activations": ["silu", "relu"]}
    assert form.to_fields(recipe) == fields
    Network(recipe.architecture, recipe.alphabet, recipe.options)


@pytest.mark.parametrize(
    ("field", "value"),
    [("batch", None), ("epochs", 0), ("learning_rate", float("nan")), ("architecture", "evil"),
     ("conv_activation", "__class__"), ("seed", -1), ("augmentation", "none; rm"), ("minutes", 1e9)],
)  # fmt: skip
def test_values_that_will_not_do_are_reported(field: str, value: Any) -> None:
    with pytest.raises(RecipeError):
        form.from_fields("report", replace(form.to_fields(get_recipe("report")), **{field: value}))


def filled(kind: str = sources.FONTS, path: str = "", **changes: Any) -> tuple[Any, ...]:
    """The values of a form that is filled in."""
    settings = replace(form.to_fields(get_recipe("report")), **changes)
    return ("report", "", "cpu", kind, 300, False, "families", path, None, *settings.values(), "")


def test_the_note_below_start_tells_mistakes_from_what_is_still_to_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tab_form, "_pace", None)  # nothing is measured for any of these
    for kind in (sources.PACKED, sources.FOLDER, sources.ARCHIVE):
        waiting = tab_form.estimate_text(HOME, filled(kind))
        assert "estimate" in waiting and "estimate-wrong" not in waiting
    for busy in (False, True):
        assert "estimate-wrong" in tab_form.estimate_text(HOME, filled(batch=0), busy=busy)
    assert tab_form.estimate_text(HOME, filled(sources.PACKED, "small.npz"), busy=True) == ""


def test_the_time_is_that_of_the_whole_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[str] = []

    def pace(recipe: str, device: str, when: int) -> Estimate:
        measured.append(recipe)
        return Estimate("the CPU", True, 100.0, 1, 2.0, 1.0)

    monkeypatch.setattr(tab_form, "_pace", pace)
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


# Who may do what


def test_a_public_page_is_read_only_unless_its_host_allows_training() -> None:
    assert HOME.train and HOME.manage
    assert not HOSTED.train and not HOSTED.manage
    assert ALLOWED.train and not ALLOWED.manage
    assert QUICK.train and not QUICK.manage and QUICK.limits.sample_only and not ALLOWED.limits.sample_only
    for word in ("off", "1", "true"):
        assert not access({"SPACE_ID": "a/b", "FONTDEMO_TRAINING": word}).train
    with pytest.raises(FontdemoError):
        HOSTED.require_train()
    with pytest.raises(FontdemoError):
        ALLOWED.require_manage()
    for recipe in (Recipe(epochs=31), Recipe(minutes=16.0)):
        HOME.check(recipe.epochs, recipe.minutes)
        with pytest.raises(FontdemoError):
            ALLOWED.check(recipe.epochs, recipe.minutes)


def handlers(demo: gr.Blocks) -> dict[str, Callable[..., Any]]:
    """The functions behind the page's buttons, by the elem_id of what triggers them."""
    found = {}
    for function in demo.fns.values():
        for target, event in function.targets:
            if target in demo.blocks and function.fn is not None:
                found[f"{demo.blocks[target].elem_id}.{event}"] = function.fn
    return found


@pytest.fixture
def page(root: Path, tmp_path: Path) -> Iterator[Callable[..., dict[str, Callable[..., Any]]]]:
    torch.manual_seed(0)
    pretrained.save(Network(), tmp_path / "shipped", "")

    def open_(rights: Any) -> dict[str, Callable[..., Any]]:
        readers = NetworkStore(lambda: {"shipped": tmp_path / "shipped"} | live.trained_networks(root))
        return handlers(build(readers, [("Train", tab.tab(root, rights))]))

    with unserved():
        yield open_


def test_handlers_refuse_what_buttons_do_not_offer(root: Path, page: Callable[..., dict[str, Any]]) -> None:
    folder = make_run(root, "a")
    found = page(HOSTED)
    view = live.View()
    state = (view, "report", None)
    settings = form.to_fields(Recipe()).values()
    form_values = (False, None, "report", "n", "cpu", "fonts", 10, False, "families", "", None, *settings, "")
    for name, more in (("start.click", form_values), ("stop.click", ()), ("resume.click", ())):
        with pytest.raises(gr.Error, match="Training is off"):
            found[name](*state, *more)
    with pytest.raises(gr.Error, match="Training is off"):
        found["pin.click"](None, view, None)
    with pytest.raises(gr.Error, match="Training is off"):
        found["runs.click"](*state, gr.EventData(None, {"run": "a", "what": "delete", "name": ""}))
    with pytest.raises(gr.Error, match="Training is off"):
        found["runs.click"](*state, gr.EventData(None, {"run": "a", "what": "rename", "name": "b"}))
    assert folder.is_dir()
    assert "Training is off" in found["hub-push.click"](view, "a/b", "hf_x", True, None)[0]


@pytest.mark.parametrize("name", ["../a", "/etc", "a/../a", "", ".", "none", None, 3])
def test_a_name_from_a_browser_never_becomes_a_path(root: Path, page: Callable[..., dict[str, Any]], name: Any) -> None:
    make_run(root, "a")
    with pytest.raises(FontdemoError):
        live.find_run(root, name)
    event = gr.EventData(None, {"run": name, "what": "delete", "name": ""})
    with pytest.raises(gr.Error):
        page(HOME)["runs.click"](live.View(), "report", None, event)
    assert (root / "a").is_dir()


def test_only_a_real_choice_of_a_recipe_fills_the_form(page: Callable[..., dict[str, Any]]) -> None:
    found = page(HOME)
    closed = found["recipe.input"]("report", "report")  # the menu was opened and closed again
    assert all(isinstance(value, dict) and "value" not in value for value in closed)
    for chosen in (found["recipe.input"]("best", "report"), found["recipe.select"]("best")):
        assert chosen == ["best", form.SENTENCES["best"], *form.to_fields(get_recipe("best")).values()]
    values = replace(form.to_fields(get_recipe("report")), epochs=3).values()
    labels = form.edited_labels(form.Fields.__match_args__, "report", values)
    assert [label for label in labels if "edited" in label] == ["epochs (edited)"]


def test_renaming_and_deleting(root: Path, page: Callable[..., dict[str, Any]]) -> None:
    make_run(root, "a")
    found, view = page(HOME), live.View(shown="a")

    def press(name: str, what: str, value: str = "") -> None:
        found["runs.click"](view, "report", None, gr.EventData(None, {"run": name, "what": what, "name": value}))

    press("a", "tick", "on")
    assert view.ticked == {"a"}
    press("a", "rename", "b")
    assert view.shown == "b" and (root / "b").is_dir()
    assert view.ticked == {"b"}
    with pytest.raises(gr.Error):
        press("b", "rename", "../c")
    press("b", "delete")
    assert not (root / "b").exists()


def test_a_second_start_is_refused_with_the_first_ones_name(root: Path, page: Callable[..., dict[str, Any]]) -> None:
    make_run(root, "busy one", status="running")  # by this very process, which is alive
    values = ("report", "n", "cpu", "fonts", 10, False, "families", "", None, *form.to_fields(Recipe()).values(), "")
    with pytest.raises(gr.Error, match="busy one"):
        page(HOME)["start.click"](live.View(), "report", None, False, None, *values)


# What is shown


@pytest.mark.parametrize(
    ("status", "start", "stop", "resume"),
    [("stopped", True, False, True), ("running", False, True, False), ("finished", True, False, False),
     ("time limit", True, False, False), ("early stop", True, False, False), ("failed", True, False, True)],
)  # fmt: skip
def test_buttons_do_something_when_they_are_enabled(
    root: Path, status: str, start: bool, stop: bool, resume: bool
) -> None:
    make_run(root, "a", status=status)
    shown = live.parts(background.Launcher(root), HOME, live.View(), "report")
    assert (shown["start"], shown["stop"], shown["resume"]) == (start, stop, resume)
    assert not shown["read"]  # there is no best yet
    closed = live.parts(background.Launcher(root), HOSTED, live.View(), "report")
    assert not (closed["start"] or closed["stop"] or closed["resume"])


def test_only_changes_are_sent(root: Path) -> None:
    folder = make_run(root, "a")
    starter, view = background.Launcher(root), live.View()
    everything = view.news(live.parts(starter, HOME, view, "report"))
    assert {"card", "curves", "log", "table", "start"} <= set(everything)
    assert view.news(live.parts(starter, HOME, view, "report")) == {}
    with open(folder / "metrics.jsonl", "a") as file:
        file.write(json.dumps(row(4, 0.2, 0.9)) + "\n")
    assert set(view.news(live.parts(starter, HOME, view, "report"))) == {"card", "curves", "table"}


def test_a_crash_is_reported_with_the_last_lines_of_the_log(root: Path) -> None:
    folder = make_run(root, "a", status="failed", message=f"disk full {EVIL}")
    (folder / "log.txt").write_text("\n".join(f"line {n} {EVIL}" for n in range(40)))
    card = runs_view.run_card(summarize(folder))
    assert "disk full" in card and "line 39" in card and "line 31" not in card
    assert "<img" not in card and str(escape(EVIL)) in card


def test_all_text_is_escaped(root: Path) -> None:
    folder = make_run(root, "a", message=EVIL)
    evil = replace(summarize(folder), recipe=replace(Recipe(), name=EVIL), device=EVIL)
    evil = replace(evil, status=replace(evil.status, name=EVIL, log_tail=EVIL, message=EVIL, status="crashed"))
    shown = [
        runs_view.run_card(evil), runs_view.runs_table([evil], EVIL, {EVIL}, {EVIL}), runs_view.log(EVIL),
        runs_view.waiting_card(EVIL, EVIL, 1, 2), runs_view.empty_card(EVIL, wrong=True),
    ]  # fmt: skip
    assert not any("<img" in text for text in shown)
    assert all(str(escape(EVIL)) in text for text in shown)


def test_time_left_is_measured_from_the_run(root: Path) -> None:
    folder = make_run(root, "a", status="running", recipe=Recipe(epochs=10, minutes=60.0))
    summary = summarize(folder)  # three epochs took three minutes
    assert summary.left == pytest.approx(7 * 60, abs=5)
    assert summary.kept == kept_epoch(summary.rows) == (3, pytest.approx(0.75))
    limited = summarize(make_run(root, "b", recipe=Recipe(epochs=10, minutes=5.0)))
    assert limited.left == pytest.approx(2 * 60, abs=5)
    assert summarize(make_run(root, "c", rows=0)).left is None


def test_what_is_kept_and_the_highest_accuracy_are_told_apart(root: Path) -> None:
    rows = [row(n, error, accuracy) for n, error, accuracy in ((14, 2.0, 0.5769), (15, 1.5, 0.4808), (16, 1.6, 0.5769))]
    assert kept_epoch(rows) == (15, 0.4808) and peak_epoch(rows) == (14, 0.5769)
    assert kept_epoch([]) is None and peak_epoch([]) is None
    folder = make_run(root, "a")
    (folder / "metrics.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows))
    card = runs_view.run_card(summarize(folder))
    assert "Kept: epoch 15, 48.08 % (lowest error)" in card and "Highest accuracy: epoch 14, 57.69 %" in card
    assert "Best" not in card
    table = runs_view.runs_table([summarize(folder)], "a", set(), {"a"})
    assert "Kept accuracy" in table and "48.08 %" in table and "57.69" not in table
    assert "Kept: none yet" in runs_view.run_card(summarize(make_run(root, "b", rows=0)))


# The launcher


def test_a_preparation_is_seen_and_can_be_stopped(root: Path) -> None:
    starter = background.Launcher(root)
    reached, go_on = threading.Event(), threading.Event()
    launched: list[Path] = []

    def prepare(progress: Callable[[int, int], None], say: Callable[[str], None]) -> Path:
        say("Reading fonts")
        progress(3, 10)
        reached.set()
        go_on.wait(10)
        progress(4, 10)
        return Path("data.npz")

    starter.begin("a", prepare, launched.append)
    assert reached.wait(10)
    shown = live.parts(starter, HOME, live.View(), "report")
    assert "Reading fonts 3 of 10" in shown["card"] and "30.0 %" in shown["card"]
    assert (shown["start"], shown["stop"]) == (False, True)
    with pytest.raises(jobs.JobError, match="“a”"):
        starter.begin("b", prepare, launched.append)
    assert starter.cancel()
    go_on.set()
    starter.wait(10)
    assert launched == [] and starter.preparing is None and "Stopped" in starter.error
    assert not starter.cancel()
    starter.begin("c", lambda progress, say: Path("data.npz"), launched.append)
    starter.wait(10)
    assert launched == [Path("data.npz")] and starter.error == ""


def test_what_goes_wrong_in_a_preparation_is_reported(root: Path) -> None:
    def prepare(progress: Callable[[int, int], None], say: Callable[[str], None]) -> Path:
        raise FontdemoError(f"no fonts {EVIL}")

    starter = background.Launcher(root)
    starter.begin("a", prepare, lambda data: None)
    starter.wait(10)
    shown = live.parts(starter, HOME, live.View(), "report")
    assert "no fonts" in shown["card"] and "<img" not in shown["card"] and shown["start"]


# Mistakes, and a drawing through the epochs


@pytest.fixture
def trained(root: Path) -> Path:
    """A run whose network is untrained: it errs."""
    folder = make_run(root, "a")
    torch.manual_seed(1)
    pretrained.save(Network(), folder / "best", "")
    return folder


def test_mistakes_are_counted(trained: Path) -> None:
    found = mistakes.of_run(trained)
    images, labels = letter_set(1).part("valid")
    with torch.no_grad():
        logits = pretrained.load(trained / "best")(torch.from_numpy(images)[:, None].float() / 255)
    read_as = logits.argmax(1).numpy()
    counts = np.zeros((52, 52), int)
    for label, other in zip(labels, read_as, strict=True):
        counts[label, other] += 1
    assert np.array_equal(found.counts, counts)
    assert found.total == len(labels) and found.right == int((read_as == labels).sum())
    a, b, one, other = found.pairs(3)[0]
    assert (one, other) == (counts[a, b], counts[b, a]) and one + other == (np.triu(counts + counts.T, 1)).max()
    assert np.isnan(found.by_class()).sum() == 52 - len(CHARACTERS)
    assert all(mistake.label != mistake.read_as for mistake in found.worst)
    confidences = [mistake.confidence for mistake in found.worst]
    assert confidences == sorted(confidences, reverse=True)
    assert mistakes.of_run(trained) is found  # kept
    time.sleep(0.01)
    torch.manual_seed(2)
    pretrained.save(Network(), trained / "best", "")
    assert mistakes.of_run(trained) is not found  # another network


def test_mistakes_show_their_faces_escaped(trained: Path) -> None:
    found = mistakes.of_run(trained)
    evil = replace(found, worst=(replace(found.worst[0], face=EVIL),))
    shown = mistakes_view.mistakes(evil)
    assert "<img src=x" not in shown and str(escape(EVIL)) in shown
    assert mistakes_view.mistakes(found).count("data:image/png") == len(found.worst)


def test_mistakes_before_there_is_a_network(root: Path) -> None:
    with pytest.raises(FontdemoError, match="no network yet"):
        mistakes.of_run(make_run(root, "a"))


def test_a_drawing_through_the_epochs(root: Path) -> None:
    folder = make_run(root, "a")
    image = np.zeros((100, 100), np.float32)
    assert "Draw a letter" in pinned_view.followed_strip(folder, 0)
    RunFolder(folder).pin(image)
    assert "will stand here" in pinned_view.followed_strip(folder, 0)
    network = Network().eval()
    outputs = {name: value[0].half().numpy() for name, value in network.trace(torch.zeros(1, 1, 100, 100)).items()}
    probabilities = np.zeros(52, np.float32)
    probabilities[28] = 0.75
    RunFolder(folder).write_followed(2, {"probabilities": probabilities, **outputs})
    strip = pinned_view.followed_strip(folder, 2)
    RunFolder(folder).add_followed(0.25, 3, 0.5, 2_600)
    RunFolder(folder).add_followed(0.5, 99, 0.5, 5_200)  # no such class
    with open(folder / "pinned" / "within.jsonl", "a") as file:
        file.write('[0.1, "<b>", 0.5, 1]\nnonsense\n')
    strip = pinned_view.followed_strip(folder, 2)
    assert strip.index("2,600") < strip.index("epoch 2") and "5,200" not in strip and strip.count("<li") == 2
    assert network.alphabet.title(28) in strip and "75 %" in strip and "aria-current=true" in strip
    assert 'data-stage="conv1"' in pinned_view.followed_stages(folder, 2)
    assert pinned_view.followed_stages(folder, 3) == ""


# Taking a network away


class FakeHub:
    """Records what is asked of the Hub, or refuses."""

    def __init__(self, status: int | None = None) -> None:
        self.status = status
        self.asked: list[tuple[str, Any]] = []

    def create_repo(self, repo_id: str, **options: Any) -> None:
        self.asked.append(("create", (repo_id, options)))
        if self.status is not None:
            request = httpx.Request("POST", "https://huggingface.co", headers={"authorization": "Bearer hf_secret"})
            raise HfHubHTTPError("token hf_secret refused", response=httpx.Response(self.status, request=request))

    def upload_folder(self, **options: Any) -> None:
        self.asked.append(("upload", options))


def test_a_network_is_pushed(trained: Path) -> None:
    hub = FakeHub()
    url = export.push(trained / "best", " ada/reader ", "hf_secret", private=True, use_login=False, hub=hub)
    assert url == "https://huggingface.co/ada/reader"
    (_, (name, made)), (_, sent) = hub.asked
    assert name == "ada/reader" and made == {"token": "hf_secret", "private": True, "exist_ok": True}
    assert sent["folder_path"] == trained / "best" and set(sent["allow_patterns"]) == set(export.FILES)


@pytest.mark.parametrize("status", [401, 403, 404, 409, 429, 500])
def test_what_the_hub_refuses_is_reported_without_the_token(trained: Path, status: int) -> None:
    with pytest.raises(export.SharingError) as raised:
        export.push(trained / "best", "a/b", "hf_secret", private=True, use_login=False, hub=FakeHub(status))
    assert "secret" not in str(raised.value) and raised.value.__cause__ is None and raised.value.__suppress_context__


def test_this_machines_login_is_for_its_owner_only(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "get_token", lambda: "hf_login")
    hub = FakeHub()
    export.push(trained / "best", "a/b", "", private=False, use_login=True, hub=hub)
    assert hub.asked[0][1][1]["token"] == "hf_login"
    with pytest.raises(export.SharingError, match="token"):
        export.push(trained / "best", "a/b", "", private=False, use_login=False, hub=hub)


@pytest.mark.parametrize("name", ["", "x", "a/b/c", "../x", "a/b;c", "https://x/y"])
def test_names_that_are_no_repository_are_refused(trained: Path, name: str) -> None:
    hub = FakeHub()
    with pytest.raises(export.SharingError, match="OWNER/NAME"):
        export.push(trained / "best", name, "t", private=True, use_login=False, hub=hub)
    assert hub.asked == []


def test_a_network_is_packed_as_the_hub_lays_it_out(trained: Path, tmp_path: Path) -> None:
    file = export.pack(trained / "best", tmp_path / "a.zip")
    with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as archive:
        assert set(archive.namelist()) == set(export.FILES)
        archive.extractall(tmp_path / "out")
    loaded = pretrained.load(tmp_path / "out")
    image = torch.rand(1, 1, 100, 100)
    with torch.no_grad():
        assert torch.equal(loaded(image), pretrained.load(trained / "best")(image))
    with pytest.raises(export.SharingError):
        export.pack(tmp_path / "nothing", tmp_path / "b.zip")


def test_the_runs_networks_are_to_choose_from(trained: Path, root: Path) -> None:
    make_run(root, "b")
    assert live.trained_networks(root) == {"trained: a": trained / "best"}
    assert live.trained_networks(root / "none") == {}
