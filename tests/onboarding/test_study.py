"""From a table to a study: the catalog reads the table, the parameters load, nothing is lost."""

import subprocess

import numpy as np
import pandas as pd
import pytest
import yaml

from churnlab.config import load_catalog, load_params
from churnlab.data.preparation import SplitRule, prepare
from churnlab.data.schema import read_table
from churnlab.data.sources import fetch
from churnlab.errors import ChurnlabError
from churnlab.onboarding.proposal import Asked
from churnlab.onboarding.study import plan_study
from onboarding.tables import customers, difficult, written

ASKED = Asked("churned", id="customer_id")


@pytest.fixture
def outside(tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


def made(repository, file, asked=ASKED, **more):
    study = plan_study(file, repository, asked, **more)
    study.write(repository)
    return study, load_catalog(study.name, repository)


def test_a_plain_table_is_ready_for_the_pipeline(repository, outside):
    file = written(customers(), outside / "mine.csv")
    study, catalog = made(repository, file)
    frame = read_table(file, catalog)
    parts = prepare(frame, catalog, SplitRule("random", 0.3, 1), 0.95, folds=5)
    assert list(parts.train.columns) == ["id", "y", "tenure", "calls", "fee", "plan"]
    assert len(parts.train) + len(parts.test) == study.rows == 240
    assert study.positive == "yes"


def test_a_difficult_table_gets_the_right_roles(repository, outside):
    file = written(difficult(), outside / "hard.csv")
    study, catalog = made(repository, file, Asked("churned", id="customer_id", time="drawn"))
    roles = {name: (c.type, c.role) for name, c in catalog.columns.items()}
    assert roles["joined"] == ("date", "input")
    assert roles["income"] == ("numeric", "input")
    assert roles["city"] == ("code", "input")
    assert roles["drawn"] == ("date", "time")
    assert roles["exit_reason"][1] == "leak"
    assert roles["currency"][1] == roles["remark"][1] == "unused"
    assert roles["e_mail"][1] == roles["customer_id"][1] == "identifier"
    assert catalog.filled_inputs == ["joined", "income"]
    assert study.split == "time"
    frame = read_table(file, catalog)
    parts = prepare(frame, catalog, SplitRule("time", 0.3, 1), 0.95, folds=2)
    assert parts.train["joined"].min() >= 0
    assert frame.loc[parts.test["id"] - 5000, "drawn"].min() > (
        frame.loc[parts.train["id"] - 5000, "drawn"].max()
    )


def test_without_times_dates_count_from_the_latest_of_them(repository, outside):
    frame = difficult().drop(columns=["exit_reason"])
    _, catalog = made(repository, written(frame, outside / "hard.csv"))
    assert str(catalog.as_of) == max(frame["drawn"])


def test_the_parameters_gain_four_entries_and_keep_their_form(repository, outside):
    before = yaml.safe_load((repository / "params.yaml").read_text())
    made(repository, written(customers(), outside / "mine.csv"))
    text = (repository / "params.yaml").read_text()
    after = yaml.safe_load(text)
    assert text == yaml.safe_dump(after, sort_keys=False)
    assert after["studies"] == [*before["studies"], "mine"]
    assert after["table_studies"] == [*before["table_studies"], "mine"]
    assert after["split"].pop("mine") == "random"
    assert after["features"].pop("mine") == "all"
    for names in ("studies", "table_studies"):
        after[names].remove("mine")
    assert after == before
    assert load_params(repository / "params.yaml").variant("mine") == "all"


def test_parameters_with_comments_are_not_written_over(repository, outside):
    path = repository / "params.yaml"
    path.write_text("# mine\n" + path.read_text())
    with pytest.raises(ChurnlabError, match="add by hand: 'mine' to studies and table_studies"):
        plan_study(written(customers(), outside / "mine.csv"), repository, ASKED)


def test_ingest_finds_the_file_again_and_knows_when_it_changed(repository, outside):
    file = written(customers(), outside / "mine.csv")
    _, catalog = made(repository, file)
    assert fetch(catalog, repository) == file.read_bytes()
    file.write_text(file.read_text() + "1,2,3,4,basic,no\n")
    with pytest.raises(ChurnlabError, match="longer"):
        fetch(catalog, repository)


def test_a_file_inside_the_repository_is_kept_from_git(repository):
    file = written(customers(), repository / "mine.csv")
    made(repository, file)
    status = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=all"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "mine.csv" not in status
    assert "data/catalog/mine.yaml" in status


def test_a_file_that_git_has_ships_with_the_repository(repository):
    file = written(customers(), repository / "mine.csv")
    subprocess.run(["git", "add", "mine.csv"], cwd=repository, check=True)
    _, catalog = made(repository, file)
    assert catalog.source.published_path == "mine.csv"
    assert catalog.source.url is None


def test_a_file_in_the_mirror_needs_no_address(repository, tmp_path, monkeypatch):
    folder = tmp_path / "mirror" / "mine"
    folder.mkdir(parents=True)
    monkeypatch.setenv("CHURNLAB_DATA_MIRROR", str(tmp_path / "mirror"))
    file = written(customers(), folder / "mine.csv")
    _, catalog = made(repository, file)
    assert catalog.source.url is None
    assert fetch(catalog, repository) == file.read_bytes()


def test_a_missing_value_that_only_churners_lack_is_a_leak(repository, outside):
    frame = customers(400)
    frame["renewal"] = np.where(frame["churned"] == "yes", "", frame["fee"].astype(str))
    study, catalog = made(repository, written(frame, outside / "mine.csv"))
    assert catalog.columns["renewal"].role == "leak"
    assert any(check.startswith("renewal: by itself") for check in study.checks)


def test_a_code_of_nearly_one_row_each_is_no_leak(repository, outside):
    frame = customers(400).assign(street=[f"street {i // 2}" for i in range(400)])
    _, catalog = made(repository, written(frame, outside / "mine.csv"))
    assert (catalog.columns["street"].type, catalog.columns["street"].role) == ("code", "input")


def test_sensitive_data_are_kept_from_models(repository, outside):
    frame = customers().assign(religion=["a", "b"] * 120)
    _, catalog = made(repository, written(frame, outside / "mine.csv"))
    column = catalog.columns["religion"]
    assert (column.role, column.privacy) == ("unused", "sensitive")


def test_groups_of_people_are_judged_for_fairness(repository, outside):
    frame = customers().assign(Gender=["Female", "Male"] * 120)
    _, catalog = made(repository, written(frame, outside / "mine.csv"))
    assert catalog.fairness.columns == ("Gender",)


def test_the_rarer_value_means_churned_where_none_says_so(repository, outside):
    frame = customers()
    frame["churned"] = frame["churned"].map({"yes": "B", "no": "A"})
    study, _ = made(repository, written(frame, outside / "mine.csv"))
    assert study.positive == "B"


REFUSED = {
    "three outcomes": (
        lambda f: f.assign(churned=["yes", "no", "maybe"] * 80),
        {},
        "the column has 3 values",
    ),
    "a missing outcome": (
        lambda f: f.assign(churned=f["churned"].where(f.index > 3, "")),
        {},
        "4 of 240 rows have no outcome",
    ),
    "repeated customers": (
        lambda f: pd.concat([f, f.head(7)]),
        {},
        "7 of 247 rows repeat an earlier one.*keep one row per customer",
    ),
    "a reserved name": (lambda f: f.rename(columns={"fee": "p"}), {}, "'p'.*rename it in the file"),
    "too few churners": (
        lambda f: f[(f["churned"] == "no") | (f.index == f.index[f["churned"] == "yes"][0])],
        {},
        "fewer than 5 folds",
    ),
    "a misspelt target": (
        lambda f: f,
        {"target": "churnd"},
        "--target 'churnd'.*did you mean 'churned'",
    ),
    "times that are none": (
        lambda f: f,
        {"time": "fee"},
        "'fee': the column holds no dates",
    ),
    "an unknown positive": (lambda f: f, {"positive": "1"}, "--positive '1': the values of"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_a_study_is_refused_with_the_reason(repository, outside, case):
    change, asked, words = REFUSED[case]
    file = written(change(customers()), outside / "mine.csv")
    options = {"target": "churned", "id": "customer_id"} | asked
    before = sorted(repository.rglob("*"))
    with pytest.raises(ChurnlabError, match=f"(?s){words}"):
        plan_study(file, repository, Asked(**options))
    assert sorted(repository.rglob("*")) == before


def test_a_name_that_is_taken_is_refused(repository, outside):
    file = written(customers(), outside / "bank.csv")
    with pytest.raises(ChurnlabError, match=r"already is a study 'bank'.*--name"):
        plan_study(file, repository, ASKED)


def test_semicolons_and_other_encodings_are_named(repository, outside):
    semicolons = outside / "mine.csv"
    customers().to_csv(semicolons, index=False, sep=";")
    with pytest.raises(ChurnlabError, match="separated by ';'"):
        plan_study(semicolons, repository, ASKED)
    latin = outside / "latin.csv"
    latin.write_bytes("custômer_id,churned\n1,yes\n".encode("latin-1"))
    with pytest.raises(ChurnlabError, match=r"not UTF-8.*iconv"):
        plan_study(latin, repository, ASKED)
