"""Same content, same bytes; and never half a file."""

import json
import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from churnlab import serialization
from churnlab.serialization import (
    plain,
    read_parquet,
    write_arrow_parts,
    write_bytes,
    write_csv,
    write_json,
    write_parquet,
    write_text,
    write_yaml,
)

FRAME = pd.DataFrame(
    {
        "id": np.array([3, 1], dtype=np.int64),
        "y": np.array([0, 1], dtype=np.int8),
        "p": [0.1, 1 / 3],
        "state": ["KS", "OH"],
    }
)


def test_json_has_sorted_keys_two_spaces_rounded_numbers_and_a_last_line_end(tmp_path):
    file = tmp_path / "a.json"

    write_json(file, {"b": np.float64(1 / 3), "a": {"d": True, "c": np.int64(2)}}, digits=4)

    expected = '{\n  "a": {\n    "c": 2,\n    "d": true\n  },\n  "b": 0.3333\n}\n'
    assert file.read_bytes() == expected.encode()


def test_json_does_not_depend_on_the_order_in_which_a_dictionary_was_filled(tmp_path):
    write_json(tmp_path / "a.json", {"x": 1, "y": 2})
    write_json(tmp_path / "b.json", {"y": 2, "x": 1})

    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_json_of_the_same_content_as_numpy_and_as_python_is_the_same(tmp_path):
    write_json(tmp_path / "a.json", {"x": np.array([1.5, np.nan]), "y": np.bool_(True)})
    write_json(tmp_path / "b.json", {"x": [1.5, None], "y": True})

    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
))  # fmt: skip
def test_plain_values_are_always_standard_json(content):
    text = json.dumps(plain(content, 6), allow_nan=False)

    assert plain(json.loads(text), 6) == plain(content, 6)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9))
def test_a_rounded_number_is_near_and_never_a_negative_zero(number):
    rounded = plain(number, 4)

    assert abs(rounded - number) <= 0.5e-4 + 1e-9
    assert rounded != 0 or math.copysign(1, rounded) == 1


def test_what_has_no_plain_form_is_refused_rather_than_guessed():
    with pytest.raises(TypeError, match="Timestamp"):
        plain({"when": pd.Timestamp("2026-01-01")})


def test_yaml_keeps_the_order_of_keys_and_reads_back(tmp_path):
    content = {"max_depth": 7, "class_weight": "none", "learning_rate": np.float64(1e-05)}

    write_yaml(tmp_path / "a.yaml", content)

    text = (tmp_path / "a.yaml").read_text()
    assert text.startswith("max_depth: 7\n")
    assert yaml.safe_load(text) == content


def test_csv_has_line_feeds_and_short_numbers(tmp_path):
    write_csv(tmp_path / "a.csv", FRAME)

    expected = b"id,y,p,state\n3,0,0.1,KS\n1,1,0.333333,OH\n"
    assert (tmp_path / "a.csv").read_bytes() == expected


def test_parquet_reads_back_the_same_rows_and_types(tmp_path):
    write_parquet(tmp_path / "a.parquet", FRAME)

    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "a.parquet"), FRAME)


def test_parquet_bytes_do_not_depend_on_the_index_or_on_how_the_frame_came_about(tmp_path):
    write_parquet(tmp_path / "a.parquet", FRAME)
    write_parquet(tmp_path / "b.parquet", pd.concat([FRAME[:1], FRAME[1:]]).set_axis([9, 7]))

    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    assert pq.read_metadata(tmp_path / "a.parquet").metadata is None


def test_an_empty_parquet_file_keeps_its_schema(tmp_path):
    write_parquet(tmp_path / "all.parquet", FRAME)
    write_parquet(tmp_path / "none.parquet", FRAME[:0])

    assert pq.read_schema(tmp_path / "none.parquet") == pq.read_schema(tmp_path / "all.parquet")


def test_folders_are_made_as_needed(tmp_path):
    write_text(tmp_path / "a" / "b" / "c.txt", "ü\n")

    assert (tmp_path / "a" / "b" / "c.txt").read_bytes() == "ü\n".encode()


def test_a_failure_while_writing_leaves_the_old_file_and_nothing_else(tmp_path):
    file = tmp_path / "a.json"
    write_json(file, {"old": 1})

    with pytest.raises(TypeError):
        write_json(file, {"new": object()})
    with pytest.raises(KeyError), serialization._replacing(file) as temporary:
        temporary.write_bytes(b"half")
        raise KeyError

    assert json.loads(file.read_text()) == {"old": 1}
    assert list(tmp_path.iterdir()) == [file]


def test_the_rest_of_a_killed_run_disappears_with_the_next_one(tmp_path):
    file = tmp_path / "a.bin"
    context = serialization._replacing(file)
    with context as temporary:
        temporary.write_bytes(b"done")
    temporary.write_bytes(b"left by a process that was killed")

    write_bytes(file, b"again")

    assert file.read_bytes() == b"again"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("cuts", [(), (1,), (7, 7, 20), (3, 11, 25, 26)])
def test_a_table_in_parts_is_the_same_bytes_however_it_is_cut(tmp_path, cuts):
    table = pa.table({"n": list(range(30)), "t": [f"text {n % 4}" for n in range(30)]})
    ends = [0, *cuts, len(table)]
    parts = [table.slice(a, b - a) for a, b in pairwise(ends)]
    whole, cut = tmp_path / "whole.parquet", tmp_path / "cut.parquet"
    write_arrow_parts(whole, [table], row_group_size=8)
    write_arrow_parts(cut, parts, row_group_size=8)
    assert cut.read_bytes() == whole.read_bytes()
    read = pq.ParquetFile(cut)
    assert read.read().equals(table)
    sizes = [read.metadata.row_group(n).num_rows for n in range(read.num_row_groups)]
    assert sizes == [8, 8, 8, 6]


def test_no_rows_are_a_file_with_the_columns(tmp_path):
    path = tmp_path / "empty.parquet"
    write_arrow_parts(path, [pa.table({"n": pa.array([], pa.int64())})])
    assert pq.read_table(path).schema.names == ["n"]


def test_parts_that_end_in_an_error_leave_the_file_before(tmp_path):
    path = tmp_path / "rows.parquet"
    write_arrow_parts(path, [pa.table({"n": [1, 2]})])
    before = path.read_bytes()

    def failing():
        yield pa.table({"n": [3] * 9})
        raise ValueError("the engine stopped")

    with pytest.raises(ValueError, match="the engine stopped"):
        write_arrow_parts(path, failing(), row_group_size=4)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_table_is_read_from_its_file_and_from_its_content(tmp_path):
    path = tmp_path / "rows.parquet"
    write_parquet(path, FRAME)
    for source in (path, path.read_bytes()):
        pd.testing.assert_frame_equal(read_parquet(source), pd.read_parquet(path))
