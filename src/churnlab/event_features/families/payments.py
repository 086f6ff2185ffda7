"""Payments of the orders that a seller takes part in: types, values, instalments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from churnlab.event_features.definitions import Definition, Maker
from churnlab.event_features.families.family import Family
from churnlab.event_features.tables import CENTS, Events
from churnlab.event_features.visibility import PAIR, as_of, day_number, seen_day, total, whole
from churnlab.event_features.windows import Window, windowed

if TYPE_CHECKING:
    import ibis.expr.types as ir

NAME = "payments"
TYPES = {
    "credit_card": "credit card",
    "boleto": "boleto",
    "voucher": "voucher",
    "debit_card": "debit card",
}


def payment_days(events: Events) -> ir.Table:
    """Return payments per seller, `day` and `seen`, in cents, with counts per type.

    `valued` and `divided` are how many have a known value, and known instalments.

    A payment belongs to every seller of its order, and is visible once the seller's part is.
    """
    import ibis

    payments = events.tables["payments"]
    dated = payments.filter(payments.event_time.notnull()).select(
        "order_id",
        "type",
        "installments",
        day=day_number(payments.event_time),
        paid=seen_day(payments.event_time, payments.known_time),
        cents=whole(payments.value, CENTS),
    )
    joined = events.links.inner_join(dated, "order_id")
    joined = joined.mutate(seen=ibis.greatest(joined.seen, joined.paid))
    of_type = {name: (joined["type"] == name).fill_null(False) for name in TYPES}
    return joined.group_by(["seller", "day", "seen"]).agg(
        payments=joined.count(),
        valued=joined.cents.count(),
        divided=joined.installments.count(),
        cents=total(joined.cents).fill_null(0.0),
        instalments=total(joined.installments).fill_null(0.0),
        most=joined.installments.max(),
        split=total((joined.installments > 1).fill_null(False)),
        **{f"count_{name}": total(rows) for name, rows in of_type.items()},
        **{
            f"cents_{name}": joined.cents.sum(where=rows).fill_null(0.0)
            for name, rows in of_type.items()
        },
    )


def payment_sums(events: Events) -> ir.Table:
    """Return the sums per window."""
    facts = payment_days(events)
    days = as_of(facts, events.pairs)
    kept = ("seller", "day", "seen", "most")
    measured = {name: days[name] for name in facts.columns if name not in kept}
    return windowed(days, PAIR, events.windows, measured, {"instalments": days.most})


def payment_definitions(windows: Sequence[Window]) -> list[Definition]:
    """Return the features of this family."""
    return [found for window in windows for found in (*_totals(window), *_types(window))]


def _totals(window: Window) -> list[Definition]:
    made = Maker(NAME, window.label, window.words)
    count, cents = window.name("payments"), window.name("cents")
    valued, divided = window.name("valued"), window.name("divided")
    return [
        made.number("count", "payments", "Payments of the seller's orders", count),
        made.number("value", "reais", "Sum of those payments", cents, CENTS),
        made.ratio("mean", "reais", "Mean payment", cents, valued, CENTS),
        made.ratio(
            "instalments", "instalments", "Mean instalments", window.name("instalments"), divided
        ),
        made.state(
            "instalments_max", "instalments", "Most instalments", window.name("instalments_max")
        ),
        made.ratio(
            "split",
            "share",
            "Share of payments in more than one instalment",
            window.name("split"),
            divided,
        ),
    ]


def _types(window: Window) -> list[Definition]:
    made = Maker(NAME, window.label, window.words)
    count, cents = window.name("payments"), window.name("cents")
    found = []
    for name, words in TYPES.items():
        own, value = window.name(f"count_{name}"), window.name(f"cents_{name}")
        found += [
            made.number(name, "payments", f"Payments by {words}", own),
            made.number(f"{name}_value", "reais", f"Value of payments by {words}", value, CENTS),
            made.ratio(f"{name}_share", "share", f"Share of payments by {words}", own, count),
            made.ratio(
                f"{name}_value_share", "share", f"Share of the paid value by {words}", value, cents
            ),
        ]
    return found


PAYMENTS = Family(NAME, ("items", "payments"), payment_sums, payment_definitions)
