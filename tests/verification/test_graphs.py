import pytest

from champions.fitted import FRESH, single
from churnlab.champions.onnx_conversion import to_onnx
from churnlab.verification.graphs import compare_graphs
from churnlab.verification.numbers import Allowance


def graph(champion):
    return to_onnx(champion.pipelines, None)


@pytest.fixture(scope="module")
def forest():
    return graph(single("rf"))


@pytest.fixture
def rows_file(tmp_path):
    FRESH.to_parquet(tmp_path / "test.parquet")
    return tmp_path / "test.parquet"


def test_graphs_with_other_bytes_and_the_same_answers_agree(forest, rows_file):
    renamed = type(forest)()
    renamed.CopyFrom(forest)
    renamed.graph.name = "another name"
    first, second = forest.SerializeToString(), renamed.SerializeToString()
    assert first != second
    found = compare_graphs(first, second, Allowance(), rows_file)
    assert found.agrees
    assert found.largest == 0


def test_graphs_that_answer_otherwise_are_different_and_say_by_how_much(forest, rows_file):
    champion, baseline = single("rf"), single("rf", baseline=True)
    found = compare_graphs(
        forest.SerializeToString(), graph(baseline).SerializeToString(), Allowance(), rows_file
    )
    expected = abs(champion.predict(FRESH) - baseline.predict(FRESH)).max()
    assert not found.agrees
    assert found.largest == pytest.approx(expected, abs=1e-5)
    assert "answer for test row" in found.place


def test_graphs_of_other_columns_are_different(forest, rows_file):
    other = type(forest)()
    other.CopyFrom(forest)
    name = other.graph.input[0].name
    for place in (*other.graph.input, *other.graph.node):
        if getattr(place, "name", "") == name:
            place.name = "renamed"
        for index, used in enumerate(getattr(place, "input", ())):
            if used == name:
                place.input[index] = "renamed"
    found = compare_graphs(
        forest.SerializeToString(), other.SerializeToString(), Allowance(1), rows_file
    )
    assert not found.agrees
    assert found.place == f"inputs of the graph: {', '.join(sorted([name, 'renamed']))}"
