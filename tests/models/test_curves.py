import csv
import json
import subprocess
import sys

import pytest

from churnlab.errors import ChurnlabError
from churnlab.models.curves import record_curve

CURVE = [
    {"step": 25, "train_log_loss": 0.61234567, "validation_log_loss": 0.7},
    {"step": 50, "train_log_loss": 0.5, "validation_log_loss": 0.65},
]


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    record_curve(tmp_path / "curves", CURVE)
    return tmp_path / "curves"


def files(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_each_metric_is_one_table_of_steps_and_values(recorded):
    with (recorded / "plots/metrics/train_log_loss.tsv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert rows == [
        {"step": "25", "train_log_loss": "0.612346"},
        {"step": "50", "train_log_loss": "0.5"},
    ]
    assert (recorded / "plots/metrics/validation_log_loss.tsv").is_file()


def test_the_summary_has_the_last_point(recorded):
    summary = json.loads((recorded / "metrics.json").read_text())
    assert summary["step"] == 50
    assert summary["validation_log_loss"] == 0.65


def test_no_file_holds_a_time_and_none_differs_when_recorded_again(recorded, tmp_path):
    record_curve(tmp_path / "again", CURVE)
    assert files(recorded) == files(tmp_path / "again")
    assert b"timestamp" not in b"".join(files(recorded).values())


def test_recording_over_an_older_curve_leaves_none_of_it(recorded, tmp_path):
    longer = [*CURVE, {"step": 75, "train_log_loss": 0.4, "validation_log_loss": 0.6}]
    record_curve(tmp_path / "reused", longer)
    record_curve(tmp_path / "reused", CURVE)
    assert files(tmp_path / "reused") == files(recorded)


def test_nothing_is_written_outside_the_given_folder(recorded, tmp_path):
    assert [path.name for path in tmp_path.iterdir()] == ["curves"]


def test_a_git_repository_without_a_commit_is_named(tmp_path, monkeypatch):
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    subprocess.run([sys.executable, "-m", "dvc", "init", "--quiet"], cwd=tmp_path, check=True)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ChurnlabError, match=r"make one: git add"):
        record_curve(tmp_path / "curves", CURVE)
