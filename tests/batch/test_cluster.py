import shutil

import pandas as pd
import pytest

from batch.bundles import ROWS, expected
from churnlab.batch.cluster import score_on_spark
from churnlab.errors import ChurnlabError

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def spark():
    pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, and there is no `java` on the path")


def test_spark_gives_every_row_the_score_of_this_machine(scorer, tmp_path):
    (tmp_path / "rows").mkdir()
    ROWS.head(100).to_parquet(tmp_path / "rows" / "a.parquet")
    ROWS.tail(200).to_parquet(tmp_path / "rows" / "b.parquet")
    target = str(tmp_path / "scores")
    for _ in range(2):  # A second run replaces the first.
        assert score_on_spark(scorer, str(tmp_path / "rows"), target, threads=1) == len(ROWS)
    found = pd.read_parquet(target).sort_values("id", ignore_index=True)
    pd.testing.assert_frame_equal(found, expected(scorer), atol=1e-7)


def test_a_run_that_fails_leaves_the_scores_before_as_they_are(scorer, tmp_path):
    ROWS.to_parquet(tmp_path / "rows.parquet")
    ROWS.assign(plan="platinum").to_parquet(tmp_path / "bad.parquet")
    target = tmp_path / "scores"
    score_on_spark(scorer, str(tmp_path / "rows.parquet"), str(target), threads=1)
    with pytest.raises(ChurnlabError, match="'plan'"):
        score_on_spark(scorer, str(tmp_path / "bad.parquet"), str(target), threads=1)
    assert len(pd.read_parquet(target)) == len(ROWS)


def test_a_folder_that_no_run_wrote_is_left_alone(scorer, tmp_path):
    ROWS.to_parquet(tmp_path / "rows.parquet")
    target = tmp_path / "scores"
    target.mkdir()
    (target / "precious.txt").write_text("of somebody else")
    with pytest.raises(ChurnlabError, match="no run wrote it; move it away"):
        score_on_spark(scorer, str(tmp_path / "rows.parquet"), str(target), threads=1)
    assert [path.name for path in target.iterdir()] == ["precious.txt"]
    assert not (tmp_path / "scores.part").exists()


def test_a_row_that_cannot_be_scored_is_told_as_on_this_machine(scorer, tmp_path):
    ROWS.assign(plan="platinum").to_parquet(tmp_path / "rows.parquet")
    with pytest.raises(ChurnlabError, match=r"'plan': not one of basic, family, premium") as raised:
        score_on_spark(scorer, str(tmp_path / "rows.parquet"), str(tmp_path / "scores"), threads=1)
    assert "Traceback" not in str(raised.value)
