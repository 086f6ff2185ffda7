"""Lists published from the stage `score`, by real commands."""

import json

import numpy as np
import pandas as pd
import pytest

from churnlab.champions.bundle import BundledModel
from churnlab.lists import Lists
from churnlab.paths import StudyPaths
from registry.conftest import done, run

pytestmark = [pytest.mark.slow, pytest.mark.pipeline]


@pytest.fixture
def scored(copy):
    """A copy with the list of its champion."""
    made = copy.dvc("repro", "score@telecom")
    assert made.returncode == 0, made.stderr[-3000:]
    return copy


def kept(repository):
    return Lists(repository.root / ".churnlab" / "lists")


def test_the_inputs_beside_each_customer_give_its_probability(scored):
    done("list", "publish", "telecom")
    rows = kept(scored).read("telecom", kept(scored).latest("telecom")).to_pandas()
    model = BundledModel.load(StudyPaths(scored.root, "telecom").bundle_dir)
    sent = pd.DataFrame([json.loads(text) for text in rows["inputs"]])
    np.testing.assert_allclose(model.predict(sent), rows["p"], atol=1e-6)
    assert len(rows) == len(pd.read_csv(StudyPaths(scored.root, "telecom").risk_list))
    assert rows["p"].is_monotonic_decreasing and len(set(rows["p"])) > 1


def test_publishing_twice_keeps_one_list_and_a_day_can_be_given(scored):
    first = done("list", "publish", "telecom")
    assert done("list", "publish", "telecom") == first
    assert "undated" in done("list", "show")
    done("list", "publish", "telecom", "--date", "2023-01-31")
    dates = [name.date for name in kept(scored).all("telecom")]
    assert dates == ["2023-01-31", ""]
    latest = kept(scored).read("telecom", kept(scored).latest("telecom"))
    assert set(latest["date"].to_pylist()) == {"2023-01-31"}


def test_a_day_that_is_not_in_the_calendar_is_refused(scored):
    result = run("list", "publish", "telecom", "--date", "2026-02-30")
    assert result.exit_code == 1
    assert "2026-02-30 is no day of the calendar" in " ".join(result.output.split())
    assert kept(scored).all("telecom") == []


def test_a_list_of_another_version_is_refused(scored):
    path = StudyPaths(scored.root, "telecom").risk_list
    versions = ("model_version", "features_version", "data_version")
    listed = pd.read_csv(path, dtype=dict.fromkeys(versions, str))
    for version in versions:
        path.unlink()
        listed.assign(**{version: "0" * 12}).to_csv(path, index=False)
        result = run("list", "publish", "telecom")
        assert result.exit_code == 1
        assert f"made by {version} 000000000000" in " ".join(result.output.split())
        assert "dvc repro score@telecom" in result.output
    path.unlink()
    assert "dvc repro score@telecom" in run("list", "publish", "telecom").output
