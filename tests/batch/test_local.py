import fcntl
import itertools
import shutil

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batch.bundles import ROWS, expected, scored
from churnlab.batch.bad_rows import BadRows
from churnlab.batch.scorer import Scorer
from churnlab.batch.sources import FileSource
from churnlab.batch.streaming import IN_FLIGHT, scored_batches
from churnlab.errors import ChurnlabError


def written(folder, kind, rows=ROWS):
    """Rows as a CSV file, a Parquet file, or a folder of two."""
    source = folder / {"csv": "rows.csv", "parquet": "rows.parquet", "folder": "rows"}[kind]
    if kind == "csv":
        rows.to_csv(source, index=False)
    elif kind == "parquet":
        rows.to_parquet(source)
    else:
        source.mkdir(exist_ok=True)
        rows.head(100).to_parquet(source / "a.parquet")
        rows.iloc[100:].to_parquet(source / "b.parquet")
    return source


def with_bad(*places):
    rows = ROWS.copy()
    rows.loc[list(places), "minutes"] = np.nan
    return rows


def hidden_and_visible(folder):
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("kind", ["parquet", "folder"])
def test_every_row_has_its_answers_in_its_place(scorer, tmp_path, kind):
    target = tmp_path / "out" / "scores.parquet"
    done = scored(scorer, written(tmp_path, kind), target)
    assert (done.progress.scored, done.was_there) == (len(ROWS), False)
    pd.testing.assert_frame_equal(pd.read_parquet(target), expected(scorer))
    assert hidden_and_visible(target.parent) == {"scores.parquet", "scores.parquet.score.json"}


def test_ids_in_csv_are_written_as_they_are_read(scorer, tmp_path):
    rows = ROWS.astype({"id": str}).assign(id=lambda frame: "00" + frame["id"], note="NA")
    target = tmp_path / "scores.csv"
    scored(scorer, written(tmp_path, "csv", rows), target)
    found = pd.read_csv(
        target, dtype={"id": str}, keep_default_na=False, float_precision="round_trip"
    )
    assert found["id"].tolist() == rows["id"].tolist()
    assert set(found["note"]) == {"NA"}
    assert found["date"].unique().tolist() == ["2026-01-31"]
    np.testing.assert_array_equal(found["p"], expected(scorer)["p"])


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    size=st.integers(1, 400),
    cuts=st.lists(st.integers(0, len(ROWS)), max_size=4),
    threads=st.integers(1, 3),
)
def test_neither_batches_nor_the_cuts_of_files_change_a_row(
    scorer, tmp_path_factory, size, cuts, threads
):
    folder = tmp_path_factory.mktemp("cuts")
    (folder / "rows").mkdir()
    ends = [0, *sorted(cuts), len(ROWS)]
    for number, (first, last) in enumerate(itertools.pairwise(ends)):
        ROWS.iloc[first:last].to_parquet(folder / "rows" / f"{number}.parquet", index=False)
    target = folder / "scores.parquet"
    scored(scorer, folder / "rows", target, batch_rows=size, threads=threads)
    pd.testing.assert_frame_equal(pd.read_parquet(target), expected(scorer))
    shutil.rmtree(folder)


def test_few_batches_are_read_ahead_of_the_one_that_is_written(scorer, tmp_path):
    source = FileSource(written(tmp_path, "parquet"), scorer.columns, "id")
    read, batches = [], source.batches

    def counting(done, size):
        for batch in batches(done, size):
            read.append(batch.num_rows)
            yield batch

    source.batches = counting
    for number, _ in enumerate(scored_batches(scorer, source, 0, 10, threads=2, leave_out=False)):
        assert len(read) <= number + 2 * IN_FLIGHT
    assert sum(read) == len(ROWS)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_same_run_again_changes_nothing(scorer, tmp_path, ending):
    source, target = written(tmp_path, "parquet"), tmp_path / f"scores.{ending}"
    scored(scorer, source, target)
    before = target.read_bytes(), target.stat().st_mtime_ns
    again = scored(scorer, source, target)
    assert (again.was_there, again.progress.scored) == (True, len(ROWS))
    assert (target.read_bytes(), target.stat().st_mtime_ns) == before


def test_another_input_date_or_model_replaces_the_file_and_says_so(scorer, next_scorer, tmp_path):
    source, target = written(tmp_path, "parquet"), tmp_path / "scores.parquet"
    scored(scorer, source, target)
    other_day = Scorer(scorer.model, scorer.groups, scorer.date.replace(year=2027))
    for changed, word in ((other_day, "date"), (next_scorer, "model and date")):
        said = []
        assert not scored(changed, source, target, tell=said.append).was_there
        assert said == [f"{target}: made with another {word}; scored anew"]
        assert set(pd.read_parquet(target)["model_version"]) == {changed.version}
    said = []
    scored(next_scorer, written(tmp_path, "parquet", ROWS.head(10)), target, tell=said.append)
    assert said == [f"{target}: made with another input; scored anew"]
    assert len(pd.read_parquet(target)) == 10


def test_what_was_done_before_a_bad_row_is_gone_on_with(scorer, tmp_path):
    source, target = written(tmp_path, "parquet", with_bad(260)), tmp_path / "scores.parquet"
    with pytest.raises(ChurnlabError, match=r"rows 251 to 300(?s:.*)'minutes': missing.*row 261"):
        scored(scorer, source, target)
    assert not target.exists()
    assert len(list((tmp_path / ".scores.parquet.parts").glob("0*.arrow"))) == 5
    done = scored(scorer, source, target, bad_rows=BadRows(tmp_path / "bad.csv"))
    assert (done.progress.scored, done.progress.bad) == (299, 1)
    pd.testing.assert_frame_equal(
        pd.read_parquet(target), expected(scorer).drop(260).reset_index(drop=True)
    )


def test_a_bad_row_leaves_the_former_scores_as_they_were(scorer, tmp_path):
    target = tmp_path / "scores.parquet"
    scored(scorer, written(tmp_path, "parquet"), target)
    before = target.read_bytes()
    with pytest.raises(ChurnlabError, match="row 261"):
        scored(scorer, written(tmp_path, "parquet", with_bad(260)), target)
    assert target.read_bytes() == before
    # And they can still be had for what they are.
    assert scored(scorer, written(tmp_path, "parquet"), target).was_there


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_bad_rows_are_written_with_column_value_and_rule(scorer, tmp_path, kind):
    rows = with_bad(3).astype({"calls": object})
    rows.loc[70, "plan"] = "gold"
    rows.loc[70, "calls"] = -1
    rows = rows.astype({"calls": str if kind == "csv" else float})
    if kind == "csv":
        rows.loc[299, "calls"] = "many"
    bad, target = tmp_path / "bad.csv", tmp_path / "scores.parquet"
    done = scored(scorer, written(tmp_path, kind, rows), target, bad_rows=BadRows(bad))
    lines = [
        "row,id,column,value,rule",
        "4,1003,minutes,,missing",
        "71,1070,calls,-1.0,below 0",
        '71,1070,plan,gold,"not one of basic, family, premium"',
        *(["300,1299,calls,many,not a number"] if kind == "csv" else []),
    ]
    assert bad.read_text().splitlines() == lines
    assert done.progress.bad == len(lines) - 2
    assert len(pd.read_parquet(target)) == len(ROWS) - done.progress.bad


def test_rows_left_out_that_no_file_tells_of_are_scored_anew(scorer, tmp_path):
    source, target = written(tmp_path, "parquet", with_bad(3)), tmp_path / "scores.parquet"
    bad = tmp_path / "bad.csv"
    scored(scorer, source, target, bad_rows=BadRows(bad))
    before = bad.read_bytes()
    assert scored(scorer, source, target, bad_rows=BadRows(bad)).was_there
    bad.unlink()
    said = []
    scored(scorer, source, target, bad_rows=BadRows(bad), tell=said.append)
    assert "1 rows were left out" in said[0]
    assert bad.read_bytes() == before


def test_a_batch_of_bad_rows_alone_is_no_obstacle(scorer, tmp_path):
    source = written(tmp_path, "parquet", with_bad(*range(50, 100)))
    target = tmp_path / "scores.parquet"
    done = scored(scorer, source, target, bad_rows=BadRows(tmp_path / "bad.csv"))
    assert (done.progress.scored, done.progress.bad) == (250, 50)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "there is no such file or folder"),
        (b"no table at all", "cannot be read as CSV or Parquet"),
    ],
)
def test_what_is_no_table_is_refused(scorer, tmp_path, content, words):
    source = tmp_path / "rows.parquet"
    if content is not None:
        source.write_bytes(content)
    with pytest.raises(ChurnlabError, match=words):
        scored(scorer, source, tmp_path / "scores.parquet")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_table_without_rows_is_refused(scorer, tmp_path, kind):
    source = written(tmp_path, kind, ROWS.head(0).astype({"plan": str}))
    with pytest.raises(ChurnlabError, match="there are no rows"):
        scored(scorer, source, tmp_path / "scores.parquet")
    assert hidden_and_visible(tmp_path) == {source.name}


def test_columns_that_would_be_there_twice_are_refused(scorer, tmp_path):
    source = written(tmp_path, "parquet", ROWS.assign(p=0.5))
    with pytest.raises(ChurnlabError, match="'p': the scores have a column of this name"):
        scored(scorer, source, tmp_path / "scores.parquet")
    (tmp_path / "rows.csv").write_text("id,minutes,calls,plan,id\n1,2,3,basic,4\n")
    with pytest.raises(ChurnlabError, match=r"rows.csv: .* multiple columns named id"):
        scored(scorer, tmp_path / "rows.csv", tmp_path / "scores.parquet")


def test_a_damaged_file_is_told_with_its_name(scorer, tmp_path):
    (tmp_path / "rows.csv").write_text("id,minutes,calls,plan\n1,2,3,basic\n1,2\n")
    with pytest.raises(ChurnlabError, match=r"rows.csv: cannot be read .* CSV parse error"):
        scored(scorer, tmp_path / "rows.csv", tmp_path / "scores.parquet")


@pytest.mark.parametrize("name", ["scores.xlsx", "scores"])
def test_an_output_of_another_kind_is_refused(scorer, tmp_path, name):
    with pytest.raises(ChurnlabError, match=r"ends neither in .csv nor in .parquet"):
        scored(scorer, written(tmp_path, "parquet"), tmp_path / name)


def test_a_file_that_no_run_wrote_is_not_overwritten(scorer, tmp_path):
    source = written(tmp_path, "parquet")
    before = source.read_bytes()
    with pytest.raises(ChurnlabError, match="there is such a file already"):
        scored(scorer, source, source)
    with pytest.raises(ChurnlabError, match="there is another file already"):
        scored(scorer, source, tmp_path / "scores.csv", bad_rows=BadRows(source))
    assert source.read_bytes() == before


def test_a_folder_that_cannot_be_written_to_is_told(scorer, tmp_path):
    source = written(tmp_path, "parquet")
    with pytest.raises(ChurnlabError, match="cannot be written: Not a directory"):
        scored(scorer, source, source / "scores.parquet")


def test_two_runs_do_not_write_the_same_file_at_once(scorer, tmp_path):
    source, target = written(tmp_path, "parquet", with_bad(260)), tmp_path / "scores.parquet"
    with pytest.raises(ChurnlabError, match="row 261"):
        scored(scorer, source, target)
    with (tmp_path / ".scores.parquet.parts" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ChurnlabError, match="another run is writing it now"):
            scored(scorer, source, target, bad_rows=BadRows(tmp_path / "bad.csv"))


def test_text_held_as_a_dictionary_is_text(scorer, tmp_path):
    rows = ROWS.astype({"plan": "category"}).assign(region=pd.Categorical(["n", "s"] * 150))
    pq.write_table(pa.Table.from_pandas(rows), tmp_path / "rows.parquet")
    scored(scorer, tmp_path / "rows.parquet", tmp_path / "scores.parquet")
    found = pd.read_parquet(tmp_path / "scores.parquet")
    assert found["region"].tolist() == ["n", "s"] * 150
    np.testing.assert_array_equal(found["p"], expected(scorer)["p"])
