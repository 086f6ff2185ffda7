import json
import pickle

import numpy as np
import pandas as pd
import pytest

from champions.fitted import FRESH, TRAIN, single
from churnlab.champions.bundle import (
    GRAPH,
    MANIFEST,
    BundledModel,
    bundle_schema,
    reference_profile,
    verify_bundle,
    write_bundle,
)
from churnlab.champions.onnx_conversion import OUTPUT, to_onnx
from churnlab.data.sources import sha256
from churnlab.errors import ChurnlabError
from churnlab.models.recipe import TableSchema
from models.samples import SCHEMA

CHAMPION = single("xgb")


@pytest.fixture
def bundle(tmp_path):
    graph = to_onnx(CHAMPION.pipelines, None).SerializeToString(deterministic=True)
    write_bundle(tmp_path / "bundle", graph, {"card": {"threshold": 0.4}, "schema": {"b": 1}})
    return tmp_path / "bundle"


def test_the_manifest_states_the_sha256_of_every_other_file(bundle):
    manifest = json.loads((bundle / MANIFEST).read_text())
    files = {path.name for path in bundle.iterdir()} - {MANIFEST}
    assert set(manifest) == files == {GRAPH, "card.json", "schema.json"}
    assert manifest == {name: sha256((bundle / name).read_bytes()) for name in files}
    verify_bundle(bundle)


@pytest.mark.parametrize("name", [GRAPH, "card.json", "schema.json"])
def test_one_altered_byte_in_any_file_is_found_and_named_before_scoring(bundle, name):
    content = bytearray((bundle / name).read_bytes())
    content[len(content) // 2] ^= 1
    (bundle / name).write_bytes(bytes(content))
    with pytest.raises(ChurnlabError, match=rf"{name}: sha256 is .*manifest says") as raised:
        BundledModel.load(bundle)
    assert sha256(bytes(content)) in str(raised.value)


def test_a_removed_file_is_named(bundle):
    (bundle / "card.json").unlink()
    with pytest.raises(ChurnlabError, match=r"card\.json: sha256 is no file"):
        verify_bundle(bundle)


def test_a_bundle_that_is_not_there_says_what_to_run(tmp_path):
    with pytest.raises(ChurnlabError, match=r"manifest\.json: there is no such file; .*export"):
        BundledModel.load(tmp_path)


def test_the_bundle_alone_scores_as_the_pipeline_does(bundle):
    scores = BundledModel.load(bundle).predict(FRESH)
    assert scores.dtype == np.float64
    np.testing.assert_allclose(scores, CHAMPION.predict(FRESH), atol=1e-5)


def test_a_model_goes_to_another_process_and_says_its_version(bundle):
    model = BundledModel.load(bundle)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(FRESH), model.predict(FRESH))
    assert model.version == sha256((bundle / MANIFEST).read_bytes())[:12]
    assert model.document("card") == {"threshold": 0.4}


def test_there_is_nothing_to_unpickle_in_a_bundle(bundle):
    assert {path.suffix for path in bundle.iterdir()} == {".onnx", ".json"}


def test_the_schema_repeats_the_catalogs_types_bounds_and_categories(bank):
    schema = TableSchema("bank", ("Age", "Balance"), {"Gender": ("Female", "Male")})
    assert bundle_schema(schema, bank) == {
        "columns": {
            "Age": {"type": "numeric", "integer": True, "min": 18, "max": 120},
            "Balance": {"type": "numeric", "integer": False, "min": 0, "max": None},
            "Gender": {"type": "categorical", "categories": ["Female", "Male"]},
        },
        "output": OUTPUT,
    }


def test_the_reference_profile_has_deciles_and_shares():
    scores = np.linspace(0.0, 1.0, len(TRAIN))
    profile = reference_profile(TRAIN, SCHEMA, scores)
    assert profile["rows"] == len(TRAIN)
    assert sum(profile["categorical"]["plan"].values()) == pytest.approx(1.0)
    assert profile["categorical"]["plan"]["basic"] == (TRAIN["plan"] == "basic").mean()
    np.testing.assert_allclose(profile["score"], np.arange(11) / 10)
    assert profile["numeric"]["minutes"][5] == TRAIN["minutes"].median()
    assert profile["numeric"]["minutes"][0] == TRAIN["minutes"].min()


def test_gaps_and_codes_are_told_in_schema_and_reference(bank):
    schema = TableSchema("bank", ("Age",), {}, codes=("Surname",), filled=("Age",))
    columns = bundle_schema(schema, bank)["columns"]
    assert columns["Age"]["missing"] == "filled"
    assert columns["Surname"] == {"type": "code"}
    rows = pd.DataFrame({"Age": [20.0, np.nan, 40.0, 30.0], "Surname": ["a", "b", "a", "a"]})
    profile = reference_profile(rows, schema, np.full(4, 0.5))
    assert profile["numeric"]["Age"][5] == 30.0
    assert profile["missing"] == {"Age": 0.25}
    assert profile["codes"] == {"Surname": {"a": 0.75, "b": 0.25}}
