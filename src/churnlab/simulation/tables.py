"""Arrays of a part as Arrow tables with the published columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from churnlab.simulation import geography, marginals
from churnlab.simulation.deliveries import NEVER, STATUSES, Deliveries
from churnlab.simulation.goods import Items, Products
from churnlab.simulation.identifiers import as_text
from churnlab.simulation.payments import Payments
from churnlab.simulation.purchases import Orders
from churnlab.simulation.reviews import COMMENTS, TITLES, Reviews
from churnlab.simulation.sellers import Sellers
from churnlab.simulation.tickets import TOPICS, Tickets

if TYPE_CHECKING:
    import pyarrow as pa


class Columns:
    """Turns arrays into Arrow columns; times are counted from `start`."""

    def __init__(self, start: date) -> None:
        self.start = int(np.datetime64(start, "s").astype(np.int64))

    def time(self, seconds: np.ndarray) -> pa.Array:
        """Return local times without a zone; null where the step was never taken."""
        import pyarrow as pa

        missing = seconds >= NEVER
        moments = np.where(missing, 0, seconds + self.start)
        return pa.array(moments, mask=missing).cast(pa.timestamp("s"))


def choice(indices: np.ndarray, names: Sequence[str | None]) -> pa.Array:
    """Return names by index; null for -1."""
    import pyarrow as pa

    taken = pa.array(indices, mask=indices < 0)
    return pa.array(names, type=pa.string()).take(taken)


def money(cents: np.ndarray) -> pa.Array:
    """Return reais from cents."""
    import pyarrow as pa

    return pa.array(cents / 100.0)


def postal(prefixes: np.ndarray) -> pa.Array:
    """Return postal prefixes as texts of five digits."""
    import pyarrow as pa

    return pa.array(np.char.zfill(prefixes.astype("U5"), 5))


def seller_table(sellers: Sellers) -> pa.Table:
    """Return the published columns of sellers."""
    import pyarrow as pa

    return pa.table(
        {
            "seller_id": as_text(sellers.ids),
            "seller_zip_code_prefix": postal(sellers.postal),
            "seller_city": choice(sellers.state, geography.CAPITALS),
            "seller_state": choice(sellers.state, geography.CODES),
        }
    )


def customer_table(orders: Orders) -> pa.Table:
    """Return the published columns of customers, one row per order."""
    import pyarrow as pa

    return pa.table(
        {
            "customer_id": as_text(orders.customer_ids),
            "customer_unique_id": as_text(orders.person_ids[orders.person]),
            "customer_zip_code_prefix": postal(orders.postal),
            "customer_city": choice(orders.state, geography.CAPITALS),
            "customer_state": choice(orders.state, geography.CODES),
        }
    )


def order_table(orders: Orders, deliveries: Deliveries, columns: Columns) -> pa.Table:
    """Return the published columns of orders."""
    import pyarrow as pa

    return pa.table(
        {
            "order_id": as_text(orders.ids),
            "customer_id": as_text(orders.customer_ids),
            "order_status": choice(deliveries.status, STATUSES),
            "order_purchase_timestamp": columns.time(orders.purchased),
            "order_approved_at": columns.time(deliveries.approved),
            "order_delivered_carrier_date": columns.time(deliveries.handed_over),
            "order_delivered_customer_date": columns.time(deliveries.delivered),
            "order_estimated_delivery_date": columns.time(deliveries.estimated),
        }
    )


def item_table(
    items: Items,
    orders: Orders,
    sellers: Sellers,
    products: Products,
    limit: np.ndarray,
    columns: Columns,
) -> pa.Table:
    """Return the published columns of items; `limit` of each order, in seconds."""
    import pyarrow as pa

    return pa.table(
        {
            "order_id": as_text(orders.ids[items.order]),
            "order_item_id": pa.array(items.number),
            "product_id": as_text(products.ids[items.product]),
            "seller_id": as_text(sellers.ids[items.seller]),
            "shipping_limit_date": columns.time(limit[items.order]),
            "price": money(items.cents),
            "freight_value": money(items.freight),
        }
    )


def payment_table(payments: Payments, orders: Orders) -> pa.Table:
    """Return the published columns of payments."""
    import pyarrow as pa

    return pa.table(
        {
            "order_id": as_text(orders.ids[payments.order]),
            "payment_sequential": pa.array(payments.number),
            "payment_type": choice(payments.type, marginals.PAYMENT_TYPES),
            "payment_installments": pa.array(payments.instalments),
            "payment_value": money(payments.cents),
        }
    )


def product_table(products: Products) -> pa.Table:
    """Return the published columns of products; without a category nothing else is described."""
    import pyarrow as pa

    category = np.where(products.described, products.category, -1)
    hidden = ~products.described
    described = {
        "product_name_lenght": products.name_length,
        "product_description_lenght": products.text_length,
        "product_photos_qty": products.photos,
    }
    length, height, width = products.size.T
    return pa.table(
        {
            "product_id": as_text(products.ids),
            "product_category_name": choice(category, [c.name for c in marginals.CATEGORIES]),
            **{name: pa.array(values, mask=hidden) for name, values in described.items()},
            "product_weight_g": pa.array(products.weight),
            "product_length_cm": pa.array(length),
            "product_height_cm": pa.array(height),
            "product_width_cm": pa.array(width),
        }
    )


def review_table(reviews: Reviews, orders: Orders, columns: Columns) -> pa.Table:
    """Return the published columns of reviews."""
    import pyarrow as pa

    return pa.table(
        {
            "review_id": as_text(reviews.ids),
            "order_id": as_text(orders.ids[reviews.order]),
            "review_score": pa.array(reviews.score),
            "review_comment_title": choice(reviews.title, [t or None for t in TITLES]),
            "review_comment_message": choice(reviews.comment, COMMENTS),
            "review_creation_date": columns.time(reviews.asked),
            "review_answer_timestamp": columns.time(reviews.answered),
        }
    )


def ticket_table(tickets: Tickets, sellers: Sellers, columns: Columns) -> pa.Table:
    """Return support tickets: who, what about, opened, recorded (known from then on), closed."""
    import pyarrow as pa

    return pa.table(
        {
            "ticket_id": as_text(tickets.ids),
            "seller_id": as_text(sellers.ids[tickets.seller]),
            "topic": choice(tickets.topic, TOPICS),
            "opened": columns.time(tickets.opened),
            "recorded": columns.time(tickets.recorded),
            "closed": columns.time(tickets.closed),
        }
    )


def translation_table() -> pa.Table:
    """Return the English names of the categories that have one."""
    import pyarrow as pa

    known = [c for c in marginals.CATEGORIES if c.english is not None]
    names: Mapping[str, list[str | None]] = {
        "product_category_name": [c.name for c in known],
        "product_category_name_english": [c.english for c in known],
    }
    return pa.table({name: pa.array(values, type=pa.string()) for name, values in names.items()})
