"""What a family of features is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from churnlab.event_features.definitions import Definition
from churnlab.event_features.tables import Events
from churnlab.event_features.windows import Window

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class Family:
    """A group of features from the same tables.

    `sums` gives at most one row per pair, with `seller_id` and `reference_day`; `definitions` turn
    its columns into features. `part` tells families of one name apart that need different tables.
    """

    name: str
    needs: tuple[str, ...]
    sums: Callable[[Events], ir.Table]
    definitions: Callable[[Sequence[Window]], list[Definition]]
    part: str = "all"
