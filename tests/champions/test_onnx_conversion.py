import dataclasses
import hashlib
import os
import subprocess
import sys

import joblib
import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest
from sklearn.pipeline import Pipeline

from champions.fitted import FRESH, blended, inputs, pipeline, single
from churnlab.champions import onnx_conversion
from churnlab.champions.champion import Champion
from churnlab.champions.onnx_conversion import OUTPUT, to_onnx
from churnlab.errors import ChurnlabError
from churnlab.features.builder import FeatureBuilder
from churnlab.models.blending import Blend
from churnlab.models.family import load_family
from churnlab.models.recipe import TableSchema
from models.samples import SMALL_PARAMETERS, prepared, recipe

PARITY = 1e-5


def exported(champion):
    model = to_onnx(champion.pipelines, champion.blend)
    return model.SerializeToString(deterministic=True)


def scored(graph, rows):
    session = onnxruntime.InferenceSession(graph)
    return session.run([OUTPUT], inputs(rows, session))[0]


def largest_difference(champion, rows=FRESH):
    return np.abs(scored(exported(champion), rows)[:, 0] - champion.predict(rows)).max()


@pytest.mark.parametrize("family", ["rf", "xgb", "mlp", "catboost", "lightgbm", "logistic"])
def test_the_graph_of_a_tuned_model_says_what_the_pipeline_says(family):
    if family in {"catboost", "lightgbm"}:
        pytest.importorskip(family)
    champion = single(family)
    assert np.ptp(champion.predict(FRESH)) > 0.1, "a constant model would prove nothing"
    assert largest_difference(champion) <= PARITY


@pytest.mark.parametrize("family", ["rf", "xgb"])
def test_the_graph_of_a_baseline_says_what_the_pipeline_says(family):
    assert largest_difference(single(family, baseline=True)) <= PARITY


@pytest.mark.parametrize("calibration", ["none", "platt", "isotonic"])
def test_the_graph_of_a_blend_says_what_the_blend_says(calibration):
    champion = blended(calibration)
    assert np.ptp(champion.predict(FRESH)) > 0.2
    assert largest_difference(champion) <= PARITY


@pytest.mark.parametrize("family", ["rf", "xgb", "catboost"])
def test_values_a_last_bit_beside_a_cut_fall_on_the_same_side(family):
    """Cuts are double in one library and float in the graph; a row must not change sides."""
    if family == "catboost":
        pytest.importorskip("catboost")
    generator = np.random.default_rng(0)
    base = np.float32(3.0)
    steps = [base]
    for _ in range(7):
        steps.append(np.nextafter(steps[-1], np.float32(9.0), dtype=np.float32))
    rows = pd.DataFrame({"x": generator.choice(np.array(steps, dtype=np.float64), 200)})
    labels = (rows["x"] > float(steps[3])).astype(int).to_numpy()
    labels[:10] = 1 - labels[:10]
    builder = FeatureBuilder("small", "all", ("x",), {})
    parameters = (
        {"iterations": 20, "depth": 4}
        if family == "catboost"
        else {
            "n_estimators": 20,
            "max_depth": 4,
        }
    )
    model = Pipeline(
        [("features", builder), ("model", load_family(family).tuned(parameters, 0, 1))]
    ).fit(rows, labels)
    assert largest_difference(Champion(family, {family: (family, model)}), rows) <= PARITY


def test_isotonic_knots_at_the_same_log_odds_are_a_step_in_both():
    """Rounding can bring two knots together; what lies above must not lose the step."""
    blend = Blend({"xgb": 1.0}, "isotonic", knots=((-1.0, 0.1), (-0.2, 0.2), (-0.2, 0.6), (1, 0.9)))
    champion = Champion("blend", {"xgb": ("xgb", pipeline("xgb"))}, blend)
    assert largest_difference(champion) <= PARITY


@pytest.mark.parametrize("rows", [1, 2])
def test_a_few_rows_score_as_they_do_among_many(rows):
    graph = exported(blended("platt"))
    few = scored(graph, FRESH.head(rows))
    assert few.shape == (rows, 1)
    assert few.dtype == np.float64
    np.testing.assert_allclose(few, scored(graph, FRESH)[:rows], atol=1e-7)


def test_the_graph_is_valid_and_takes_the_published_columns():
    graph = onnx.load_from_string(exported(blended("isotonic")))
    onnx.checker.check_model(graph, full_check=True)
    assert {entry.name for entry in graph.graph.input} == {"minutes", "calls", "plan"}
    assert [entry.name for entry in graph.graph.output] == [OUTPUT]


def test_a_category_that_was_never_declared_has_no_indicator():
    """The graph cannot refuse; it answers as for a customer without any of the levels."""
    rows = FRESH.head(3).assign(plan="gold")
    assert np.isfinite(scored(exported(single("xgb")), rows)).all()


def test_a_family_without_an_export_is_named_with_a_remedy(monkeypatch):
    without = dataclasses.replace(load_family("xgb"), append_onnx=None)
    monkeypatch.setattr(onnx_conversion, "load_family", lambda name: without)
    with pytest.raises(ChurnlabError, match=r"'xgb' has no export .*append_onnx"):
        to_onnx(single("xgb").pipelines, None)


EXPORT = """
import hashlib, sys, joblib
from churnlab.champions.onnx_conversion import to_onnx
champion = joblib.load(sys.argv[1])
graph = to_onnx(champion.pipelines, champion.blend).SerializeToString(deterministic=True)
print(hashlib.sha256(graph).hexdigest())
assert "tensorflow" not in sys.modules, "exporting must not import what trains networks"
"""


def test_two_processes_export_the_same_bytes_whatever_their_hash_seed(repo_root, tmp_path):
    champion = blended("platt")
    joblib.dump(champion, tmp_path / "champion.joblib")
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", EXPORT, str(tmp_path / "champion.joblib")],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(repo_root / "src")},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "4711")
    ]
    digests = {process.communicate(timeout=120)[0].strip() for process in processes}
    assert digests == {hashlib.sha256(exported(champion)).hexdigest()}


LEARNT = TableSchema(
    study="small",
    numeric=("minutes", "calls"),
    categorical={"plan": ("basic", "family", "premium")},
    codes=("city",),
    filled=("minutes",),
)


def with_gaps_and_codes(rows, seed):
    generator = np.random.default_rng(seed)
    gaps = generator.random(len(rows)) < 0.3
    cities = [f"C{number}" for number in generator.zipf(1.5, len(rows)) % 40]
    return rows.assign(minutes=rows["minutes"].mask(gaps), city=cities)


@pytest.mark.parametrize("family", ["rf", "xgb", "mlp"])
def test_the_graph_fills_gaps_and_knows_codes_as_the_pipeline_does(family):
    train = with_gaps_and_codes(prepared(400), 1)
    fresh = with_gaps_and_codes(FRESH, 2)
    fresh.loc[0, "city"] = "a new one"
    made = recipe(family, SMALL_PARAMETERS[family], schema=LEARNT).build()
    champion = Champion(family, {family: (family, made.fit(train, train["y"].to_numpy()))})
    assert fresh["minutes"].isna().any()
    assert np.ptp(champion.predict(fresh)) > 0.1
    assert largest_difference(champion, fresh) <= PARITY
