"""`churnlab store`: what people see, and what they are told when something is missing."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from churnlab.cli import app
from store.served import KEY, MARKET, make_served_repository

pytest.importorskip("feast", reason="the extra `store` is not installed")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A repository in which the `store` stage has run for three studies; not to be changed."""
    return make_served_repository(tmp_path_factory.mktemp("commands") / "repository")


@pytest.fixture
def inside(made, tmp_path, monkeypatch):
    """A copy of it as the work folder."""
    root = shutil.copytree(made, tmp_path / "repository", symlinks=True)
    monkeypatch.chdir(root)
    monkeypatch.setenv("CHURNLAB_PSEUDONYM_KEY", KEY)
    monkeypatch.delenv("CHURNLAB_ONLINE_STORE", raising=False)
    return root


def run(*arguments, stdin=None):
    return CliRunner().invoke(app, ["store", *arguments], input=stdin, env={"COLUMNS": "200"})


def done(*arguments, stdin=None):
    result = run(*arguments, stdin=stdin)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments, stdin=None):
    result = run(*arguments, stdin=stdin)
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    return " ".join(result.output.split())


def test_from_registered_to_looked_up_by_pseudonym(inside):
    assert "no: not registered" in done("list", "bank")
    assert "bank: registered 2 views with 13 features of 80 customers" in done("apply", "bank")
    assert "no: not materialised" in done("list", "bank")
    assert "bank_behaviour, bank_profile online as of 2023-01-01 in sqlite" in done(
        "materialise", "bank"
    )
    assert "as of 2023-01-01, stale since 2023-04-01" in done("list", "bank")

    known = done("pseudonym", "bank", "-", stdin="15000003\n15000004\n").split()
    found = json.loads(done("get", "bank", *known, "--format", "json"))

    assert [answer["id"] for answer in found] == known
    assert found[0]["values"]["Balance"] in (0.0, 3001.5)
    assert found[0]["values"]["EstimatedSalary"] == 50_000 + 13 * 3
    assert found[0]["day"] == "2023-01-01"


def test_a_table_has_units_and_a_warning_says_that_values_are_old(inside):
    done("apply", MARKET)
    done("materialise", MARKET, "--as-of", "2017-06-10")
    import pandas as pd

    seller = pd.read_parquet(inside / f"data/prepared/{MARKET}/train.parquet")["entity"].iloc[0]
    result = run("get", MARKET, seller)

    assert result.exit_code == 0, result.output
    assert "of 2017-06-01" in result.stdout
    assert "sales_recency" in result.stdout
    assert "days" in result.stdout
    assert "warning: these values of market were fresh until 2017-07-16" in result.stderr


def test_without_names_all_studies_that_are_made_are_listed(inside):
    shutil.rmtree(inside / "data/store/telecom")

    listed = done("list")

    assert "bank_behaviour" in listed
    assert "market_sales" in listed
    assert "telecom" not in listed


def test_what_has_not_been_made_or_is_unknown_is_told_with_what_to_do(inside):
    assert "unknown study 'bnk'; did you mean 'bank'?" in refused("apply", "bnk")
    shutil.rmtree(inside / "data/store/telecom")
    assert "run `dvc repro store@telecom` first" in refused("apply", "telecom")
    assert "run `churnlab store apply bank` first" in refused("materialise", "bank")
    assert "run `churnlab store apply bank` first" in refused("get", "bank", "0" * 32)
    done("apply", "bank")
    assert "run `churnlab store materialise bank` first" in refused("get", "bank", "0" * 32)
    done("materialise", "bank")
    assert "1 unknown customer id: 0000000000" in refused("get", "bank", "0" * 32)
    assert "there are no values of the 90 days up to 2022-12-31" in refused(
        "materialise", "bank", "--as-of", "2022-12-31"
    )
    assert "no pseudonym is needed" in refused("pseudonym", MARKET, "s1")
    assert "no id came through the pipe" in refused("get", "bank", "-", stdin="\n")


def test_an_id_of_the_data_is_not_repeated_where_a_pseudonym_is_asked_for(inside):
    done("apply", "bank")
    done("materialise", "bank")

    told = refused("get", "bank", "15000003")

    assert "looked up by pseudonym" in told
    assert "15000003" not in told


def test_rows_that_changed_since_they_were_registered_are_told(inside):
    done("apply", "bank")
    done("materialise", "bank")
    views = inside / "data/store/bank/views.json"
    document = json.loads(views.read_text())
    document["views"][0]["version"] = "0" * 12
    views.write_text(json.dumps(document))

    assert "other views or rows are registered: apply again" in done("list", "bank")
    assert "run `churnlab store apply bank` first" in refused("get", "bank", "0" * 32)


def test_a_study_that_is_not_served_is_told(inside):
    import yaml

    file = inside / "params.yaml"
    params = yaml.safe_load(file.read_text())
    del params["store"]["studies"]["bank"]
    file.write_text(yaml.safe_dump(params, sort_keys=False))

    assert "store.studies: no study 'bank'" in refused("apply", "bank")
