"""A marketplace that is made up, from its published tables to a page, through every stage."""

import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest
import yaml

from pipeline.repository import Repository, stages_run
from pipeline.test_documents import commands, is_run_here
from stages.studies import REPOSITORY, make_repository

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]
STUDY = "market"
DATES = {
    "train": [f"2017-{month:02d}-01" for month in range(4, 12)],
    "test": ["2018-02-01", "2018-03-01"],
}


def churnlab(repository, *arguments):
    code = "import sys; sys.path.insert(0, 'src'); from churnlab.cli import app; app()"
    done = repository.run("python", "-c", code, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def settings(params):
    published = yaml.safe_load((REPOSITORY / "params.yaml").read_text())["events"]["olist"]
    params["events"] = {STUDY: {**published, "reference_dates": DATES}}
    params.update(studies=[STUDY], table_studies=[], event_studies=[STUDY], models=["xgb"])
    served = {"source": "features", "entity": "seller", "ids": "published"}
    params["store"] = {"studies": {STUDY: {**served, "owner": "tests", "freshness_days": 45}}}
    params["features"][STUDY], params["split"][STUDY] = "all", "time"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A repository in which a simulated marketplace has gone through `dvc repro`."""
    root = make_repository(tmp_path_factory.mktemp("events") / "repository")
    for name in ("dvc.yaml", ".dvcignore", ".gitignore", ".gitattributes"):
        shutil.copy(REPOSITORY / name, root / name)
    shutil.copytree(
        REPOSITORY / ".dvc", root / ".dvc", ignore=shutil.ignore_patterns("cache", "tmp", "*.local")
    )
    shutil.copy(REPOSITORY / "data/catalog/olist.yaml", root / "data/catalog")
    repository = Repository(root)
    size = ("--sellers", "400", "--months", "18", "--seed", "3")
    churnlab(repository, "simulate", "olist", *size, "--output", "simulated", "--study", STUDY)
    repository.change_params(settings)
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message=as simulated")
    run = repository.dvc("repro")
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    repository.first_run = run.stdout
    return repository


def metrics(repository, name):
    return json.loads((repository.root / f"metrics/{STUDY}/{name}.json").read_text())


def test_events_become_rows_and_go_through_every_stage_once(finished):
    ran = {name.split("@")[0] for name in stages_run(finished.first_run)}
    assert {"ingest", "events", "features", "assemble", "references", "by_time", "report"} <= ran
    assert "prepare" not in ran
    again = finished.dvc("repro")
    assert stages_run(again.stdout) == set()


def test_orders_and_reviews_switch_their_features_on(finished):
    inputs = json.loads((finished.root / f"data/profiles/{STUDY}/events.json").read_text())
    assert inputs["absent"] == []
    assert inputs["left_out"] == []
    registry = json.loads((finished.root / f"data/features/{STUDY}/registry.json").read_text())
    families = {feature["family"] for feature in registry["features"]}
    assert {"sales", "payments", "customers", "products", "delivery", "reviews"} <= families


def test_references_are_judged_beside_the_families_and_never_win(finished):
    judged = metrics(finished, "test")
    assert {"recency_rule", "RFM_logistic", "lightgbm_baseline", "xgb", "blend"} <= set(judged)
    assert metrics(finished, "comparison")["champion"] in {"xgb", "xgb_baseline", "blend"}
    by_time = metrics(finished, "by_time")
    assert set(by_time["recency_rule"]) == set(DATES["test"])


def test_a_row_split_flatters_and_the_ledger_says_so(finished):
    ledger = metrics(finished, "protocols")["protocols"]
    assert set(ledger) == {"out_of_time", "grouped_in_time", "grouped", "row_split"}
    assert ledger["row_split"]["flawed"]
    assert not ledger["out_of_time"]["flawed"]


def test_the_page_tells_of_events_rules_and_dates(finished):
    page = (finished.root / f"reports/{STUDY}.html").read_text()
    for words in ("From events to rows", "Data quality", "Out of time, date by date"):
        assert words in page
    assert "has no sale in the 45 days after the reference date" in page


def test_the_champion_finds_the_true_chance_of_sellers_and_its_mean(finished):
    """The simulator says what the true probability of no sale was; nobody else can."""
    truth = pd.read_parquet(finished.root / "simulated/truth.parquet")
    keys = truth["seller_id"] + "@" + truth["date"].astype(str).str[:10]
    known = pd.Series(truth["no_sale_probability"].to_numpy(), index=keys)
    predicted = pd.concat(
        pd.read_parquet(finished.root / f"data/{place}/test.parquet")
        for place in (f"predictions/{STUDY}/xgb", f"blends/{STUDY}")
    )
    rows = predicted[predicted["model"] == metrics(finished, "comparison")["champion"]]
    p, true = rows["p"].to_numpy(), known.loc[rows["id"]].to_numpy()
    assert np.mean((p - true) ** 2) < 0.85 * np.var(true)
    assert p.mean() == pytest.approx(true.mean(), abs=0.05)


def test_the_list_has_every_active_seller_of_the_date_with_reasons(finished):
    listed = pd.read_csv(finished.root / f"data/scores/{STUDY}/list.csv")
    population = pd.read_parquet(finished.root / f"data/prepared/{STUDY}/population.parquet")
    assert set(listed["id"]) == set(population["entity"])
    assert listed["p"].is_monotonic_decreasing
    assert set(listed["date"]) == {"2018-03-01"}
    assert (listed["p_low"] <= listed["p"]).all()
    assert (listed["p"] <= listed["p_high"]).all()
    assert listed["reason_1"].str.contains("usual").mean() > 0.9
    totals = metrics(finished, "score")["all"]
    assert totals["customers"] == len(listed)
    assert totals["value_at_stake"] == pytest.approx(listed["value_at_stake"].sum(), abs=0.01)


def test_the_commands_of_the_guide_work_one_after_the_other(finished, tmp_path):
    """Those of the published study, on the simulated one."""
    repository = Repository(tmp_path / "repository")
    shutil.copytree(finished.root, repository.root, symlinks=True)
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message=finished")
    shown = commands((REPOSITORY / "docs/marketplace.md").read_text(encoding="utf-8"))
    for command in filter(is_run_here, shown):
        here = re.sub(r"(@|events\.|prepared/|show |features |score )olist", rf"\1{STUDY}", command)
        done = repository.run("bash", "-euo", "pipefail", "-c", here)
        assert done.returncode == 0, f"{here}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
