"""Results are read where the stages left them, and say so when they did not."""

import shutil

import pytest

from churnlab.errors import ChurnlabError
from churnlab.reporting.results import StudyResults
from reporting.study import FAMILIES, STUDY


def test_models_come_in_one_order_tuned_first(results):
    assert results.models == ["rf", "xgb", "blend", "rf_baseline", "xgb_baseline"]
    assert results.families == list(FAMILIES)


def test_a_missing_file_is_named_with_the_command_that_makes_it(study_root, tmp_path):
    for part in ("data/catalog", "params.yaml"):
        source, copy = study_root / part, tmp_path / part
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, copy) if source.is_dir() else shutil.copy(source, copy)
    empty = StudyResults.load(STUDY, tmp_path)
    with pytest.raises(ChurnlabError, match=r"metrics/telecom/test.json.*dvc repro report@telecom"):
        empty.metrics("test")
    with pytest.raises(ChurnlabError, match="plots/telecom/curves/rf"):
        empty.training_curves("rf")


def test_the_repository_is_found_from_a_folder_inside_it(study_root, monkeypatch):
    inside = study_root / "notebooks"
    inside.mkdir(exist_ok=True)
    monkeypatch.chdir(inside)
    assert StudyResults.load(STUDY).paths.root == study_root.resolve()


def test_a_choice_called_none_is_a_value_and_not_a_gap(results):
    assert list(results.trials("rf")["kind"]) == ["none", "a", "a"]


def test_the_ledger_starts_honest_and_ends_with_the_worst_first(results):
    assert list(results.protocols()) == ["honest", "leak", "scaled"]


def test_mistakes_of_customers_come_without_their_ids(results):
    assert "id" not in results.confident_mistakes()
