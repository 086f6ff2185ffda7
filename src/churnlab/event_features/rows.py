"""The rows of all features, in order, holding no more at once than fits."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from churnlab.errors import ChurnlabError
from churnlab.event_features.assembling import assemble
from churnlab.event_features.blocks import ITEMS_AT_A_TIME, cut, last_sellers
from churnlab.event_features.families.family import Family
from churnlab.event_features.store import dated
from churnlab.event_features.tables import Events

if TYPE_CHECKING:
    import pyarrow as pa

# A quarter of a million rows of 350 features are 0.7 GB.
ROWS_AT_A_TIME = 250_000


def feature_rows(
    events: Events,
    families: Sequence[Family],
    scratch: Path,
    items_at_a_time: int = ITEMS_AT_A_TIME,
) -> Iterator[pa.Table]:
    """Yield `seller_id`, `reference_date`, `active` and the features, ordered by date and seller.

    Every seller with a sale known before a date has a row for it. With more items than
    `items_at_a_time`, DuckDB is asked for a block of sellers at a time, whose rows wait in
    `scratch`; Spark spreads its work itself.

    Args:
        events: the event tables, and the dates that ask.
        families: the families to compute; their tables must be there.
        scratch: a folder for what waits; nothing of it stays there.
        items_at_a_time: how many items are worked on at once.

    Raises:
        ChurnlabError: no seller has a sale known before any date.
    """
    items = events.tables["items"]
    made: Iterator[pa.Table]
    if items.get_backend().name == "pyspark" or items.count().execute() <= items_at_a_time:
        made = (rows for _, rows in by_day(events, families))
    else:
        made = in_blocks(events, families, scratch, items_at_a_time)
    first = next(made, None)
    if first is None:
        raise ChurnlabError(
            "events: reference_dates: nothing is known to be sold before "
            f"{max(events.dates)}; choose dates within the data"
        )
    yield first
    yield from made


def in_blocks(
    whole: Events, families: Sequence[Family], scratch: Path, items_at_a_time: int
) -> Iterator[pa.Table]:
    """Yield the rows of each day after those of the days before, made by blocks of sellers."""
    last = last_sellers(whole.tables["items"], items_at_a_time)
    blocks = cut(whole.tables, last, scratch / "tables")
    parts: dict[int, list[Path]] = defaultdict(list)
    for number, tables in enumerate(tqdm(blocks, "blocks of sellers", disable=None)):
        events = replace(whole, tables=tables, marketplace=whole)
        for day, rows in by_day(events, families):
            parts[day].append(scratch / f"{day}-{number}.arrow")
            _keep(rows, parts[day][-1])
    shutil.rmtree(scratch / "tables")
    for _, files in sorted(parts.items()):
        for file in files:
            yield _kept(file)
            file.unlink()


def _keep(rows: pa.Table, file: Path) -> None:
    """Write rows that are read once more: quickly rather than small."""
    import pyarrow as pa

    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_file(file, rows.schema, options=options) as writer:
        writer.write_table(rows)


def _kept(file: Path) -> pa.Table:
    import pyarrow as pa

    with pa.ipc.open_file(file) as reader:
        return reader.read_all()


def by_day(events: Events, families: Sequence[Family]) -> Iterator[tuple[int, pa.Table]]:
    """Yield each reference day, rising, with its rows ordered by seller."""
    table, pairs = assemble(events, families), events.pairs
    counted = pairs.group_by("reference_day").agg(rows=pairs.count()).order_by("reference_day")
    for counts in _batches(counted.to_pyarrow().to_pylist()):
        asked = [count["reference_day"] for count in counts]
        rows = dated(table.filter(table.reference_day.isin(asked)))
        begin = 0
        for count in counts:
            yield count["reference_day"], rows.slice(begin, count["rows"])
            begin += count["rows"]


def _batches(counts: list[dict[str, int]]) -> Iterator[list[dict[str, int]]]:
    """Yield the days together whose rows fit in memory, at least one."""
    batch: list[dict[str, int]] = []
    for count in counts:
        if batch and sum(c["rows"] for c in [*batch, count]) > ROWS_AT_A_TIME:
            yield batch
            batch = []
        batch.append(count)
    if batch:
        yield batch
