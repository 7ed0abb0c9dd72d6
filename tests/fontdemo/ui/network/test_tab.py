"""The Network tab without a browser: what its handlers show for networks and for what is typed."""

from __future__ import annotations

import json

import pytest
import torch

from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.network.report_claims import CLAIMS
from fontdemo.network.what_if import DesignError, design, settings_of
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.network.tab import changed, chosen
from tests.support import reporttables
from tests.support.outline import Outline


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> NetworkStore:
    root = tmp_path_factory.mktemp("weights")
    torch.manual_seed(0)
    pretrained.save(Network(), root / "report-cnn", "")
    pretrained.save(Network("report-crnn"), root / "report-crnn", "")
    pretrained.save(Network(alphabet="alnum62", options={"dropout": 0.3, "channels": (8, 8, 8)}), root / "own", "")
    return NetworkStore(lambda: {folder.name: folder for folder in root.iterdir()})


def text(html: str) -> str:
    return Outline(html).text


def test_the_reports_network_is_shown_with_its_tables(networks: NetworkStore) -> None:
    verdict, tables, settings, claims, kernels = chosen(networks, "report-cnn")
    assert "702,948 parameters, 497,052 below the limit of 1,200,000. FC1 holds 84 % of them." in text(verdict)
    for row in (*reporttables.layer_rows(), *reporttables.summary()):
        assert all((f"{part:,}" if isinstance(part, int) else part) in text(tables) for part in row)
    for name, value in reporttables.totals().items():
        assert name + value in text(tables)
    assert json.loads(settings) == settings_of({})
    assert "32×8×8 into 512 has 1,161,700 parameters, 38,300 below the limit" in text(claims)
    for part in ("(9×9×1+1)×16=1,312", "702,644", "(10×10×1+1)×16=1,616", "702,948"):
        assert part in text(kernels)


def test_another_architecture_has_its_tables_and_the_reports_cnn_to_change(networks: NetworkStore) -> None:
    verdict, tables, *editing = chosen(networks, "report-crnn")
    assert "1,052,420 parameters" in text(verdict) and "GRU holds 94 %" in text(verdict)
    assert "32×4×4 → 1×512 → 256" in text(tables) and "GRU-9[-1, 1, 256]986,112" in text(tables)
    assert editing == list(chosen(networks, "report-cnn")[2:])
    verdict, _ = changed(networks, "report-crnn", json.dumps({**settings_of({}), "pool": 3}))
    assert "The report&#39;s CNN, changed" in verdict


@pytest.mark.parametrize("index", range(len(CLAIMS)))
def test_a_claim_is_shown_by_its_name(networks: NetworkStore, index: int) -> None:
    verdict, _ = changed(networks, "own", json.dumps(CLAIMS[index].settings))
    found = design(CLAIMS[index].changes, "alnum62")
    assert f"<h2>{CLAIMS[index].title.replace(chr(39), '&#39;')}</h2>" in verdict
    assert f"{found.total:,} parameters" in text(verdict)
    assert ("verdict-over" in verdict) == (not found.fits)


def test_what_is_changed_keeps_what_the_form_does_not_show(networks: NetworkStore) -> None:
    own = settings_of({"channels": [8, 8, 8]})
    verdict, tables = changed(networks, "own", json.dumps(own))
    assert "<h2>own</h2>" in verdict and "128 → 62" in text(tables)
    assert "<h2>own, changed</h2>" in changed(networks, "own", json.dumps({**own, "pool": 3}))[0]
    with pytest.raises(DesignError):
        changed(networks, "own", "{")


def test_an_impossible_stage_is_reported_in_its_row(networks: NetworkStore) -> None:
    verdict, tables = changed(networks, "report-cnn", json.dumps({**settings_of({}), "kernels": [10, 5, 50]}))
    assert "These settings make no network. Conv3: a kernel of 50×50" in text(verdict)
    assert "24/2=12" in text(tables) and "A kernel of 50×50 is larger than the 16×16" in text(tables)
    assert "Linear" not in tables
