"""What the learnt features learn, from which rows, and that a graph says the same."""

import numpy as np
import onnxruntime
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.impute import SimpleImputer

from churnlab.champions.onnx_graph import GraphBuilder
from churnlab.errors import ChurnlabError
from churnlab.features.learnt import LEVEL_ROWS, MOST_LEVELS, LearntFeatureBuilder


def rows(count=400, seed=0):
    generator = np.random.default_rng(seed)
    fee = generator.normal(50, 10, count).round(1)
    return pd.DataFrame(
        {
            "fee": np.where(generator.random(count) < 0.2, np.nan, fee),
            "calls": generator.integers(0, 9, count).astype(float),
            "plan": generator.choice(["basic", "family"], count),
            "city": [f"C{number}" for number in generator.zipf(1.4, count) % 300],
        }
    )


def builder(variant="all", reduced=()):
    categorical = {"plan": ("basic", "family")}
    return LearntFeatureBuilder(
        "small", variant, ("fee", "calls"), categorical, reduced, codes=("city",), filled=("fee",)
    )


def matrix(built, frame):
    names = list(built.get_feature_names_out())
    return pd.DataFrame(built.transform(frame), columns=names)


def test_a_gap_becomes_the_median_of_the_rows_fitted_on_and_is_flagged():
    train, fresh = rows(), rows(seed=1)
    found = matrix(builder().fit(train), fresh)
    expected = SimpleImputer(strategy="median").fit(train[["fee"]]).transform(fresh[["fee"]])
    np.testing.assert_allclose(found["fee"], expected[:, 0].astype(np.float32))
    np.testing.assert_array_equal(found["fee=missing"] == 1.0, fresh["fee"].isna())


def test_a_code_becomes_its_share_of_the_rows_fitted_on_and_0_where_it_is_new():
    train = rows()
    fresh = rows(3).assign(city=["C1", "never seen", train["city"].iloc[0]])
    found = matrix(builder().fit(train), fresh)["city frequency"]
    shares = train["city"].value_counts(normalize=True)
    expected = [shares["C1"], 0.0, shares[train["city"].iloc[0]]]
    np.testing.assert_allclose(found, np.float32(expected))


def test_frequent_levels_have_a_column_each_and_the_rest_none():
    train = rows(2000)
    found = matrix(builder().fit(train), train)
    counts = train["city"].value_counts()
    frequent = set(counts.index[counts >= LEVEL_ROWS][:MOST_LEVELS])
    indicators = {n.removeprefix("city=") for n in found if n.startswith("city=")}
    assert 0 < len(indicators) <= MOST_LEVELS
    assert indicators == frequent or len(set(counts[list(indicators ^ frequent)])) == 1
    for level in indicators:
        np.testing.assert_array_equal(found[f"city={level}"] == 1.0, train["city"] == level)


def test_nothing_is_learnt_from_the_rows_that_are_transformed():
    train, fresh = rows(), rows(seed=1)
    built = builder().fit(train)
    np.testing.assert_array_equal(built.transform(fresh)[:50], built.transform(fresh.head(50)))


def test_the_order_of_the_rows_does_not_matter():
    train = rows()
    shuffled = train.sample(frac=1.0, random_state=3)
    one, other = builder().fit(train), builder().fit(shuffled)
    assert list(one.get_feature_names_out()) == list(other.get_feature_names_out())
    np.testing.assert_array_equal(one.transform(train), other.transform(train))


def test_a_column_without_any_value_is_filled_with_0():
    train = rows().assign(fee=np.nan)
    found = matrix(builder().fit(train), train)
    assert (found["fee"] == 0.0).all()
    assert (found["fee=missing"] == 1.0).all()


def test_the_reduced_set_takes_what_is_learnt_along():
    names = builder("reduced", reduced=("fee", "city")).fit(rows(2000)).get_feature_names_out()
    assert {"fee", "fee=missing", "city frequency", "city=C1"} <= set(names)
    assert not {"calls", "plan=family"} & set(names)


def test_a_clone_is_unfitted_and_equal():
    copy = clone(builder().fit(rows()))
    assert not hasattr(copy, "medians_")
    np.testing.assert_array_equal(copy.fit_transform(rows()), builder().fit_transform(rows()))


def test_a_missing_code_column_is_named():
    with pytest.raises(ChurnlabError, match="lack the columns city"):
        builder().fit(rows()).transform(rows().drop(columns="city"))


def test_a_graph_of_what_was_learnt_gives_the_same_columns():
    built = builder().fit(rows(2000))
    fresh = rows(200, seed=5)
    fresh.loc[0, "city"] = "never seen"
    graph = GraphBuilder()
    sources = {"fee": graph.input("fee", 11), "city": graph.input("city", 8)}
    added = built.append_onnx(graph, sources)
    expected = matrix(built, fresh)
    for name, node in added.items():
        output = graph.model(node, "out")
        session = onnxruntime.InferenceSession(output.SerializeToString())
        fed = {"fee": fresh[["fee"]].to_numpy(), "city": fresh[["city"]].to_numpy(dtype=object)}
        wanted = {entry.name for entry in session.get_inputs()}
        (found,) = session.run(["out"], {k: v for k, v in fed.items() if k in wanted})
        np.testing.assert_array_equal(found[:, 0].astype(np.float32), expected[name])
        graph._nodes.pop()
