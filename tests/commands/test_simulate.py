"""`churnlab simulate`: tables, and the catalog of a study of them."""

import shutil

import pytest
from typer.testing import CliRunner

from churnlab.cli import app
from churnlab.config import load_event_catalog

SMALL = ["--sellers", "20", "--months", "4", "--seed", "1"]


@pytest.fixture
def inside(tmp_path, repo_root, monkeypatch):
    """A repository with nothing but parameters and the catalog of olist."""
    (tmp_path / "data" / "catalog").mkdir(parents=True)
    shutil.copy(repo_root / "data" / "catalog" / "olist.yaml", tmp_path / "data" / "catalog")
    shutil.copy(repo_root / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, ["simulate", *arguments])


def test_ten_tables_are_written_and_counted(inside):
    done = run("olist", *SMALL, "--output", "made")

    assert done.exit_code == 0, done.output
    assert len(list((inside / "made").iterdir())) == 11
    assert "sellers" in done.output
    assert not (inside / "data/catalog/made.yaml").exists()


def test_with_a_study_its_catalog_is_written_and_what_comes_next_is_said(inside):
    done = run("olist", *SMALL, "--output", "made", "--format", "parquet", "--study", "toy")

    assert done.exit_code == 0, done.output
    assert "dvc repro events@toy" in done.output
    catalog = load_event_catalog("toy", inside)
    assert catalog.tables["items"].file == "olist_order_items_dataset.parquet"
    assert catalog.tables["orders"].required


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("amazon", *SMALL), "unknown kind 'amazon'"),
        (("olist", *SMALL, "--study", "olist"), "exists already"),
        (("olist", *SMALL, "--study", "to-y"), "letters, digits and _"),
        (("olist", "--sellers", "0", "--months", "4"), "sellers: 0 is too few"),
    ],
)
def test_a_mistake_is_told_before_anything_is_written(inside, arguments, told):
    done = run(*arguments, "--output", "made")

    assert done.exit_code == 1
    assert told in done.output
    assert not (inside / "made").exists()
