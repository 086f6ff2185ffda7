"""What becomes of each table: the columns that features read, rows in a fixed order."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from churnlab.config.event_catalog import EventCatalog, EventTable
from churnlab.events.engine import quoted

# Published columns under the names that features know them by, as SQL over the row `own`.
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "items": {
        "order_id": "own.order_id",
        "item": "CAST(own.order_item_id AS INTEGER)",
        "product_id": "own.product_id",
        "seller_id": "own.seller_id",
        "customer_id": "orders.customer_id",
        "price": "own.price",
        "freight": "own.freight_value",
        "shipping_limit": "own.shipping_limit_date",
    },
    "payments": {
        "order_id": "own.order_id",
        "sequential": "CAST(own.payment_sequential AS INTEGER)",
        "type": "own.payment_type",
        "installments": "CAST(own.payment_installments AS INTEGER)",
        "value": "own.payment_value",
    },
    "products": {
        "product_id": "own.product_id",
        "category": (
            "coalesce(translation.product_category_name_english, own.product_category_name)"
        ),
        "photos": "CAST(own.product_photos_qty AS INTEGER)",
        "weight_g": "own.product_weight_g",
        "volume_cm3": "own.product_length_cm * own.product_height_cm * own.product_width_cm",
    },
    "sellers": {"seller_id": "own.seller_id", "state": "own.seller_state"},
    "customers": {
        "customer_id": "own.customer_id",
        "person_id": "own.customer_unique_id",
        "state": "own.customer_state",
    },
    "orders": {
        "order_id": "own.order_id",
        "customer_id": "own.customer_id",
        "status": "own.order_status",
        "purchased": "own.order_purchase_timestamp",
        "approved": "own.order_approved_at",
        "handed_over": "own.order_delivered_carrier_date",
        "delivered": "own.order_delivered_customer_date",
        "estimated": "own.order_estimated_delivery_date",
    },
    "reviews": {
        "review_id": "own.review_id",
        "order_id": "own.order_id",
        "score": "CAST(own.review_score AS INTEGER)",
    },
}
# Tables that are looked up for others and have no place of their own.
LOOKED_UP = ("translation",)
# What is written in place of a column whose table is absent.
WITHOUT = {"customer_id": "CAST(NULL AS VARCHAR)", "category": "own.product_category_name"}
ORDER = {
    "items": ("order_id", "item"),
    "payments": ("order_id", "sequential"),
    "reviews": ("order_id", "review_id"),
}


def time_place(catalog: EventCatalog, name: str, key: str, present: Collection[str]) -> str:
    """Return where `event_time` or `known_time` of a table comes from: `column`, `table.column`.

    It is the first one declared whose table is present.

    Raises:
        LookupError: none is.
    """
    declared: tuple[str, ...] = getattr(catalog.tables[name], key)
    for place in declared:
        table, dot, _ = place.rpartition(".")
        if not dot or table in present:
            return place
    raise LookupError(f"{catalog.name}: tables.{name}.{key}: no table of {list(declared)} is there")


def laid_out(catalog: EventCatalog, name: str, present: Collection[str]) -> str:
    """Return the SQL of a table as features read it, with `event_time` and `known_time` if it has.

    A row whose knowledge time is missing has no event time either: what nobody can date must not be
    known early. Rows are in the order of time and key; keys are unique, so the order is complete.
    """
    table = catalog.tables[name]
    columns = dict(COLUMNS.get(name) or {c: f"own.{quoted(c)}" for c in _open(table)})
    looked_up = {"items": "orders", "products": "translation"}.get(name)
    if looked_up is not None and looked_up not in present:
        columns |= {column: WITHOUT[column] for column in columns if column in WITHOUT}
    joined = {looked_up} & {*present}
    order = [quoted(column) for column in ORDER.get(name, table.key)]
    if table.event_time:
        times = [time_place(catalog, name, key, present) for key in ("event_time", "known_time")]
        joined |= {place.rpartition(".")[0] for place in times} - {""}
        columns |= _times(*(place if "." in place else f"own.{place}" for place in times))
        order = ["event_time NULLS LAST", "known_time", *order]
    selected = ", ".join(f"{value} AS {quoted(column)}" for column, value in columns.items())
    joins = " ".join(_join(catalog, str(other)) for other in sorted(map(str, joined)))
    return f"SELECT {selected} FROM {quoted(name)} AS own {joins} ORDER BY {', '.join(order)}"


def _open(table: EventTable) -> list[str]:
    """Return the columns of a further table that go on."""
    own_times = ("event_time", "known_time")
    return [n for n, c in table.columns.items() if c.privacy != "sensitive" and n not in own_times]


def _times(event: str, known: str) -> dict[str, str]:
    return {
        "event_time": f"CASE WHEN {known} IS NOT NULL THEN {event} END",
        "known_time": f"CASE WHEN {event} IS NOT NULL AND {known} IS NOT NULL "
        f"THEN greatest({event}, {known}) END",
    }


def _join(catalog: EventCatalog, other: str) -> str:
    """Return the join of one row of `other` per value of the first column of its key."""
    table = catalog.tables[other]
    key, *rest = map(quoted, table.key)
    alias = rows = quoted(other)
    if rest:
        # Several rows per value: the earliest time of each column.
        times = ", ".join(f"min({quoted(c)}) AS {quoted(c)}" for c in table.of_type("time"))
        rows = f"(SELECT {key}, {times} FROM {alias} GROUP BY ALL)"
    return f"LEFT JOIN {rows} AS {alias} ON own.{key} = {alias}.{key}"
