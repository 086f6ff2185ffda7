import numpy as np
import pandas as pd
import pytest

from churnlab.evaluation import errors

from .samples import simulated


def one_model():
    return pd.DataFrame({"id": [11, 12, 13, 14], "y": [1, 0, 1, 0], "p": [0.05, 0.99, 0.6, 0.45]})


def test_the_most_confident_mistake_comes_first_with_its_inputs():
    rows = pd.DataFrame({"id": [14, 13, 12, 11], "y": [0, 1, 0, 1], "calls": [4.0, 3.0, 2.0, 1.0]})
    found = errors.confident_mistakes(one_model(), rows, count=5)
    assert found["id"].tolist() == [12, 11]
    assert found["calls"].tolist() == [2.0, 1.0]
    assert found["log_loss"].tolist() == pytest.approx([-np.log(0.01), -np.log(0.05)])
    assert list(found.columns) == ["id", "y", "p", "log_loss", "calls"]
    assert len(errors.confident_mistakes(one_model(), rows, count=1)) == 1


def test_disagreement_by_hand():
    y = [1, 0, 1, 0]
    p = {"a": [0.9, 0.2, 0.4, 0.6], "b": [0.8, 0.7, 0.3, 0.6], "c": [0.1, 0.8, 0.6, 0.4]}
    predictions = pd.concat(
        [
            pd.DataFrame({"model": model, "id": range(4), "y": y, "p": values})
            for model, values in p.items()
        ]
    )
    found = errors.disagreement(predictions, {"a": 0.5, "b": 0.5, "c": 0.5})
    assert found[["model_a", "model_b"]].to_numpy().tolist() == [["a", "b"], ["a", "c"], ["b", "c"]]
    assert found["disagreement"].tolist() == [0.25, 1.0, 0.75]
    assert found["both_wrong"].tolist() == [0.5, 0.0, 0.25]
    expected = [np.corrcoef(p[a], p[b])[0, 1] for a, b in (("a", "b"), ("a", "c"), ("b", "c"))]
    assert found["correlation"].tolist() == pytest.approx(expected)


def confident_joint(y, p):
    """Algorithm 1 of Northcutt, Jiang & Chuang (2021), row by row."""
    both = np.column_stack([1 - p, p])
    limits = [both[y == label, label].mean() for label in (0, 1)]
    suspects = []
    for row in range(len(y)):
        reached = [label for label in (0, 1) if both[row, label] >= limits[label]]
        if reached and max(reached, key=lambda label: both[row, label]) != y[row]:
            suspects.append(row)
    return sorted(suspects, key=lambda row: both[row, y[row]])


# Worse than chance and near one half, many rows reach the limits of both classes.
@pytest.mark.parametrize(
    ("skill", "power"), [(1.5, 1.0), (-1.5, 0.3)], ids=["skilled", "worse than chance"]
)
def test_suspects_are_the_off_diagonal_of_the_confident_joint(skill, power):
    y, p = simulated(2, rows=500, skill=skill)
    p = p**power
    predictions = pd.DataFrame({"id": np.arange(500) + 1000, "y": y, "p": p})
    found = errors.label_noise_suspects(predictions)
    assert len(found) > 5
    assert (found["id"] - 1000).tolist() == confident_joint(y, p)
    head = errors.label_noise_suspects(predictions, count=3)
    assert head.equals(found.head(3))


def test_most_flipped_labels_are_among_the_suspects():
    generator = np.random.default_rng(0)
    truth = (generator.random(2000) < 0.3).astype(int)
    p = np.where(truth == 1, generator.beta(12, 3, 2000), generator.beta(2, 15, 2000))
    flipped = generator.choice(2000, size=60, replace=False)
    y = truth.copy()
    y[flipped] = 1 - y[flipped]
    found = errors.label_noise_suspects(pd.DataFrame({"id": range(2000), "y": y, "p": p}), 60)
    # A flipped row must also be more typical than the mean of the other class to be suspected.
    assert len(found) > 20
    assert np.isin(found["id"], flipped).mean() > 0.95


def test_the_overfit_table_sets_the_parts_side_by_side():
    train = {"rf": {"f1": 1.0, "empc": 9.0}, "xgb": {"f1": 0.99, "empc": 8.0}}
    cv = {"rf": {"f1": 0.9, "empc": 7.0}, "xgb": {"f1": 0.92, "empc": 7.5}}
    found = errors.overfit_table(train, cv, {"rf": {"f1": 0.85, "empc": 7.5}})
    assert found["model"].tolist() == ["rf", "rf"]
    assert found["metric"].tolist() == ["f1", "empc"]
    assert found["train_minus_cv"].tolist() == pytest.approx([0.1, 2.0])
    assert found["cv_minus_test"].tolist() == pytest.approx([0.05, -0.5])
