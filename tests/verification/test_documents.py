import io
import json

import numpy as np
import pandas as pd
import pytest
import yaml

from churnlab.verification.documents import (
    compare_csv,
    compare_json,
    compare_parquet,
    compare_tsv,
    compare_yaml,
)
from churnlab.verification.numbers import Allowance

DOCUMENT = {"rf": {"roc_auc": 0.93, "rows": [1, 2, {"p": 0.5}]}, "champion": "rf", "ok": True}
CLOSE = Allowance(0.01)


def as_json(value):
    return json.dumps(value).encode()


def changed(change):
    document = json.loads(json.dumps(DOCUMENT))
    change(document)
    return document


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda d: d["rf"].update(roc_auc=0.95), "rf.roc_auc: 0.93 -> 0.95"),
        (lambda d: d["rf"]["rows"][2].update(p=0.6), "rf.rows[2].p: 0.5 -> 0.6"),
        (lambda d: d["rf"]["rows"].pop(), "rf.rows: 3 -> 2 items"),
        (lambda d: d.update(champion="xgb"), "champion: 'rf' -> 'xgb'"),
        (lambda d: d.update(champion=None), "champion: 'rf' -> None"),
        (lambda d: d.update(ok=1), "ok: True -> 1"),
        (lambda d: d.pop("ok"), "ok: on one side only"),
        (lambda d: d.update(more=1), "more: on one side only"),
        (lambda d: d["rf"].update(roc_auc="0.93"), "rf.roc_auc: 0.93 -> '0.93'"),
    ],
)
def test_what_differs_in_a_document_is_named_by_its_path(change, place):
    after = changed(change)
    as_yaml = (yaml.safe_dump(value).encode() for value in (DOCUMENT, after))
    for found in (
        compare_json(as_json(DOCUMENT), as_json(after), CLOSE),
        compare_yaml(*as_yaml, CLOSE),
    ):
        assert not found.agrees
        assert found.place == place


def test_numbers_of_a_document_may_be_off_by_the_allowance_and_order_of_keys_is_free():
    after = {"ok": True, "champion": "rf", "rf": {"rows": [1, 2, {"p": 0.5}], "roc_auc": 0.9345}}
    found = compare_json(as_json(DOCUMENT), as_json(after), CLOSE)
    assert found.agrees
    assert found.largest == pytest.approx(0.0045)


def test_cells_of_a_table_are_numbers_where_the_whole_column_is():
    first = b"model,fpr\nrf,0.1\nrf,\nxgb,1e-3\n"
    near = compare_csv(first, b"model,fpr\nrf,0.105\nrf,\nxgb,0.001\n", CLOSE)
    assert near.agrees
    assert near.place == "column fpr, row 1: 0.1 -> 0.105"
    for second, place in [
        (b"model,fpr\nrf,0.1\nrf,\nmlp,1e-3\n", "column model, row 3: 'xgb' -> 'mlp'"),
        (b"model,fpr\nrf,0.1\nrf,0.1\nxgb,1e-3\n", "column fpr, row 2: nan -> 0.1"),
        (b"model,fpr\nrf,0.1\n", "3 -> 1 rows"),
        (b"model,tpr\nrf,0.1\nrf,\nxgb,1\n", "columns model, fpr -> model, tpr"),
    ]:
        found = compare_csv(first, second, CLOSE)
        assert not found.agrees
        assert found.place == place


def test_a_column_that_turns_from_numbers_to_words_is_different():
    assert not compare_csv(b"a\n1\n2\n", b"a\n1\ntwo\n", Allowance(10)).agrees


def test_tables_with_tabs_are_read_by_their_tabs():
    found = compare_tsv(b"step\tloss\n0\t0.5\n", b"step\tloss\n0\t0.7\n", CLOSE)
    assert found.place == "column loss, row 1: 0.5 -> 0.7"


def parquet(**columns):
    buffer = io.BytesIO()
    pd.DataFrame(columns).to_parquet(buffer)
    return buffer.getvalue()


def test_columns_of_a_parquet_table_are_compared_by_type_and_value():
    first = parquet(id=["a", "b"], p=[0.5, np.nan], n=[1, 2])
    assert compare_parquet(first, parquet(id=["a", "b"], p=[0.5, np.nan], n=[1, 2]), CLOSE).agrees
    near = compare_parquet(first, parquet(id=["a", "b"], p=[0.501, np.nan], n=[1, 2]), CLOSE)
    assert near.agrees
    assert near.largest == pytest.approx(0.001)
    for second, place in [
        (parquet(id=["a", "c"], p=[0.5, np.nan], n=[1, 2]), "column id, row 2: 'b' -> 'c'"),
        (parquet(id=["a", "b"], p=[0.5, 0.5], n=[1, 2]), "column p, row 2: nan -> 0.5"),
        (parquet(id=["a", "b"], p=[0.5, 0.5], n=[1.0, 2]), "column n: type int64 -> float64"),
        (parquet(id=["a", "b"], n=[1, 2], p=[0.5, 0.5]), "columns id, p, n -> id, n, p"),
    ]:
        found = compare_parquet(first, second, CLOSE)
        assert not found.agrees
        assert found.place == place
