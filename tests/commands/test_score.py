import shutil

import pandas as pd
import pytest
from typer.testing import CliRunner

from batch.bundles import ROWS, small_bundle
from churnlab.cli import app


@pytest.fixture
def repository(tmp_path, repo_root, monkeypatch):
    """A repository whose telecom champion is a small bundle."""
    shutil.copy(repo_root / "params.yaml", tmp_path)
    shutil.copytree(repo_root / "data/catalog", tmp_path / "data/catalog")
    (tmp_path / "bundles").mkdir()
    small_bundle(tmp_path / "bundles").directory.rename(tmp_path / "bundles" / "telecom")
    ROWS.to_csv(tmp_path / "rows.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_table_is_scored_and_the_model_named(repository):
    done = CliRunner().invoke(app, ["score", "telecom", "rows.csv", "scores.parquet"])
    assert done.exit_code == 0, done.output
    assert "scores.parquet: 300 rows, by xgb " in done.output
    assert pd.read_parquet("scores.parquet")["id"].tolist() == ROWS["id"].tolist()


@pytest.mark.parametrize(
    ("study", "source", "words"),
    [
        ("telecon", "rows.csv", "telecom"),
        ("bank", "rows.csv", "run `dvc repro` up to export first"),
        ("telecom", "row.csv", "there is no such file"),
    ],
)
def test_a_mistake_ends_with_what_to_do(repository, study, source, words):
    done = CliRunner().invoke(app, ["score", study, source, "scores.parquet"])
    assert done.exit_code == 1
    assert words in done.output
    assert not (repository / "scores.parquet").exists()
