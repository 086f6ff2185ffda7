"""Published tables become typed ones, with the times that their rows really have."""

import hashlib
import traceback

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from churnlab.errors import ChurnlabError
from churnlab.events.normalising import normalise
from events.tables import sound, write

WITHOUT = ("orders", "reviews")


def test_with_orders_an_item_happens_at_the_purchase_and_has_a_customer(run):
    items = run()["items"].set_index(["order_id", "item"])

    assert items.loc[("o1", 1), "event_time"] == pd.Timestamp("2017-05-02 10:00:00")
    assert items.loc[("o2", 1), "known_time"] == pd.Timestamp("2017-06-01 23:59:59")
    assert items["customer_id"].tolist() == ["c1", "c1", "c2", "c3"]
    assert items.loc[("o1", 1), "shipping_limit"] == pd.Timestamp("2017-05-08 10:00:00")


def test_without_orders_an_item_happens_at_its_shipping_limit_and_nobody_is_its_customer(run):
    written = run(without=WITHOUT)
    items = written["items"].set_index(["order_id", "item"])

    assert (items["event_time"] == items["shipping_limit"]).all()
    assert (items["known_time"] == items["shipping_limit"]).all()
    assert items["customer_id"].isna().all()
    assert written.quality["absent"] == list(WITHOUT)
    assert written.quality["times"]["items"]["event_time"] == "shipping_limit_date"


def test_without_orders_a_payment_happens_at_the_first_limit_of_its_order(run):
    payments = run(without=WITHOUT)["payments"].set_index(["order_id", "sequential"])

    assert payments.loc[("o1", 2), "event_time"] == pd.Timestamp("2017-05-07 09:00:00")


def test_with_orders_a_payment_happens_at_the_purchase(run):
    payments = run()["payments"].set_index(["order_id", "sequential"])

    assert payments.loc[("o1", 2), "event_time"] == pd.Timestamp("2017-05-02 10:00:00")


def test_a_review_happens_when_it_is_asked_and_is_known_when_it_is_answered(run):
    reviews = run()["reviews"].set_index("review_id")

    assert reviews.loc["r2", "event_time"] == pd.Timestamp("2017-06-21")
    assert reviews.loc["r2", "known_time"] == pd.Timestamp("2017-06-30 10:00:00")
    assert reviews.loc["r2", "score"] == 1


def test_texts_that_customers_wrote_go_no_further(run):
    assert list(run()["reviews"]) == ["review_id", "order_id", "score", "event_time", "known_time"]


def test_the_tables_have_the_columns_that_features_read(run):
    written = run()

    assert {name: list(written[name]) for name in ("products", "sellers", "customers")} == {
        "products": ["product_id", "category", "photos", "weight_g", "volume_cm3"],
        "sellers": ["seller_id", "state"],
        "customers": ["customer_id", "person_id", "state"],
    }
    assert list(written["payments"]) == [
        *("order_id", "sequential", "type", "installments", "value", "event_time", "known_time"),
    ]
    assert list(written["orders"]) == [
        *("order_id", "customer_id", "status", "purchased", "approved", "handed_over"),
        *("delivered", "estimated", "event_time", "known_time"),
    ]


def test_a_product_has_its_english_category_and_its_volume(run):
    products = run()["products"].set_index("product_id")

    assert products.loc["p1", "category"] == "toys"
    assert products.loc["p1", "volume_cm3"] == 10 * 20 * 30


def test_timestamps_are_microseconds_without_a_zone(run):
    schema = pq.read_schema(run().folder / "items.parquet")

    assert {str(schema.field(n).type) for n in ("event_time", "known_time", "shipping_limit")} == {
        "timestamp[us]"
    }


def test_parquet_gives_what_csv_gives(run, olist, tmp_path):
    rows = sound()
    files = {f"{name}": f"{name}.parquet" for name in rows}
    tables = {
        name: table.model_copy(update={"file": files[name]}) for name, table in olist.tables.items()
    }
    typed = olist.model_copy(update={"events": olist.events.model_copy(update={"tables": tables})})
    raw = write(tmp_path / "csv", rows, olist)
    (tmp_path / "parquet").mkdir()
    for name, table in olist.tables.items():
        times = table.of_type("time")
        texts = dict.fromkeys(table.of_type("text"), str)
        frame = pd.read_csv(raw / table.file, dtype=texts, parse_dates=times)
        frame[times] = frame[times].astype("datetime64[us]")
        frame.to_parquet(tmp_path / "parquet" / files[name], index=False)
    normalise(typed, tmp_path / "parquet", tmp_path / "typed" / "from-parquet")
    from_csv = run()

    for name in ("items", "payments", "products", "orders", "reviews", "customers", "sellers"):
        other = pd.read_parquet(tmp_path / "typed" / "from-parquet" / f"{name}.parquet")
        pd.testing.assert_frame_equal(from_csv[name], other)


def test_order_of_rows_and_threads_change_no_byte(olist, tmp_path):
    rows = _many()
    shuffled = {
        name: [content[i] for i in np.random.default_rng(1).permutation(len(content))]
        for name, content in rows.items()
    }
    hashes = []
    for name, content, threads in (("a", rows, 1), ("b", shuffled, 2)):
        raw = write(tmp_path / f"raw-{name}", content, olist)
        normalise(olist, raw, tmp_path / name / "events", threads, "256MiB")
        hashes.append(_hashes(tmp_path / name / "events"))

    assert hashes[0] == hashes[1]


def test_a_table_that_is_no_longer_there_leaves_no_file_behind(olist, tmp_path):
    raw, into = write(tmp_path / "raw", sound(), olist), tmp_path / "typed" / "events"
    normalise(olist, raw, into)
    assert (into / "reviews.parquet").is_file()
    for name in WITHOUT:
        (raw / olist.tables[name].file).unlink()

    normalise(olist, raw, into)

    assert not (into / "reviews.parquet").exists()
    assert (into / "items.parquet").is_file()


def test_a_required_table_that_is_missing_is_told_with_the_stage_that_brings_it(run):
    with pytest.raises(ChurnlabError, match=r"olist_sellers_dataset.*dvc repro ingest@olist"):
        run(without=("sellers",))


def test_columns_that_are_not_the_declared_ones_are_told(run, olist, tmp_path):
    raw = write(tmp_path / "raw", sound(), olist)
    file = raw / olist.tables["sellers"].file
    file.write_text(file.read_text().replace("seller_state", "seller_stat"))

    with pytest.raises(ChurnlabError, match="unknown column 'seller_stat'; did you mean 'seller_s"):
        normalise(olist, raw, tmp_path / "events")


def test_a_row_with_a_missing_field_is_told_with_its_file(olist, tmp_path):
    raw = write(tmp_path / "raw", sound(), olist)
    file = raw / olist.tables["sellers"].file
    file.write_text(file.read_text() + "s3,01001\n")

    with pytest.raises(ChurnlabError, match=r"olist_sellers_dataset\.csv: it cannot be read"):
        normalise(olist, raw, tmp_path / "events")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (b"s3,01001\n", "Line: 4, Expected Number of Columns: 4 Found: 2"),
        (b's3,01001,"segredo,SP\n', "Value with unterminated quote"),
        (b"s3,01001,s\xe3o segredo,SP\n", "Line: 4, Invalid unicode"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_without_quoting_a_person(olist, tmp_path, row, told):
    raw = write(tmp_path / "raw", sound(), olist)
    file = raw / olist.tables["sellers"].file
    file.write_bytes(file.read_bytes() + row)

    with pytest.raises(ChurnlabError) as error:
        normalise(olist, raw, tmp_path / "events")

    shown = "".join(traceback.format_exception(error.value))
    assert told in str(error.value)
    assert "segredo" not in shown
    assert "s3,01001" not in shown


def test_bad_letters_far_down_a_file_are_told_as_well(olist, tmp_path):
    rows = sound()
    rows["sellers"] += [[f"n{n}", "01001", "sao paulo", "SP"] for n in range(5_000)]
    raw = write(tmp_path / "raw", rows, olist)
    file = raw / olist.tables["sellers"].file
    file.write_bytes(file.read_bytes() + b"s3,01001,s\xe3o segredo,SP\n")

    with pytest.raises(ChurnlabError, match="Line: 5004, Invalid unicode") as error:
        normalise(olist, raw, tmp_path / "events")

    assert "segredo" not in "".join(traceback.format_exception(error.value))


def _many():
    """Return 300 orders with two items each, all different."""
    rows = sound()
    rng = np.random.default_rng(0)
    for number in range(300):
        day = pd.Timestamp("2017-02-01") + pd.Timedelta(minutes=int(rng.integers(0, 500_000)))
        name = f"n{number}"
        rows["customers"].append([f"k{number}", f"u{number % 40}", "01000", "x", "SP"])
        rows["orders"].append([name, f"k{number}", "delivered", day, day, day, day, day])
        for item in (1, 2):
            price = f"{rng.integers(100, 9999) / 100:.2f}"
            rows["items"].append([name, item, f"p{item}", f"s{item}", day, price, "5.00"])
        rows["payments"].append([name, 1, "boleto", 1, "20.00"])
    return rows


def _hashes(folder):
    return {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in folder.iterdir()}
