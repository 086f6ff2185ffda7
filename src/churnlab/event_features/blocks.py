"""Sellers a block at a time: what a block needs fits in memory and on disk, however many there are.

Features of a seller follow from the rows of its own orders, but for those of the whole marketplace.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from churnlab.event_features.visibility import total

if TYPE_CHECKING:
    import ibis.expr.types as ir

# Within 4 GiB of memory, windows of ten million items hardly spill.
ITEMS_AT_A_TIME = 10_000_000


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


def cut(items: ir.Table, last: Sequence[str], folder: Path) -> list[Path]:
    """Write the items of each block into a folder of its own, all in one pass over the items.

    Args:
        items: of all sellers, in DuckDB.
        last: the last seller of each block, rising.
        folder: receives the folders.

    Returns:
        The folders of Parquet files, in the order of the blocks.
    """
    import ibis

    known = items.filter(items.seller_id.notnull())
    inside = [(known.seller_id <= seller, number) for number, seller in enumerate(last)]
    known.mutate(block=ibis.cases(*inside)).to_parquet(folder, partition_by="block")
    return [folder / f"block={number}" for number in range(len(last))]
