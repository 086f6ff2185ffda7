"""Rows that cannot be right: each is found, counted, and treated as its rule declares."""

import pandas as pd
import pytest

from churnlab.errors import ChurnlabError

WITHOUT = ("orders", "reviews")


def append(table, *rows):
    return lambda tables: tables[table].extend(map(list, rows))


def set_value(table, row, column, value):
    return lambda tables: tables[table][row].__setitem__(column, value)


def without_rule(catalog, name, left_out):
    """Return the catalog without one rule of one table."""
    table = catalog.tables[name]
    rules = {n: rule for n, rule in table.rules.items() if n != left_out}
    tables = {**catalog.tables, name: table.model_copy(update={"rules": rules})}
    return catalog.model_copy(
        update={"events": catalog.events.model_copy(update={"tables": tables})}
    )


def good_items():
    return [["o1", n, "p1", "s1", "2017-05-08 10:00:00", "5.00", "1.00"] for n in range(3, 203)]


def many_items(bad):
    """Return a change that adds 200 sound items before the bad ones; one in a hundred may be."""
    return append("items", *good_items(), *bad)


def test_sound_tables_concern_no_rule(run):
    rules = run().quality["rules"]

    assert len(rules) > 40
    assert {(rule["rows"], rule["share"]) for rule in rules} == {(0, 0.0)}


def test_rules_of_absent_tables_are_listed_as_not_checked(run):
    written = run(without=WITHOUT)

    assert written.rule("reviews", "repeated_review")["rows"] is None
    assert written.rule("items", "no_order")["rows"] is None
    assert written.rule("items", "unknown_seller")["rows"] == 0


def test_an_item_without_its_order_is_left_out_and_counted(run):
    written = run(append("items", ["o9", 1, "p1", "s1", "2017-05-08 10:00:00", "5.00", "1.00"]))

    assert "o9" not in set(written["items"]["order_id"])
    assert written.rule("items", "no_order")["rows"] == 1
    assert written.rule("items", "no_order")["share"] == pytest.approx(1 / 5)
    assert written.quality["tables"]["items"] == {"read": 5, "kept": 4}


def test_without_the_orders_table_the_same_item_stays(run):
    bad = ["o9", 1, "p1", "s1", "2017-05-08 10:00:00", "5.00", "1.00"]

    assert "o9" in set(run(append("items", bad), without=WITHOUT)["items"]["order_id"])


@pytest.mark.parametrize("without", [(), WITHOUT])
@pytest.mark.parametrize(("order", "number"), [("", 1), ("o3", "")])
def test_an_item_of_no_order_or_without_a_number_is_left_out_and_counted(
    run, order, number, without
):
    bad = [order, number, "p1", "s1", "2017-05-08 10:00:00", "5.00", "1.00"]
    written = run(append("items", bad, bad), without=without)

    assert written.rule("items", "no_item_id")["rows"] == 2
    assert len(written["items"]) == 4
    assert written["items"][["order_id", "item"]].notna().all(axis=None)


@pytest.mark.parametrize(
    ("table", "row", "rule"),
    [
        ("translation", ["", "toys"], "no_category"),
        ("products", ["", "bebes", 1, 1, 1, 1, 1, 1, 1], "no_product_id"),
        ("sellers", ["", "01001", "sao paulo", "SP"], "no_seller_id"),
        ("customers", ["", "u9", "01001", "sao paulo", "SP"], "no_customer_id"),
        ("orders", ["", "c1", "created", "2017-05-08", "", "", "", "2017-06-01"], "no_order_id"),
        ("payments", ["", 1, "boleto", 1, "5.00"], "no_payment_id"),
        ("reviews", ["r9", "", 5, "", "", "2018-02-01", "2018-02-02"], "no_review_id"),
    ],
)
def test_a_row_without_its_key_is_left_out_of_every_table_and_counted(run, table, row, rule):
    written = run(append(table, row))

    assert written.rule(table, rule)["rows"] == 1
    rows = written.quality["tables"][table]
    assert rows["kept"] == rows["read"] - 1


def test_rows_without_a_key_end_the_run_where_no_rule_is_declared(run, olist):
    strict = without_rule(olist, "sellers", "no_seller_id")

    with pytest.raises(ChurnlabError, match=r"table sellers: rule no_key \(missing of seller_id\)"):
        run(append("sellers", ["", "01001", "sao paulo", "SP"]), catalog=strict)
    assert run(catalog=strict, into="sound").rule("sellers", "no_key")["rows"] == 0


@pytest.mark.parametrize(
    ("table", "row", "column", "rule", "typed"),
    [
        ("items", 0, 5, "no_price", "price"),
        ("payments", 0, 2, "no_type", "type"),
        ("payments", 0, 4, "no_value", "value"),
        ("reviews", 0, 2, "no_score", "score"),
        ("orders", 0, 1, "no_customer", "customer_id"),
    ],
)
def test_a_value_that_is_not_there_is_counted_and_its_row_stays(
    run, table, row, column, rule, typed
):
    whole = len(run(into="whole")[table])
    written = run(set_value(table, row, column, ""))

    assert written.rule(table, rule)["rows"] == 1
    assert len(written[table]) == whole
    assert written[table][typed].isna().sum() == 1


@pytest.mark.parametrize(("score", "rule"), [(0, "score_below_one"), (6, "score_above_five")])
def test_a_score_that_does_not_exist_is_missing_and_counted(run, score, rule):
    answers = [[f"n{n}", "o1", 5, "", "", "2018-02-01", "2018-02-02"] for n in range(200)]
    wrong = ["r9", "o3", score, "", "", "2018-02-01", "2018-02-02"]
    written = run(append("reviews", *answers, wrong))

    assert written.rule("reviews", rule)["rows"] == 1
    assert pd.isna(written["reviews"].set_index("review_id").loc["r9", "score"])
    assert written["reviews"]["score"].max() == 5


@pytest.mark.parametrize(
    ("column", "rule", "typed"),
    [
        (4, "approval_outside_period", "approved"),
        (5, "handover_outside_period", "handed_over"),
        (6, "delivery_outside_period", "delivered"),
        (7, "promise_outside_period", "estimated"),
    ],
)
def test_a_step_of_an_order_that_lies_years_away_is_missing_and_counted(run, column, rule, typed):
    written = run(set_value("orders", 0, column, "2090-01-01 00:00:00"))
    order = written["orders"].set_index("order_id").loc["o1"]

    assert written.rule("orders", rule)["rows"] == 1
    assert pd.isna(order[typed])
    assert order["event_time"] == pd.Timestamp("2017-05-02 10:00:00")


def test_a_negative_price_is_left_out_and_counted(run):
    written = run(many_items([["o1", 900, "p1", "s1", "2017-05-08 10:00:00", "-5.00", "1.00"]]))

    assert (written["items"]["price"] >= 0).all()
    assert written.rule("items", "negative_price")["rows"] == 1


def test_too_many_negative_prices_end_the_run_with_the_share_and_the_place_of_the_rule(run):
    with pytest.raises(ChurnlabError) as error:
        run(set_value("items", 0, 5, "-1.00"))

    for part in ("negative_price", "1 rows, 25.00%", "at most 1.00%", "data/catalog/olist.yaml"):
        assert part in str(error.value)


def test_a_negative_freight_is_missing_and_the_sale_stays(run):
    written = run(many_items([["o1", 900, "p1", "s1", "2017-05-08 10:00:00", "5.00", "-1.00"]]))
    items = written["items"].set_index(["order_id", "item"])

    assert pd.isna(items.loc[("o1", 900), "freight"])
    assert items.loc[("o1", 900), "price"] == 5.0


def test_a_timestamp_of_2020_is_missing_so_that_without_orders_the_sale_has_no_time(run):
    written = run(set_value("items", 0, 4, "2020-02-05 03:30:51"), without=WITHOUT)
    items = written["items"].set_index(["order_id", "item"])

    assert len(items) == 4
    assert items.loc[("o1", 1), ["shipping_limit", "event_time", "known_time"]].isna().all()
    assert written.rule("items", "limit_outside_period")["rows"] == 1


def test_with_orders_a_wrong_shipping_limit_takes_no_sale_out_of_time(run):
    items = run(set_value("items", 0, 4, "2020-02-05 03:30:51"))["items"]

    assert items["event_time"].notna().all()
    assert items["shipping_limit"].isna().sum() == 1


def test_both_ends_of_the_period_belong_to_it(run):
    def change(rows):
        rows["items"][0][4] = "2016-09-01 00:00:00"
        rows["items"][1][4] = "2018-12-31 23:59:59"
        rows["items"][2][4] = "2016-08-31 23:59:59"
        rows["items"][3][4] = "2019-01-01 00:00:00"

    assert run(change).rule("items", "limit_outside_period")["rows"] == 2


def test_of_a_repeated_review_the_first_known_stays(run):
    late = ["r1", "o1", 1, "", "", "2017-05-10 00:00:00", "2017-09-01 00:00:00"]
    early = ["r1", "o1", 3, "", "", "2017-05-10 00:00:00", "2017-05-10 12:00:00"]
    written = run(append("reviews", late, early))

    assert written.rule("reviews", "repeated_review")["rows"] == 2
    assert written["reviews"].set_index("review_id").loc["r1", "score"] == 3


@pytest.mark.parametrize(
    ("table", "column", "wrong"),
    [
        ("orders", 3, "2010-01-01 00:00:00"),
        ("items", 5, "-100.00"),
        ("payments", 4, "-100.00"),
        ("reviews", 6, "1970-01-01 00:00:00"),
    ],
)
def test_of_two_copies_the_one_that_cannot_be_right_goes(run, table, column, wrong):
    def sound(tables):
        tables["items"] += good_items()
        tables["payments"] += [["o1", n, "boleto", 1, "5.00"] for n in range(3, 203)]

    def copied(tables):
        sound(tables)
        tables[table].append([*tables[table][0]])
        tables[table][-1][column] = wrong

    expected, written = run(sound, into="sound"), run(copied, into="copied")
    pd.testing.assert_frame_equal(written[table], expected[table])
    pd.testing.assert_frame_equal(written["items"], expected["items"])


@pytest.mark.parametrize(
    ("table", "column", "rule"),
    [("items", 4, "no_limit_date"), ("reviews", 5, "no_creation_date")],
)
def test_a_row_that_belongs_to_no_window_is_counted(run, table, column, rule):
    assert run(set_value(table, 0, column, "")).rule(table, rule)["rows"] == 1


def test_an_answer_about_two_orders_counts_for_both_and_is_counted(run):
    written = run(append("reviews", ["r1", "o3", 5, "", "", "2018-02-01", "2018-02-02 10:00:00"]))

    assert written.rule("reviews", "shared_review")["rows"] == 1
    assert len(written["reviews"]) == 3


def test_a_review_whose_answer_has_no_time_is_left_out(run):
    written = run(append("reviews", ["r9", "o3", 5, "", "", "2018-02-01", ""]))

    assert "r9" not in set(written["reviews"]["review_id"])
    assert written.rule("reviews", "no_answer_time")["rows"] == 1


def test_an_answer_before_its_question_is_known_from_the_question_on(run):
    written = run(set_value("reviews", 0, 6, "2017-05-01 00:00:00"))

    assert written.rule("reviews", "answer_before_question")["rows"] == 1
    assert written["reviews"].set_index("review_id").loc["r1", "known_time"] == pd.Timestamp(
        "2017-05-10"
    )


def test_a_seller_or_product_without_a_row_of_its_own_keeps_its_sales(run):
    written = run(append("items", ["o3", 2, "p9", "s9", "2018-01-20 11:00:00", "5.00", "1.00"]))

    assert written.rule("items", "unknown_seller")["rows"] == 1
    assert written.rule("items", "unknown_product")["rows"] == 1
    assert "s9" in set(written["items"]["seller_id"])


def test_an_unknown_payment_type_keeps_its_money(run):
    written = run(append("payments", ["o3", 2, "pix", 1, "5.00"]))

    assert written.rule("payments", "unknown_type")["rows"] == 1
    assert "pix" in set(written["payments"]["type"])


def test_a_payment_of_an_order_without_items_is_counted(run):
    written = run(append("payments", ["o9", 1, "boleto", 1, "5.00"]))

    assert written.rule("payments", "order_without_items")["rows"] == 1


def test_the_hour_that_summer_time_leaves_out_is_read_with_the_old_clock(run):
    def change(rows):
        rows["items"][0][4] = "2017-10-15 00:30:00"
        rows["items"][1][4] = "2017-10-15 01:00:00"
        rows["items"][2][4] = "2017-10-14 23:59:59"

    written = run(change, without=WITHOUT)
    items = written["items"].set_index(["order_id", "item"])

    assert written.rule("items", "limit_in_clock_gap")["rows"] == 1
    assert items.loc[("o1", 1), "event_time"] == pd.Timestamp("2017-10-15 01:30:00")
    assert items.loc[("o1", 2), "event_time"] == pd.Timestamp("2017-10-15 01:00:00")
    assert items.loc[("o2", 1), "event_time"] == pd.Timestamp("2017-10-14 23:59:59")


def test_the_hour_that_the_end_of_summer_time_repeats_is_counted_and_kept(run):
    written = run(set_value("items", 0, 4, "2018-02-17 23:30:00"), without=WITHOUT)

    assert written.rule("items", "limit_in_clock_overlap")["rows"] == 1
    assert pd.Timestamp("2018-02-17 23:30:00") in set(written["items"]["event_time"])


def test_a_category_without_translation_keeps_its_name(run):
    written = run(append("products", ["p3", "pc_gamer", 1, 1, 1, 1, 1, 1, 1]))

    assert written.rule("products", "no_translation")["rows"] == 1
    assert written["products"].set_index("product_id").loc["p3", "category"] == "pc_gamer"


def test_a_product_without_category_has_none(run):
    written = run(append("products", ["p3", "", "", "", "", 100, 1, 1, 1]))
    product = written["products"].set_index("product_id").loc["p3"]

    assert written.rule("products", "no_category")["rows"] == 1
    assert product[["category", "photos"]].isna().all()


@pytest.mark.parametrize("price", ["free", "nan", "inf", "1,50"])
def test_a_value_that_is_no_number_is_missing_and_counted(run, price):
    written = run(many_items([["o1", 900, "p1", "s1", "2017-05-08 10:00:00", price, "1.00"]]))
    items = written["items"].set_index(["order_id", "item"])

    assert written.rule("items", "unreadable_values")["rows"] == 1
    assert pd.isna(items.loc[("o1", 900), "price"])


@pytest.mark.parametrize("moment", ["08/05/2017", "2017-02-30 00:00:00", "2017-05-08T10:00:00Z"])
def test_a_time_of_another_format_or_calendar_is_missing_and_counted(run, moment):
    written = run(many_items([["o1", 900, "p1", "s1", moment, "5.00", "1.00"]]), without=WITHOUT)
    items = written["items"].set_index(["order_id", "item"])

    assert written.rule("items", "unreadable_values")["rows"] == 1
    assert pd.isna(items.loc[("o1", 900), "event_time"])


def test_values_that_cannot_be_read_end_the_run_where_no_rule_is_declared(run, olist):
    strict = without_rule(olist, "payments", "unreadable_values")

    with pytest.raises(ChurnlabError, match="unreadable_values"):
        run(set_value("payments", 0, 3, "1.5"), catalog=strict)


def test_an_order_that_is_delivered_before_its_purchase_is_counted(run):
    written = run(set_value("orders", 0, 6, "2017-05-01 00:00:00"))

    assert written.rule("orders", "delivery_before_purchase")["rows"] == 1


def test_a_new_status_is_counted_and_kept(run):
    written = run(set_value("orders", 0, 2, "returned"))

    assert written.rule("orders", "unknown_status")["rows"] == 1
    assert "returned" in set(written["orders"]["status"])
