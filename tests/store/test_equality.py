"""Training, batch and online give the same values for the same entity and day."""

import numpy as np
import pandas as pd
import pytest
import yaml
from pandas.testing import assert_frame_equal

from churnlab.errors import ChurnlabError
from churnlab.store.moments import moment
from store.served import (
    FRESH,
    MARKET,
    SCORED,
    STUDIES,
    TEST,
    TRAIN,
    as_served,
    context,
    day,
    online_values,
    served,
)

pytestmark = pytest.mark.slow


def same(left, right):
    """Hold two frames of inputs equal to the last bit, missing values in the same places."""
    assert_frame_equal(left.reset_index(drop=True), right.reset_index(drop=True), check_exact=True)


def batch(root, study):
    """The rows that the `score` stage reads, and whom they are about."""
    from churnlab.stages.score import population

    rows = population(context(root, study))
    return rows, rows["entity" if "entity" in rows else "id"].astype(str).tolist()


@pytest.mark.parametrize("study", STUDIES)
def test_training_batch_and_online_values_are_equal(root, study, online):
    rows, ids = batch(root, study)
    store = served(root, study, **online)
    store.apply()
    store.materialise()
    inputs, entity = list(store.document.inputs), store.document.entity
    known = as_served(store, ids)
    asked = pd.DataFrame({entity: known, "day": day(store.document.rows.days[-1])})

    trained = store.training(asked)

    assert len(rows) > 10
    same(trained[inputs], rows[inputs])
    same(online_values(store, known), rows[inputs])


def test_the_rows_that_models_learnt_from_are_the_join_for_training(root):
    store = served(root, MARKET)
    store.apply()
    parts = pd.concat([context(root, MARKET).train(), context(root, MARKET).test()])
    # In another order than that of the rows, which a join must keep.
    parts = parts.sample(frac=1.0, random_state=1)
    days = [day(text) for text in parts["time"]]

    joined = store.training(pd.DataFrame({"seller": parts["entity"], "day": days}))

    same(joined[list(store.document.inputs)], parts[list(store.document.inputs)])


def expected(root, store, pairs):
    """Of each (seller, day) the latest row that is known by then and not too old, found by hand."""
    rows = pd.read_parquet(root / "data/features" / MARKET / "features.parquet")
    inputs = list(store.document.inputs)
    found = []
    for seller, asked in pairs:
        age = (pd.Timestamp(asked) - pd.to_datetime(rows["reference_date"])).dt.days
        fit = rows[(rows["seller_id"] == seller) & (age >= 0) & (age <= FRESH)]
        latest = fit.sort_values("reference_date").tail(1)[inputs]
        found.append(latest if len(latest) else pd.DataFrame([dict.fromkeys(inputs, np.nan)]))
    return pd.concat(found, ignore_index=True).astype("float64")


def test_any_day_gets_what_was_known_then_and_nothing_that_is_too_old(root):
    store = served(root, MARKET)
    store.apply()
    rows = pd.read_parquet(root / "data/features" / MARKET / "features.parquet")
    draw = np.random.default_rng(0)
    days = pd.date_range("2017-04-20", "2018-01-10").date
    drawn = {(draw.choice(rows["seller_id"]), draw.choice(days)) for _ in range(150)}
    pairs = sorted(drawn)
    asked = pd.DataFrame(pairs, columns=["seller", "day"])

    joined = store.training(asked)

    oracle = expected(root, store, pairs)
    assert 10 < oracle["sales_recency"].isna().sum() < len(pairs) - 50
    same(joined[list(store.document.inputs)], oracle)


@pytest.mark.parametrize(
    ("asked", "of"),
    [
        ("2017-04-30", None),
        (TRAIN[0], TRAIN[0]),
        ("2017-05-31", TRAIN[0]),
        (TRAIN[1], TRAIN[1]),
        # 45 days after 2017-07-01, and one more; the next reference date is 2017-09-01.
        ("2017-08-15", TRAIN[2]),
        ("2017-08-16", None),
    ],
)
def test_a_day_between_reference_dates_gets_the_older_values_until_they_are_too_old(
    root, asked, of
):
    store = served(root, MARKET)
    store.apply()
    rows = pd.read_parquet(root / "data/features" / MARKET / "features.parquet")
    seller = rows.loc[rows["reference_date"] == day(TRAIN[0]), "seller_id"].iloc[0]

    joined = store.training(pd.DataFrame({"seller": [seller], "day": [day(asked)]}))

    if of is None:
        assert joined[list(store.document.inputs)].isna().all(axis=None)
    else:
        row = rows[(rows["seller_id"] == seller) & (rows["reference_date"] == day(of))]
        same(joined[list(store.document.inputs)], row[list(store.document.inputs)])


def test_online_values_can_go_back_and_forth_in_time(root, online):
    store = served(root, MARKET, **online)
    store.apply()
    rows = pd.read_parquet(root / "data/features" / MARKET / "features.parquet")
    early = rows.loc[rows["reference_date"] == day(TRAIN[0]), "seller_id"].tolist()
    for asked in (SCORED, "2017-06-20", TEST[0]):
        store.materialise(day(asked))

        found = online_values(store, early)

        same(found, expected(root, store, [(seller, day(asked)) for seller in early]))
    late = set(rows.loc[rows["reference_date"] == day(SCORED), "seller_id"]) - set(
        rows.loc[rows["reference_date"] == day(TEST[0]), "seller_id"]
    )
    with pytest.raises(ChurnlabError, match="unknown seller id"):
        store.lookup([min(late)])


def test_values_that_are_too_old_on_the_asked_day_are_left_out_online_as_in_training(root):
    store = served(root, MARKET)
    store.apply()
    store.materialise()
    rows, ids = batch(root, MARKET)
    last, after = day("2017-12-30"), day("2017-12-31")

    assert online_values(store, ids[:1], last).notna().any(axis=None)
    assert online_values(store, ids[:1], after).isna().all(axis=None)
    assert store.lookup(ids[:1], after)[0].stale == tuple(
        v.name for v in store.document.online_views
    )
    for asked in (last, after):
        trained = store.training(pd.DataFrame({"seller": ids[:1], "day": [asked]}))
        same(trained[list(store.document.inputs)], online_values(store, ids[:1], asked))
    assert len(rows) == len(ids)


def test_a_day_of_25_hours_counts_as_more_than_one_everywhere(root):
    """In New York clocks are put back on 2017-11-05: 44 days after 2017-10-01 last an hour more."""
    from churnlab.stages import store as stage

    params, catalog = root / "params.yaml", root / "data" / "catalog" / f"{MARKET}.yaml"
    settings = yaml.safe_load(params.read_text())
    settings["store"]["studies"][MARKET]["freshness_days"] = 44
    params.write_text(yaml.safe_dump(settings, sort_keys=False))
    declared = yaml.safe_load(catalog.read_text())
    declared["events"]["timezone"] = "America/New_York"
    catalog.write_text(yaml.safe_dump(declared, sort_keys=False))
    stage.run(context(root, MARKET))
    store = served(root, MARKET)
    store.apply()
    rows = pd.read_parquet(root / "data/features" / MARKET / "features.parquet")
    ids = rows.loc[rows["reference_date"] == day(TEST[1]), "seller_id"].tolist()[:20]

    for asked, fresh in ((day("2017-11-13"), True), (day("2017-11-14"), False)):
        trained = store.training(pd.DataFrame({"seller": ids, "day": [asked] * len(ids)}))
        assert trained[list(store.document.inputs)].notna().any(axis=1).all() == fresh
        if fresh:
            store.materialise(asked)
            same(trained[list(store.document.inputs)], online_values(store, ids, asked))
        else:
            with pytest.raises(ChurnlabError, match="no values of the 44 days up to 2017-11-14"):
                store.materialise(asked)
            assert online_values(store, ids, asked).isna().all(axis=None)


def test_a_reference_date_begins_at_midnight_where_the_marketplace_is():
    # São Paulo was three hours behind UTC in winter and two in summer; on 2017-10-15 clocks went
    # from 23:59 to 01:00 (Decreto 6.558/2008), so that day begins at 03:00 UTC too.
    assert moment(day("2017-07-01"), "America/Sao_Paulo").isoformat() == "2017-07-01T03:00:00+00:00"
    assert moment(day("2017-12-01"), "America/Sao_Paulo").isoformat() == "2017-12-01T02:00:00+00:00"
    assert moment(day("2017-10-15"), "America/Sao_Paulo").isoformat() == "2017-10-15T03:00:00+00:00"
