"""Readers against bytes that were damaged on the way: an answer or a refusal, never a failure."""

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churnlab.batch.sources import FileSource
from churnlab.serving.faults import RequestError
from churnlab.serving.reading_json import JsonReader
from churnlab.serving.reading_tables import read_arrow, read_csv
from churnlab.serving.schema import InputColumn, InputSchema

SCHEMA = InputSchema(
    {
        "calls": InputColumn("calls", "numeric", minimum=0, maximum=50, integer=True),
        "plan": InputColumn("plan", "categorical", levels=("basic", "plus")),
        "city": InputColumn("city", "code"),
    }
)
TABLE = pa.table({"calls": [1.0, 2.0], "plan": ["basic", "plus"], "city": ["a", "b"]})


def arrow():
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, TABLE.schema) as stream:
        stream.write_table(TABLE)
    return sink.getvalue().to_pybytes()


BODIES = {
    "arrow": (arrow(), lambda body: read_arrow(body, SCHEMA, 10)),
    "csv": (b"calls,plan,city\n1,basic,a\n2,plus,b\n", lambda body: read_csv(body, SCHEMA, 10)),
    "json": (
        b'{"rows":[{"calls":1,"plan":"basic","city":"a"},{"calls":2,"plan":"plus","city":"b"}]}',
        lambda body: JsonReader(SCHEMA).read(body, 10)[0],
    ),
}
damages = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=0, max_size=4
)


@pytest.mark.parametrize("form", BODIES)
@settings(max_examples=1500, deadline=None)
@given(damages=damages, cut=st.floats(0.5, 1.0))
def test_a_damaged_body_is_read_or_refused(form, damages, cut):
    whole, read = BODIES[form]
    body = bytearray(whole)
    for place, value in damages:
        body[int(place * len(body))] = value
    try:
        rows = read(bytes(body[: round(cut * len(body))]))
    except RequestError as refused:
        assert refused.status in (400, 413, 422)
        assert refused.message
    else:
        assert 1 <= len(rows) <= 10
        assert ((rows.values["calls"] >= 0) & (rows.values["calls"] <= 50)).all()


WORDS = ["NA", "null", "nan", "N/A", "NULL", "n/a", "NaN"]
WORDY = InputSchema(
    {
        "spent": InputColumn("spent", "numeric", optional=True),
        "country": InputColumn("country", "categorical", levels=tuple(WORDS)),
        "city": InputColumn("city", "code"),
    }
)


def test_words_for_nothing_are_nothing_in_a_number_and_words_in_a_text(tmp_path):
    text = "id,spent,country,city\n" + "".join(f"{w},{w},{w},{w}\n" for w in WORDS)
    rows = read_csv(text.encode(), WORDY, 10)
    sent = [{"id": w, "spent": None, "country": w, "city": w} for w in WORDS]
    same, _ = JsonReader(WORDY).read(json.dumps({"rows": sent}).encode(), 10)
    assert rows.ids == same.ids == WORDS
    for name in ("country", "city"):
        assert rows.values[name].tolist() == same.values[name].tolist() == WORDS
    assert np.isnan(rows.values["spent"]).all() and np.isnan(same.values["spent"]).all()
    # And as `churnlab score` reads the file.
    (tmp_path / "rows.csv").write_text(text)
    columns = {name: {"type": column.kind} for name, column in WORDY.columns.items()}
    (batch,) = FileSource(tmp_path / "rows.csv", columns, "id").batches(0, 10)
    assert batch.to_pylist() == sent


def test_an_empty_text_of_a_csv_file_is_missing():
    with pytest.raises(RequestError, match="row 0, city: missing"):
        read_csv(b"spent,country,city\n,NA,\n", WORDY, 10)


def test_a_number_a_little_beyond_a_bound_counts_as_the_bound_within_the_tolerance():
    tolerant = InputSchema(SCHEMA.columns, tolerance=0.04)
    row = b'{"rows":[{"calls":%s,"plan":"basic","city":"a"}]}'
    rows, _ = JsonReader(tolerant).read(row % b"51.5", 10)
    assert rows.values["calls"].tolist() == [50.0]
    for refused in (b"52.5", b"-3"):
        with pytest.raises(RequestError, match=r"at (most 50|least 0)"):
            JsonReader(tolerant).read(row % refused, 10)
    with pytest.raises(RequestError, match="at most 50"):
        JsonReader(SCHEMA).read(row % b"51.5", 10)


def test_unknown_categories_are_accepted_where_so_set():
    accepting = InputSchema(SCHEMA.columns, unknown="accept")
    row = b'{"rows":[{"calls":1,"plan":"gold","city":"a"}]}'
    rows, _ = JsonReader(accepting).read(row, 10)
    assert rows.values["plan"].tolist() == ["gold"]
    with pytest.raises(RequestError, match="one of basic, plus"):
        JsonReader(SCHEMA).read(row, 10)
