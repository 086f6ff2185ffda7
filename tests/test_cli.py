"""The command line: what it prints, and how it ends."""

import os
import shutil
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from churnlab.cli import app

HEAVY = {"matplotlib", "sklearn", "tensorflow", "xgboost", "optuna", "shap", "mlflow", "dvc"}


def run(*arguments):
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def repository(repo_root, tmp_path, monkeypatch):
    """Return a repository in which nothing has been run, as the work folder."""
    shutil.copytree(repo_root / "data" / "catalog", tmp_path / "data" / "catalog")
    shutil.copy(repo_root / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_a_command_the_help_teaches():
    result = run()
    assert "show" in result.output
    assert "dvc repro report@telecom" in result.output


def test_help_of_show_gives_an_example():
    result = run("show", "--help")
    assert result.exit_code == 0
    assert "churnlab show telecom --markdown" in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("command", "example"),
    [
        ("experiments", "'models=[rf]|[rf,xgb]'"),
        ("compare", "churnlab compare HEAD my-seed-7 --test-only"),
        ("new-study", "churnlab new-study customers.csv --target churned --id customer_id"),
        ("verify", "churnlab verify telecom --from v1.2"),
    ],
)
def test_the_example_in_a_help_is_printed_whole(command, example):
    assert example in " ".join(run(command, "--help").output.split())


def test_before_any_run_it_says_what_to_run(repository):
    result = run("show")
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert "dvc repro report@telecom" in result.output


def test_a_study_that_was_not_run_names_the_missing_file(repository):
    result = run("show", "bank")
    assert result.exit_code == 1
    assert "metrics/bank/comparison.json" in result.output


def test_a_misspelt_study_is_an_error_that_names_the_right_one(repository):
    result = run("show", "telcom")
    assert result.exit_code == 1
    assert "did you mean 'telecom'" in result.output


def test_outside_a_repository_it_says_where_it_looked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run("show")
    assert result.exit_code == 1
    assert str(tmp_path) in result.output
    assert "params.yaml" in result.output


def test_an_unknown_option_is_refused():
    assert run("show", "--markdwn").exit_code == 2


def test_importing_and_asking_for_help_loads_nothing_heavy(repo_root):
    code = "import sys, churnlab.cli; sys.stdout.write(' '.join(sys.modules))"
    environment = {**os.environ, "PYTHONPATH": str(repo_root / "src")}
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True, env=environment
    ).stdout.split()
    loaded = {name.split(".")[0] for name in found}
    assert not loaded & {*HEAVY, "pandas", "numpy", "pydantic"}
