"""train.runs.metrics and what reads a run's folder for the page: odd files cost nobody but themselves."""

from __future__ import annotations

import dataclasses
import json
import shutil
import tempfile
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fontdemo.errors import without_paths
from fontdemo.files import open_plain
from tests.support.unserved import unserved
from train.access import access
from train.loop.recipe import Recipe, RecipeError
from train.runs import export, jobs, metrics
from train.runs.background import Launcher
from train.runs.folder import RunFolder, runs_in
from train.runs.summary import kept_epoch, summarize
from train.ui.train import fields, live, sections
from train.ui.train import form as tab_form

STEP = {
    "kind": "step", "at": 0.5, "epoch": 1, "step": 50, "steps": 100, "train_error": 0.5, "train_accuracy": 0.8,
    "valid_accuracy": 0.7, "images_per_second": 2000.0, "seconds": 30.0, "device": "the CPU", "memory": 512_000_000,
}  # fmt: skip
EPOCH = {
    "kind": "epoch", "at": 1, "epoch": 1, "train_error": 0.4, "train_accuracy": 0.9, "valid_error": 0.3,
    "valid_accuracy": 0.85, "previous_best": None, "improved": True, "seconds": 60.0, "device": "the CPU",
    "memory": 512_000_000,
}  # fmt: skip
NAN, HUGE = float("nan"), 10**400
ODD = [
    STEP | {"at": "0.5"}, STEP | {"at": NAN}, STEP | {"at": HUGE}, STEP | {"at": [1]}, STEP | {"at": -1},
    STEP | {"seconds": "soon"}, STEP | {"seconds": NAN}, STEP | {"images_per_second": "fast"},
    STEP | {"images_per_second": {"a": 1}}, STEP | {"train_error": "x"}, STEP | {"train_accuracy": 7},
    STEP | {"epoch": None}, STEP | {"epoch": 1.5}, STEP | {"device": ["CPU"]}, STEP | {"device": "x" * 10_000},
    STEP | {"memory": "much"}, STEP | {"memory": HUGE}, STEP | {"kind": "other"}, STEP | {"kind": ["step"]},
    STEP | {"valid_error": []},
    EPOCH | {"valid_accuracy": None}, EPOCH | {"valid_error": [[]]}, EPOCH | {"valid_error": True},
    EPOCH | {"kind": "step"}, STEP | {"kind": "epoch"}, {"at": 1}, {"kind": "epoch", "At": 1}, {}, [STEP], 7, None, "x",
]  # fmt: skip
BINARY = [b"", b"\x00\xff\xfe", b"nonsense", b"[" * 100_000, b'{"kind": "step", "at"', b"9" * 5000, b"NaN"]


def make_run(root: Path, name: str, *lines: object) -> Path:
    """A run that stopped, with these lines of metrics (bytes: as they are)."""
    folder = root / name
    RunFolder.create(folder, Recipe(), root.parent / "none.npz")
    RunFolder(folder).write_state("stopped")
    texts = (line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    (folder / "metrics.jsonl").write_bytes(b"".join(text + b"\n" for text in texts))
    return folder


def parts(root: Path, shown: str = "") -> dict[str, Any]:
    """What the tab shows."""
    names = {folder.name for folder in runs_in(root)}
    return live.parts(Launcher(root), access({}), live.View(shown=shown, ticked=names), "report")


@pytest.fixture
def blocks() -> Iterator[gr.Blocks]:
    """A page that is never served."""
    with unserved():
        with gr.Blocks() as demo:
            yield demo


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.mark.parametrize("odd", [*ODD, *BINARY], ids=lambda odd: repr(odd)[-30:])
def test_an_odd_row_is_left_out_and_counted_and_other_runs_are_shown(root: Path, odd: object) -> None:
    good = make_run(root, "good", STEP, EPOCH)
    bad = make_run(root, "bad", STEP, odd, EPOCH)
    assert metrics.read(good).rows == (STEP, EPOCH) and metrics.read(good).skipped == 0
    assert metrics.read(bad).rows == (STEP, EPOCH) and metrics.read(bad).skipped == 1
    for shown in ("good", "bad"):
        made = parts(root, shown)
        assert "good" in made["table"] and made["table"].count("85.00 %") == 2
        assert ("1 line of its metrics" in made["card"]) == (shown == "bad")
        assert made["curves"].count('class="line-steps') == parts(root)["curves"].count('class="line-steps')


def test_a_training_that_came_apart_is_shown_to_its_end(root: Path) -> None:
    """Its error is no number: it counts as infinite, so it is no best epoch, and the chart has it at the top."""
    lost = EPOCH | {"at": 2, "epoch": 2, "train_error": NAN, "valid_error": NAN, "valid_accuracy": 0.02}
    folder = make_run(root, "lost", EPOCH, lost)
    found = metrics.read(folder)
    assert found.skipped == 0 and found.rows[1]["valid_error"] == float("inf")
    assert summarize(folder).at == 2 and kept_epoch(found.rows) == (1, 0.85)
    assert "nan" not in parts(root)["curves"].lower()


def test_a_line_that_is_still_being_written_does_not_count(root: Path) -> None:
    folder = make_run(root, "a", STEP)
    with open(folder / "metrics.jsonl", "a") as file:
        file.write(json.dumps(EPOCH)[:40])
    assert metrics.read(folder).rows == (STEP,) and metrics.read(folder).skipped == 0
    with open(folder / "metrics.jsonl", "a") as file:
        file.write(json.dumps(EPOCH)[40:] + "\n")
    assert metrics.read(folder).rows == (STEP, EPOCH)


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.booleans(), st.sampled_from(sorted(STEP.keys() | EPOCH.keys())), _JSON), max_size=4))
def test_no_row_whatever_breaks_the_tab(tmp_path: Path, changes: list[tuple[bool, str, Any]]) -> None:
    root = tmp_path / "runs"
    shutil.rmtree(root, ignore_errors=True)
    make_run(root, "any", STEP, *((STEP if step else EPOCH) | {name: value} for step, name, value in changes), EPOCH)
    assert "any" in parts(root)["table"]


# The time of a look


def _many(root: Path, runs: int, rows: int) -> None:
    steps = [json.dumps(STEP | {"at": (n + 1) / 60, "epoch": 1 + n // 60}) + "\n" for n in range(rows)]
    for number in range(runs):
        make_run(root, f"run {number}")
        (root / f"run {number}" / "metrics.jsonl").write_text("".join(steps))


def _quickest(act: Callable[[], object], times: int = 15) -> float:
    """Seconds of computing that `act` takes at least."""
    took = []
    for _ in range(times):
        began = time.process_time()
        act()
        took.append(time.process_time() - began)
    return min(took)


def test_a_look_at_forty_long_runs_takes_under_twenty_milliseconds(root: Path) -> None:
    _many(root, 40, 888)
    view, launcher, rights = live.View(), Launcher(root), access({})
    live.parts(launcher, rights, view, "report")
    assert _quickest(lambda: live.parts(launcher, rights, view, "report")) < 0.020


def test_what_was_read_is_read_again_only_when_it_has_changed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_run(root, "a", STEP)
    assert summarize(folder).at == 0.5
    opened: list[Path] = []

    def counting(file: Path) -> Any:
        opened.append(file)
        return open_plain(file)

    monkeypatch.setattr("train.runs.metrics.open_plain", counting)
    for _ in range(5):
        assert summarize(folder).at == 0.5
    assert folder / "metrics.jsonl" not in opened
    with open(folder / "metrics.jsonl", "a") as file:
        file.write(json.dumps(EPOCH) + "\n")
    assert summarize(folder).at == 1 and opened.count(folder / "metrics.jsonl") == 1
    (folder / "metrics.jsonl").unlink()
    assert summarize(folder).at == 0


# What strangers are shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [("/a/b/c.npz cannot be opened", "c.npz cannot be opened"), ("'/a b/c d.npz': full", "'c d.npz': full"),
     ('File "/x/y/fit.py", line 3', 'File "fit.py", line 3'), ("see https://a.org/b/c.html", "see https://a.org/b/c.html"),
     ("ada/font-reader 3/15", "ada/font-reader 3/15"), ("~/data/a.npz", "a.npz"), ("(/tmp/gradio/9/f.zip)", "(f.zip)")],
)  # fmt: skip
def test_paths_are_cut_to_names(text: str, shown: str) -> None:
    assert without_paths(text) == shown


def test_strangers_see_no_path_of_this_machine(root: Path) -> None:
    """A crash tells of files, and its traceback too."""
    secret = str(root.parent)
    folder = make_run(root, "crashed", STEP)
    RunFolder(folder).write_state("failed", message=f"[Errno 28] No space left on device: '{secret}/runs/a b/last'")
    (folder / "log.txt").write_text(f'  File "{secret}/train/fit.py", line 3\nOSError: {secret}/x.npz\n')
    hosted = access({"SPACE_ID": "a/b", "FONTDEMO_TRAINING": "on"})
    launcher = Launcher(root)
    made = live.parts(launcher, hosted, live.View(), "report")
    assert secret not in str(made) and "fit.py" in made["log"] and "No space left" in made["card"]
    assert secret in live.parts(launcher, access({}), live.View(), "report")["log"]

    def full(*_: object) -> Path:
        raise OSError(28, "No space left on device", f"{secret}/data/x.npz")

    (folder / "recipe.json").unlink()
    launcher.begin("x", full, lambda _: None)
    launcher.wait(10)
    made = live.parts(launcher, hosted, live.View(), "report")
    assert "No space left" in made["card"] and secret not in made["card"]


@pytest.mark.parametrize("where", ["write_json", "open"])
def test_a_start_on_a_full_disk_leaves_no_folder(root: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    data = root.parent / "small.npz"
    data.write_bytes(b"")

    def full(*_: object, **__: object) -> Any:
        raise OSError(28, "No space left on device", str(data))

    with monkeypatch.context() as disk:
        if where == "write_json":
            disk.setattr("train.runs.folder.write_json", full)
        else:
            disk.setattr("train.runs.worker.subprocess.Popen", full)
        with pytest.raises(jobs.JobError, match="could not be started: the disk is full") as caught:
            jobs.start(root, "mine", Recipe(), data, "cpu")
    assert "/" not in str(caught.value) and not (root / "mine").exists()


@pytest.mark.parametrize("name", ["batch", "epochs", "seed", "patience"])
def test_whole_numbers_take_no_fraction(name: str) -> None:
    first = fields.to_fields(Recipe())
    with pytest.raises(RecipeError, match=f"{name} must be a whole number"):
        fields.from_fields("report", dataclasses.replace(first, **{name: 2.5}))
    made = fields.from_fields("report", dataclasses.replace(first, **{name: 4.0}))
    assert type(getattr(made, name)) is int


def test_number_fields_round_nothing(blocks: gr.Blocks) -> None:
    numbers = [part for part in tab_form.build(access({}), None, gr.State("")).settings if isinstance(part, gr.Number)]
    assert len(numbers) == 8 and all(part.preprocess(2.5) == 2.5 for part in numbers)


def test_a_download_leaves_nothing_behind(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blocks: gr.Blocks
) -> None:
    folder = make_run(root, "a", EPOCH)
    (folder / "best").mkdir()
    for name in export.FILES:
        (folder / "best" / name).write_bytes(b"x")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    shared: Any = types.SimpleNamespace(visitor=gr.BrowserState(), demo=blocks)
    sections.build_sharing(shared, root, access({}), gr.State(live.View()))
    handler = next(fn.fn for fn in blocks.fns.values() if getattr(fn.fn, "__name__", "") == "packed")
    made = handler(live.View())
    assert Path(made.value["path"] if isinstance(made.value, dict) else made.value).is_file()
    assert not list((tmp_path / "temporary").glob("fontdemo-*"))
