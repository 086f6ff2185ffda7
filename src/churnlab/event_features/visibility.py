"""What can be seen at a reference date, in whole days since 1970-01-01.

Reference dates are midnights, so the day of a moment decides on which side it lies: `day` is the
day of the event, `seen` the later of that and the day on which the row became known. A row is
visible at a reference day when `seen` is before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

# Later than any day of data; a null would need its own branch in every comparison.
NEVER = 10**7
PAIR = ("seller", "reference_day")


def day_number(moment: ir.Column) -> ir.Column:
    """Return the day of a timestamp without zone, or of a date, as days since 1970-01-01."""
    import ibis

    return moment.cast("date").delta(ibis.date("1970-01-01"), unit="day").cast("int64")


def seen_day(event_time: ir.Column, known_time: ir.Column) -> ir.Column:
    """Return the first day at whose end the row has both happened and become known."""
    import ibis

    return day_number(ibis.greatest(event_time, known_time))


def whole(amount: ir.Column, per_unit: int = 1) -> ir.Column:
    """Return an amount as a whole number of its smallest unit: cents of money, grams.

    As float64, which holds whole numbers exactly up to 2^53 and is added up several times faster
    than the 128-bit integers that engines make of sums of integers.
    """
    return (amount * per_unit).round().cast("float64")


def total(values: ir.Value) -> ir.Value:
    """Return the sum of whole numbers as float64: exact, so independent of the order of rows."""
    return values.cast("float64").sum()


def entries(rows: ir.Table, key: str, by: tuple[str, ...] = ("seller",)) -> ir.Table:
    """Return one row per stretch of days in which a key's latest visible day stays the same.

    Counting those rows in a window counts every key once, even if it occurs on several days, and
    they can be added up by day before they meet the reference dates.

    Args:
        rows: has `by`, `key`, `day` and `seen`.
        key: what is counted once, such as an order.
        by: what it is counted within.

    Returns:
        Table with `by`, `day`, `seen`, `until` (the last reference day at which the row is the
        latest one visible) and `count`, the number of keys that share them.
    """
    import ibis

    once = rows.filter(rows[key].notnull()).group_by([*by, key, "day"]).agg(seen=rows.seen.min())
    later = ibis.window(group_by=[*by, key], order_by=ibis.desc("day"), preceding=(None, 1))
    spans = once.mutate(until=once.seen.min().over(later).fill_null(NEVER))
    spans = spans.filter(spans.until > spans.seen)
    return spans.group_by([*by, "day", "seen", "until"]).agg(count=spans.count())


def first_seen(rows: ir.Table, key: str, by: tuple[str, ...] = ("seller",)) -> ir.Table:
    """Return `by`, `key` and the day from which any row of the key is visible, as `seen`."""
    return rows.group_by([*by, key]).agg(seen=rows.seen.min())


def as_of(facts: ir.Table, pairs: ir.Table, within: int | None = None) -> ir.Table:
    """Return every fact once for each reference day at which it is visible, with `ago` in days.

    Args:
        facts: has `seller`, `day` and `seen`, and `until` where a later row replaces it.
        pairs: `seller` and `reference_day`, each pair once.
        within: leave out what happened more days before.
    """
    visible = [facts.seller == pairs.seller, facts.seen < pairs.reference_day]
    if "until" in facts.columns:
        visible.append(facts.until >= pairs.reference_day)
    if within is not None:
        visible.append(facts.day >= pairs.reference_day - within)
    joined = pairs.join(facts, visible)
    joined = joined.mutate(ago=joined.reference_day - joined.day)
    return joined.drop([name for name in joined.columns if name.endswith("_right")])
