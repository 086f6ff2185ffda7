import json
import logging

import numpy as np
import pandas as pd
import pytest
from benchmarks.quality import results, run, table
from benchmarks.quality.cache import Cached, load, save
from sklearn.metrics import brier_score_loss, f1_score, log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold

from churnlab.errors import ChurnlabError
from churnlab.evaluation.metrics import stable_f1_threshold


def synthetic(noise: float) -> Cached:
    """Five folds of made-up probabilities; the same labels for every `noise`."""
    labels = np.random.default_rng(1).integers(0, 2, 200)
    cached = Cached("same")
    for fold in range(5):
        draw = np.random.default_rng(100 + fold)
        p = np.clip(0.2 + 0.6 * labels + noise * draw.normal(size=200), 0.01, 0.99)
        part = pd.DataFrame({"row": np.arange(200), "y": labels, "p": p})
        cached.add(fold, {"inner": part.iloc[:160], "test": part.iloc[160:]}, {"seconds": 1.0})
    return cached


@pytest.fixture
def judged():
    return {"churnlab": synthetic(0.1), "xgb_default": synthetic(0.6)}


def test_folds_are_scikit_learns_on_all_rows(telecom_table, telecom):
    rows = table.judged_rows(telecom_table, telecom)
    assert len(rows) == 5000
    splitter = StratifiedKFold(5, shuffle=True, random_state=20261122)
    for number, (_, held_out) in enumerate(splitter.split(np.zeros(5000), rows["y"])):
        assert np.array_equal(np.flatnonzero(rows["fold"] == number), held_out)


def test_peers_get_raw_columns_without_identifiers_and_leaks(
    telecom_table, telecom, bank_table, bank
):
    assert "total_day_charge" in table.judged_rows(telecom_table, telecom)
    rows = table.judged_rows(bank_table, bank)
    assert not {"Complain", "RowNumber", "CustomerId", "Surname", "Exited"} & set(rows)
    assert len(rows) == 10000


def test_a_trial_larger_than_the_table_is_refused(telecom_table, telecom):
    with pytest.raises(ChurnlabError, match="--rows 6000: there are 5,000"):
        table.judged_rows(telecom_table, telecom, 6000)


def test_metrics_of_a_fold_are_scikit_learns_at_the_inner_threshold(judged):
    folds = results.fold_metrics(judged).set_index(["model", "fold"])
    rows = judged["xgb_default"].predictions.query("fold == 3")
    inner, test = rows[rows["part"] == "inner"], rows[rows["part"] == "test"]
    threshold = stable_f1_threshold(inner["y"].to_numpy(), inner["p"].to_numpy())
    found = folds.loc[("xgb_default", 3)]
    assert found["roc_auc"] == pytest.approx(roc_auc_score(test["y"], test["p"]))
    assert found["log_loss"] == pytest.approx(log_loss(test["y"], test["p"]))
    assert found["brier"] == pytest.approx(brier_score_loss(test["y"], test["p"]))
    assert found["f1"] == pytest.approx(f1_score(test["y"], test["p"] >= threshold))


def test_differences_are_paired_and_signed_as_ours_minus_theirs(judged):
    folds = results.fold_metrics(judged)
    found = results.differences(folds, 0.95)["xgb_default"]["log_loss"]
    values = folds.pivot_table(index="fold", columns="model", values="log_loss")
    gaps = values["churnlab"] - values["xgb_default"]
    assert found.difference == pytest.approx(gaps.mean())
    assert found.high < 0
    # Nadeau & Bengio (2003): t quantile with 4 degrees of freedom, variance times 1/5 + 1/4.
    spread = 2.7764451 * np.sqrt((1 / 5 + 1 / 4) * gaps.var(ddof=1))
    assert found.low == pytest.approx(gaps.mean() - spread)


def test_results_hold_mean_and_interval_and_the_page_names_what_is_missing(
    judged, settings, tmp_path
):
    run.write_results(tmp_path, judged, ["churnlab"], "the command", settings, 0.95)
    found = json.loads((tmp_path / "quality-telecom.json").read_text())
    assert list(found) == ["churnlab", "xgb_default"]
    assert list(found["churnlab"]) == sorted(results.JUDGED)
    for value in found["churnlab"].values():
        assert value["low"] <= value["mean"] <= value["high"]
    page = (tmp_path / "quality-telecom.md").read_text()
    assert page.index("the command") < page.index("| system |")
    missing = next(line for line in page.splitlines() if line.startswith("Not run"))
    assert "`autogluon`" in missing
    assert "`xgb_default`" not in missing
    ahead = next(line for line in page.splitlines() if "| XGBoost, defaults | +" in line)
    assert "ahead" in ahead
    assert "By an earlier state of the code or its settings: `churnlab`." in page


def test_without_ours_there_are_means_but_no_differences(judged):
    del judged["churnlab"]
    folds = results.fold_metrics(judged)
    assert results.differences(folds, 0.95) == {}
    assert list(results.means(folds, 0.95)) == ["xgb_default"]


def test_only_complete_systems_of_the_present_settings_are_shown(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(table, "fingerprint", lambda system, rows, settings: "same")
    whole, part, stale = synthetic(0.1), synthetic(0.1), synthetic(0.1)
    del part.notes[4]
    stale.fingerprint = "other"
    for name, cached in {"rf_default": whole, "flaml": part, "autogluon": stale}.items():
        save(tmp_path / f"{name}.parquet", cached)
    assert list(run.complete(tmp_path / "rows.parquet", settings)) == ["rf_default"]


def test_predictions_by_earlier_code_are_found_when_they_are_of_the_same_rows(tmp_path):
    rows = tmp_path / "rows.parquet"
    earlier = synthetic(0.1)
    earlier.predictions.query("part == 'test'")[["row", "fold", "y"]].to_parquet(rows)
    others = synthetic(0.1)
    others.predictions["y"] = 1 - others.predictions["y"]
    for name, cached in {"flaml": earlier, "autogluon": others, "rf_default": earlier}.items():
        save(tmp_path / f"{name}.parquet", cached)
    assert list(run.complete_earlier(rows, present={"rf_default"})) == ["flaml"]


def test_the_fingerprint_follows_what_decides_the_predictions(settings, tmp_path):
    from dataclasses import replace

    file = tmp_path / "rows.parquet"
    file.write_bytes(b"rows")
    longer = replace(settings, budget_seconds=60.0)
    for system, depends in {"churnlab": False, "rf_default": False, "flaml": True}.items():
        before = table.fingerprint(system, file, settings)
        assert (table.fingerprint(system, file, longer) != before) is depends
        file.write_bytes(b"other rows")
        assert table.fingerprint(system, file, settings) != before
        file.write_bytes(b"rows")


def test_cached_predictions_are_read_as_they_were_written(tmp_path):
    cached = synthetic(0.3)
    save(tmp_path / "one.parquet", cached)
    again = load(tmp_path / "one.parquet", "same")
    assert again.predictions.equals(cached.predictions)
    assert again.notes == cached.notes


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--systems", "xgb"], "unknown system xgb; known are churnlab"),
        (["--study", "telecon"], "unknown study telecon; known are telecom"),
    ],
)
def test_a_wrong_name_ends_with_the_known_ones(arguments, message, monkeypatch, caplog):
    monkeypatch.setattr("sys.argv", ["run.py", *arguments])
    with caplog.at_level(logging.ERROR):
        assert run.main() == 1
    assert message in caplog.text
