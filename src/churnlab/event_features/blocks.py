"""Sellers a block at a time: what a block needs fits in memory and on disk, however many there are.

Features of a seller follow from the rows of its own orders, but for those of the whole marketplace.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from churnlab.event_features.visibility import total

if TYPE_CHECKING:
    import ibis.expr.types as ir

# Within 4 GiB of memory, windows of ten million items hardly spill.
ITEMS_AT_A_TIME = 10_000_000


@dataclass(frozen=True)
class Block:
    """Sellers from `first` to `last`, both included, in the order of their identifiers."""

    first: str
    last: str

    def of(self, tables: Mapping[str, ir.Table], folder: Path) -> dict[str, ir.Table]:
        """Return the tables with the items of these sellers alone, which are kept in `folder`."""
        items = tables["items"]
        own = items.filter(items.seller_id.between(self.first, self.last))
        folder.mkdir(parents=True)
        # Features ask for the items several times, each for other columns.
        file = folder / "items.parquet"
        own.to_parquet(file)
        return {**tables, "items": items.get_backend().read_parquet(file)}


def blocks_of(items: ir.Table, at_a_time: int = ITEMS_AT_A_TIME) -> list[Block]:
    """Return blocks of sellers with about so many items each, rising; a seller is in one of them.

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
    ends = numbered.group_by("block").agg(
        first=numbered.seller_id.min(), last=numbered.seller_id.max()
    )
    found = ends.order_by("block").to_pyarrow().to_pylist()
    return [Block(row["first"], row["last"]) for row in found]
