"""`churnlab new-study` as a person sees it."""

import os
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from churnlab.commands.new_study import new_study
from churnlab.errors import ChurnlabError
from onboarding.conftest import repository  # noqa: F401
from onboarding.tables import customers, difficult, written


def run(*arguments):
    app = typer.Typer()
    app.command()(new_study)
    return CliRunner().invoke(app, list(map(str, arguments)))


@pytest.fixture
def inside(repository, monkeypatch):  # noqa: F811
    monkeypatch.chdir(repository)
    return repository


def test_it_says_what_it_found_what_to_check_and_what_comes_next(inside, tmp_path):
    file = written(difficult(), tmp_path / "hard.csv")
    result = run(file, "--target", "churned", "--id", "customer_id", "--time", "drawn")
    assert result.exit_code == 0, result.output
    words = " ".join(result.output.split())
    for said in (
        "hard: 600 rows, 14 columns",
        "split: time",
        "exit_reason: by itself tells who churned",
        "e_mail (by its name says who the customer is)",
        "joined: count as days before drawn",
        "missing values in joined, income",
        "city (",
        "Written: data/catalog/hard.yaml, params.yaml",
        "dvc repro report@hard",
    ):
        assert said in words
    assert (inside / "data/catalog/hard.yaml").is_file()


def test_a_dry_run_writes_nothing(inside, tmp_path):
    before = {path: path.read_bytes() for path in inside.rglob("*") if path.is_file()}
    result = run(written(customers(), tmp_path / "mine.csv"), "--target", "churned", "--dry-run")
    assert result.exit_code == 0
    assert "Nothing was written" in result.output
    assert {path: path.read_bytes() for path in inside.rglob("*") if path.is_file()} == before


def test_a_mistake_is_a_message_of_the_project(inside, tmp_path):
    result = run(tmp_path / "none.csv", "--target", "churned")
    assert isinstance(result.exception, ChurnlabError)
    assert "there is no such file" in str(result.exception)


def test_of_a_wide_table_only_what_needs_a_look_is_listed(inside, tmp_path):
    frame = customers()
    for number in range(60):
        frame[f"x{number}"] = frame["fee"] + number
    result = run(
        written(frame, tmp_path / "wide.csv"), "--target", "churned", "--id", "customer_id"
    )
    assert "and 64 more columns" in result.output
    assert "x17" not in result.output


def test_importing_the_command_loads_nothing_heavy(repo_root):
    code = (
        "import sys, churnlab.commands.new_study; "
        "print({'pandas', 'numpy', 'sklearn', 'rich.table'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(repo_root / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "set()"
