"""Marginal figures of event tables, published or simulated, by the same queries."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

SALES = "SELECT * FROM items WHERE event_time IS NOT NULL"
ORDERS = f"SELECT seller_id, count(DISTINCT order_id) AS n FROM ({SALES}) GROUP BY seller_id"
DAYS = f"SELECT DISTINCT seller_id, CAST(event_time AS DATE) AS day FROM ({SALES})"
GAPS = f"SELECT day - lag(day) OVER (PARTITION BY seller_id ORDER BY day) AS gap FROM ({DAYS})"
MONTHS = f"SELECT strftime(event_time, '%Y-%m') AS month, count(*) AS n FROM ({SALES}) GROUP BY 1"
# Active sellers: a sale in the 45 days before; gone: none in the 45 days from the date on.
DATES = "SELECT unnest([DATE '2017-09-01', DATE '2018-01-01', DATE '2018-05-01']) AS moment"
GONE = (
    "SELECT seller_id, moment, max(CAST(day >= moment AS INTEGER)) AS sold "
    f"FROM ({DAYS}), ({DATES}) "
    "WHERE day >= moment - 45 AND day < moment + 45 GROUP BY ALL HAVING min(day) < moment"
)


def _quantiles(rows: str, column: str, *levels: float) -> dict[str, str]:
    return {
        f"{100 * level:g} %": f"SELECT quantile_cont({column}, {level}) FROM ({rows})"
        for level in levels
    }


def _shares(table: str, column: str, values: tuple[object, ...], where: str) -> dict[str, str]:
    return {
        f"{value}": f"SELECT avg(CAST({column} = {value!r} AS DOUBLE)) FROM {table} WHERE {where}"
        for value in values
    }


QUERIES: Mapping[str, Mapping[str, str]] = {
    "orders per seller": {
        **_quantiles(ORDERS, "n", 0.25, 0.5, 0.75, 0.9, 0.99, 1.0),
        "Gini": (
            "SELECT sum((2.0 * place - total - 1) * n) / (total * sum(n)) FROM (SELECT n, "
            f"row_number() OVER (ORDER BY n) AS place, count(*) OVER () AS total FROM ({ORDERS})) "
            "GROUP BY total"
        ),
    },
    "days between sales of a seller": _quantiles(GAPS, "gap", 0.25, 0.5, 0.75, 0.9, 0.99),
    "active sellers without a sale in 45 days": {
        "share": f"SELECT 1 - avg(sold) FROM ({GONE})",
    },
    "items per order": {
        "mean": f"SELECT count(*) / count(DISTINCT order_id) FROM ({SALES})",
        "more than one": (
            "SELECT avg(CAST(n > 1 AS DOUBLE)) FROM "
            f"(SELECT count(*) AS n FROM ({SALES}) GROUP BY order_id)"
        ),
        "more than one seller": (
            "SELECT avg(CAST(n > 1 AS DOUBLE)) FROM "
            f"(SELECT count(DISTINCT seller_id) AS n FROM ({SALES}) GROUP BY order_id)"
        ),
    },
    "price (reais)": _quantiles(SALES, "price", 0.1, 0.25, 0.5, 0.75, 0.9, 0.99),
    "freight (reais)": _quantiles(SALES, "freight", 0.1, 0.25, 0.5, 0.75, 0.9, 0.99),
    "payment type, share": _shares(
        "payments", "type", ("credit_card", "boleto", "voucher", "debit_card"), "true"
    ),
    "instalments of cards, share": _shares(
        "payments", "installments", (1, 2, 3, 5, 8, 10), "type = 'credit_card'"
    ),
    "items per month, share of the busiest month": {
        month: f"SELECT sum(n) FILTER (month = '{month}') / max(n) FROM ({MONTHS})"
        for month in ("2017-03", "2017-07", "2017-11", "2018-01", "2018-04", "2018-07")
    },
    "persons": {
        "share who buy again": (
            "SELECT avg(CAST(n > 1 AS DOUBLE)) FROM "
            "(SELECT count(*) AS n FROM customers GROUP BY person_id)"
        ),
    },
}


def marginals(folder: Path) -> dict[tuple[str, str], float]:
    """Return every figure of the event tables in `folder`, by what and which."""
    connection = duckdb.connect(config={"threads": 1})
    for name in ("items", "payments", "customers"):
        connection.execute(
            f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{folder}/{name}.parquet')"
        )
    found = {}
    for what, queries in QUERIES.items():
        for which, query in queries.items():
            row = connection.sql(query).fetchone()
            found[what, which] = float(row[0]) if row and row[0] is not None else float("nan")
    return found
