"""Catalogs of event tables: that of olist is sound, and mistakes in one are named."""

import copy
import csv
import os
from datetime import date

import pytest
import yaml

from churnlab.config import load_catalog, load_event_catalog, load_params
from churnlab.data.sources import default_mirror
from churnlab.errors import ChurnlabError


@pytest.fixture
def changed(repo_root, tmp_path):
    """The catalog of olist after a change, read back from a file."""
    document = yaml.safe_load((repo_root / "data" / "catalog" / "olist.yaml").read_text())
    folder = tmp_path / "data" / "catalog"
    folder.mkdir(parents=True)

    def load(change):
        content = copy.deepcopy(document)
        change(content["events"])
        (folder / "olist.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
        return load_event_catalog("olist", tmp_path)

    return load


def in_table(name, key, value):
    return lambda events: events["tables"][name].update({key: value})


def in_rule(owner, name, **entries):
    return lambda events: events["tables"][owner]["rules"][name].update(entries)


def test_the_eight_published_tables_are_declared_and_two_of_them_may_be_absent(olist):
    assert set(olist.tables) == {
        "orders",
        "items",
        "payments",
        "reviews",
        "customers",
        "products",
        "sellers",
        "translation",
    }
    assert {name for name, t in olist.tables.items() if not t.required} == {"orders", "reviews"}


@pytest.mark.parametrize(
    "name", ["items", "payments", "customers", "products", "sellers", "translation"]
)
def test_the_columns_are_those_of_the_published_file_in_their_order(repo_root, olist, name):
    table = olist.tables[name]
    file = default_mirror(repo_root, os.environ) / "olist" / table.file
    if not file.is_file():
        pytest.skip(f"the file is not in the mirror: {file}")
    with file.open(encoding="utf-8-sig", newline="") as stream:
        assert next(csv.reader(stream)) == list(table.columns)


def test_an_item_takes_its_time_from_its_order_or_else_from_its_shipping_limit(olist):
    assert olist.tables["items"].event_time == (
        "orders.order_purchase_timestamp",
        "shipping_limit_date",
    )


def test_a_score_is_known_from_the_answer_on_not_from_the_question(olist):
    assert olist.tables["reviews"].event_time == ("review_creation_date",)
    assert olist.tables["reviews"].known_time == ("review_answer_timestamp",)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            in_table("items", "evnt_time", []),
            r"items\.evnt_time: unknown key; did you mean 'event_",
        ),
        (in_table("items", "key", ["order"]), r"items\.key: unknown column 'order'; did you mean"),
        (in_table("items", "event_time", ["order.price"]), r"unknown table 'order'; did you mean"),
        (in_table("items", "event_time", ["price"]), r"price is number; it must be a time"),
        (in_table("items", "required", False), r"no study works without items"),
        (in_table("items", "sha256", None), r"a required table needs sha256 and bytes"),
        (in_table("reviews", "unverified", None), r"neither sha256 nor git_blob"),
        (in_table("orders", "unverified", "x"), r"a hash is given"),
        (in_table("sellers", "rules", {}), r"nothing keeps the key \['seller_id'\] unique"),
        (in_table("orders", "known_time", []), r"event_time and known_time belong together"),
        (in_table("orders", "git_blob", "abc"), r"git_blob: 'abc' is not allowed"),
        (in_table("orders", "file", "a/b.csv"), r"file: 'a/b.csv' is not allowed"),
        (in_table("orders", "file", "olist_sellers_dataset.csv"), r"two of them have the file"),
        (lambda events: events.update(timezone="America/Sampa"), r"'America/Sampa' is not a time"),
        (lambda events: events["tables"].pop("items"), r"items is missing"),
        (
            lambda events: events.update(complete_until=date(2019, 1, 1)),
            r"complete_until: 2019-01-01 is not in events.period",
        ),
        (in_rule("items", "no_order", check="refernce"), r"did you mean 'reference'"),
        (in_rule("items", "no_order", action="drop"), r"action: 'drop' is not allowed"),
        (in_rule("items", "no_order", table="order"), r"unknown table 'order'; did you mean"),
        (in_rule("items", "no_order", table="reviews"), r"reviews is read after items"),
        (in_rule("items", "no_order", columns=["seller_id"]), r"orders has no column seller_id"),
        (in_rule("items", "no_order", table=None), r"check: reference and table belong together"),
        (in_rule("items", "no_order", action="shift"), r"action: shift needs check: clock_gap"),
        (in_rule("items", "no_seller", action="empty"), r"empty does not fit check: missing"),
        (in_rule("items", "no_seller", columns=[]), r"check: missing needs columns"),
        (
            in_rule("items", "negative_price", limit=None),
            r"below or above and limit belong together",
        ),
        (in_rule("reviews", "no_score", limit=5.0), r"below or above and limit belong together"),
        (in_rule("reviews", "score_above_five", columns=["order_id"]), r"above needs whole or num"),
        (in_rule("items", "negative_price", columns=["seller_id"]), r"below needs whole or number"),
        (in_rule("items", "negative_price", why=""), r"why: '' is not allowed"),
        (in_rule("orders", "delivery_before_purchase", columns=["order_id"]), r"looks at 2 col"),
        (in_rule("items", "unreadable_values", action="keep"), r"unreadable value cannot be kept"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_remedy(changed, change, told):
    with pytest.raises(ChurnlabError, match=told):
        changed(change)


def test_a_further_table_is_one_of_the_declared_tables(repo_root, tmp_path):
    document = yaml.safe_load((repo_root / "data" / "catalog" / "olist.yaml").read_text())
    tickets = {"kind": "events", "key": "seller", "file": "tickets.parquet", "what": "tickets"}
    document["further"]["tickets"] = tickets
    (tmp_path / "data" / "catalog").mkdir(parents=True)
    (tmp_path / "data" / "catalog" / "olist.yaml").write_text(yaml.safe_dump(document))
    with pytest.raises(
        ChurnlabError, match=r"further\.tickets\.file: tickets\.parquet is not what"
    ):
        load_event_catalog("olist", tmp_path)


def test_a_catalog_of_one_kind_is_not_taken_for_the_other(repo_root):
    with pytest.raises(ChurnlabError, match="olist is made of event tables"):
        load_catalog("olist", repo_root)
    with pytest.raises(ChurnlabError, match="telecom is a table of customers"):
        load_event_catalog("telecom", repo_root)


def test_an_event_study_that_is_no_study_is_told(repo_root, tmp_path):
    content = yaml.safe_load((repo_root / "params.yaml").read_text())
    content |= {"studies": ["telecom"], "event_studies": ["olist"]}
    for name in ("telecom", "bank", "olist"):
        (tmp_path / "data" / "catalog").mkdir(parents=True, exist_ok=True)
        (tmp_path / "data" / "catalog" / f"{name}.yaml").touch()
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(content, sort_keys=False))

    with pytest.raises(ChurnlabError, match="event_studies: unknown study 'olist'"):
        load_params(tmp_path / "params.yaml")
