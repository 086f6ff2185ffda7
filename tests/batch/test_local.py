import numpy as np
import pandas as pd
import pytest

from batch.bundles import ROWS, small_bundle
from churnlab.batch import local
from churnlab.batch.local import score_file
from churnlab.errors import ChurnlabError


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return small_bundle(tmp_path_factory.mktemp("bundle"))


@pytest.mark.parametrize("kind", ["csv", "parquet", "folder"])
@pytest.mark.parametrize("batch", [7, 10_000])
def test_every_row_has_the_models_score_in_its_place(model, tmp_path, monkeypatch, kind, batch):
    monkeypatch.setattr(local, "BATCH_ROWS", batch)
    source = tmp_path / ("rows.csv" if kind == "csv" else "rows")
    if kind == "csv":
        ROWS.to_csv(source, index=False)
    elif kind == "parquet":
        ROWS.to_parquet(source)
    else:
        source.mkdir()
        ROWS.head(100).to_parquet(source / "a.parquet")
        ROWS.tail(200).to_parquet(source / "b.parquet")
    assert score_file(model, source, tmp_path / "out" / "scores.parquet", threads=2) == len(ROWS)
    found = pd.read_parquet(tmp_path / "out" / "scores.parquet")
    assert list(found) == ["id", "p"]
    assert found["id"].tolist() == ROWS["id"].tolist()
    np.testing.assert_array_equal(found["p"], model.predict(ROWS))


def test_a_row_that_cannot_be_scored_leaves_the_former_scores_as_they_were(
    model, tmp_path, monkeypatch
):
    monkeypatch.setattr(local, "BATCH_ROWS", 50)
    target = tmp_path / "scores.parquet"
    ROWS.to_parquet(tmp_path / "good.parquet")
    score_file(model, tmp_path / "good.parquet", target, threads=2)
    before = target.read_bytes()
    bad = ROWS.copy()
    bad.loc[260, "minutes"] = np.nan
    bad.to_parquet(tmp_path / "bad.parquet")
    with pytest.raises(ChurnlabError, match=r"rows 251 to 300(?s:.*)'minutes': missing.*row 261"):
        score_file(model, tmp_path / "bad.parquet", target, threads=2)
    assert target.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {
        "good.parquet",
        "bad.parquet",
        "scores.parquet",
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "there is no such file or folder"),
        (b"no table at all", "neither CSV nor Parquet"),
    ],
)
def test_what_is_no_table_is_refused(model, tmp_path, content, words):
    source = tmp_path / "rows.parquet"
    if content is not None:
        source.write_bytes(content)
    with pytest.raises(ChurnlabError, match=words):
        score_file(model, source, tmp_path / "scores.parquet", threads=1)


def test_a_table_without_rows_is_refused(model, tmp_path):
    ROWS.head(0).to_parquet(tmp_path / "rows.parquet")
    with pytest.raises(ChurnlabError, match="there are no rows"):
        score_file(model, tmp_path / "rows.parquet", tmp_path / "scores.parquet", threads=1)
    assert not (tmp_path / "scores.parquet").exists()
