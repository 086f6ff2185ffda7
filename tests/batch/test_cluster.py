import shutil

import numpy as np
import pandas as pd
import pytest

from batch.bundles import ROWS, small_bundle
from churnlab.batch.cluster import score_on_spark
from churnlab.errors import ChurnlabError

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, and there is no `java` on the path")
    return small_bundle(tmp_path_factory.mktemp("bundle"))


def test_spark_gives_every_row_the_score_of_this_machine(model, tmp_path):
    (tmp_path / "rows").mkdir()
    ROWS.head(100).to_parquet(tmp_path / "rows" / "a.parquet")
    ROWS.tail(200).to_parquet(tmp_path / "rows" / "b.parquet")
    target = str(tmp_path / "scores")
    for _ in range(2):  # A second run replaces the first.
        assert score_on_spark(model, str(tmp_path / "rows"), target, threads=1) == len(ROWS)
    found = pd.read_parquet(target).sort_values("id", ignore_index=True)
    assert list(found) == ["id", "p"]
    expected = ROWS.assign(p=model.predict(ROWS)).sort_values("id", ignore_index=True)
    np.testing.assert_allclose(found["p"], expected["p"], rtol=0, atol=1e-7)


def test_a_row_that_cannot_be_scored_is_told_as_on_this_machine(model, tmp_path):
    ROWS.assign(plan="platinum").to_parquet(tmp_path / "rows.parquet")
    with pytest.raises(ChurnlabError, match=r"'plan': not one of basic, family, premium") as raised:
        score_on_spark(model, str(tmp_path / "rows.parquet"), str(tmp_path / "scores"), threads=1)
    assert "Traceback" not in str(raised.value)
