"""Sellers a block at a time: what a block needs fits in memory and on disk, however many there are.

Features of a seller follow from the rows of its own orders, but for those of the whole marketplace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from churnlab.event_features.visibility import total

if TYPE_CHECKING:
    import ibis.expr.types as ir

    Tables = dict[str, ir.Table]

# Within 4 GiB of memory the features of two million items need no disk.
ITEMS_AT_A_TIME = 2_000_000
OF_ORDERS = ("payments", "orders", "reviews")


def last_sellers(items: ir.Table, at_a_time: int = ITEMS_AT_A_TIME) -> list[str]:
    """Return the last seller of each block, rising; blocks have about so many items each.

    Args:
        items: has `seller_id`.
        at_a_time: after how many items a block ends.
    """
    import ibis

    known = items.filter(items.seller_id.notnull())
    sold = known.group_by("seller_id").agg(rows=known.count())
    earlier = ibis.window(order_by=sold.seller_id, preceding=(None, 1))
    before = total(sold.rows).over(earlier).fill_null(0.0)
    numbered = sold.mutate(block=(before / float(at_a_time)).floor())
    ends = numbered.group_by("block").agg(last=numbered.seller_id.max())
    return [row["last"] for row in ends.order_by("last").to_pyarrow().to_pylist()]


def cut(tables: Mapping[str, ir.Table], last: Sequence[str], folder: Path) -> list[Tables]:
    """Write items, and what belongs to orders, into files of each block; each is read only once.

    Args:
        tables: by name, in DuckDB.
        last: the last seller of each block, rising.
        folder: receives a folder for each table; the tables that are returned live in them.

    Returns:
        The tables of each block, in the order of the blocks; the other tables are as given. An
        order of sellers in two blocks is in both.
    """
    import ibis

    items = tables["items"]
    backend = items.get_backend()
    known = items.filter(items.seller_id.notnull())
    inside = [(known.seller_id <= seller, number) for number, seller in enumerate(last)]
    folder.mkdir(parents=True, exist_ok=True)
    numbered = known.mutate(block=ibis.cases(*inside))
    numbered.to_parquet(folder / "items", partition_by="block")
    written = backend.read_parquet(folder / "items" / "*" / "*.parquet", hive_partitioning=True)
    owners = written.select("order_id", "block").distinct()
    of_orders = [name for name in OF_ORDERS if name in tables]
    for name in of_orders:
        owned = tables[name].inner_join(owners, "order_id")
        owned.to_parquet(folder / name, partition_by="block")

    def of_block(name: str, number: int) -> ir.Table:
        files = sorted((folder / name / f"block={number}").glob("*.parquet"))
        # A block may have none of a table.
        return (
            backend.read_parquet(files, hive_partitioning=False)
            if files
            else tables[name].filter(ibis.literal(False))
        )

    return [
        {**tables, **{name: of_block(name, number) for name in ("items", *of_orders)}}
        for number in range(len(last))
    ]
