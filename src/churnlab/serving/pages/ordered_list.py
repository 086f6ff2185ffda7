"""A published list as analysts work through it: filtered, sorted, a page at a time, added up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from churnlab.lists import ListName, Lists

PAGE_ROWS = 50
MOST_CHARACTERS = 100
SORTED = ("rank", "id", "risk_group", "p", "value", "value_at_stake", "reason_1")
# The largest first where a larger one is of more interest.
DOWNWARD = ("p", "value", "value_at_stake")
SCORES = ("id", "p", "p_low", "p_high", "risk_group")
REASON = re.compile(r"reason_\d+")
# What a spreadsheet takes for a formula (OWASP, CSV Injection).
FORMULA = r"^[=+\-@\t\r]"


@dataclass(frozen=True)
class Wanted:
    """Which rows, in which order.

    Attributes:
        group: the risk group alone; all where it is empty.
        text: in the id or in a reason, whatever the case.
        sort: one of `SORTED`.
        down: the largest first.
        page: from 1 on.
    """

    group: str = ""
    text: str = ""
    sort: str = "rank"
    down: bool = False
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Wanted:
        """Return what an address asks for; what it cannot ask for is left out."""
        sort = query.get("sort", "")
        page = query.get("page", "")
        return cls(
            group=query.get("group", "")[:MOST_CHARACTERS],
            text=query.get("text", "").strip()[:MOST_CHARACTERS],
            sort=sort if sort in SORTED else "rank",
            down=query.get("down", "") == "1",
            page=int(page) if page.isascii() and page.isdigit() and len(page) < 8 else 1,
        )

    def query(self, **changed: Any) -> dict[str, str]:
        """Return what an address would say, with some of it changed."""
        other = replace(self, **changed)
        return {
            "group": other.group,
            "text": other.text,
            "sort": "" if other.sort == "rank" else other.sort,
            "down": "1" if other.down else "",
            "page": str(other.page) if other.page > 1 else "",
        }

    def turned(self, sort: str) -> dict[str, str]:
        """Return what an address says that sorts by a column, or the other way round."""
        down = not self.down if sort == self.sort else sort in DOWNWARD
        return self.query(sort=sort, down=down, page=1)


@dataclass(frozen=True)
class Total:
    """Customers of a risk group, or of all.

    Attributes:
        customers: how many.
        churners: how many are expected to leave, the sum of their probabilities.
        at_stake: the sum of what they are worth times their probabilities.
    """

    customers: int
    churners: float
    at_stake: float


def read_list(lists: Lists, study: str, name: ListName) -> pa.Table:
    """Return a list; those that were read last are kept in memory until their files change.

    Raises:
        ChurnlabError: there is no such list.
    """
    path = lists.path(study, name)
    stamp = path.stat().st_mtime_ns if path.is_file() else 0
    return _read(lists, study, name, stamp)


def read_scores(lists: Lists, study: str, name: ListName) -> pa.Table:
    """Return the ids and scores of a list alone, which is fast however much else it holds."""
    return pq.read_table(lists.path(study, name), columns=list(SCORES))


@lru_cache(maxsize=4)
def _read(lists: Lists, study: str, name: ListName, stamp: int) -> pa.Table:
    return lists.read(study, name)


def groups_of(table: pa.Table) -> list[str]:
    """Return the risk groups of a list, the riskiest first."""
    highest = table.group_by("risk_group").aggregate([("p", "max")])
    return highest.sort_by([("p_max", "descending")])["risk_group"].to_pylist()


def total(table: pa.Table) -> Total:
    """Return what the rows of a table add up to."""
    sums = (pc.sum(table[name], min_count=0).as_py() for name in ("p", "value_at_stake"))
    return Total(table.num_rows, *(float(one or 0.0) for one in sums))


def totals(table: pa.Table) -> dict[str, Total]:
    """Return what each risk group adds up to, the riskiest first."""
    return {
        group: total(table.filter(pc.equal(table["risk_group"], group)))
        for group in groups_of(table)
    }


def select(table: pa.Table, wanted: Wanted) -> pa.Table:
    """Return the rows that are wanted, all pages of them, in their order, without their inputs."""
    table = table.select([name for name in table.column_names if name != "inputs"])
    if wanted.group:
        table = table.filter(pc.equal(table["risk_group"], wanted.group))
    if wanted.text:
        found = [
            pc.fill_null(pc.match_substring(column, wanted.text, ignore_case=True), False)
            for column in (_ids(table), *(table[name] for name in reason_columns(table)))
        ]
        either = found[0]
        for one in found[1:]:
            either = pc.or_(either, one)
        table = table.filter(either)
    return table.take(_order(table, wanted))


def page_of(table: pa.Table, page: int) -> tuple[list[dict[str, Any]], int, int]:
    """Return the rows of a page, its number, which is at most the last one's, and that."""
    last = max(1, -(-table.num_rows // PAGE_ROWS))
    number = min(max(page, 1), last)
    return table.slice((number - 1) * PAGE_ROWS, PAGE_ROWS).to_pylist(), number, last


def row_of(table: pa.Table, customer: str) -> dict[str, Any] | None:
    """Return the row of a customer; None where the list has none."""
    found = table.filter(pc.equal(_ids(table), customer))
    return found.slice(0, 1).to_pylist()[0] if found.num_rows else None


def reasons_of(row: Mapping[str, Any]) -> list[str]:
    """Return the reasons of a row in words, the strongest first; riskiest rows alone have any."""
    return [row[name] for name in row if REASON.fullmatch(name) and row[name]]


def reason_columns(table: pa.Table) -> list[str]:
    """Return the columns of reasons."""
    return [name for name in table.column_names if REASON.fullmatch(name)]


def as_csv(table: pa.Table) -> bytes:
    """Return a list as CSV; no text in it is a formula to a spreadsheet."""
    columns = [
        _harmless(column.cast(pa.string())) if _is_text(column.type) else column
        for column in table.columns
    ]
    sink = pa.BufferOutputStream()
    pyarrow.csv.write_csv(pa.table(columns, names=table.column_names), sink)
    return sink.getvalue().to_pybytes()


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _harmless(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    quoted = pc.binary_join_element_wise("'", texts, "")
    return pc.if_else(pc.match_substring_regex(texts, FORMULA), quoted, texts)


def _ids(table: pa.Table) -> pa.ChunkedArray:
    return table["id"].cast(pa.string())


def _order(table: pa.Table, wanted: Wanted) -> pa.Array:
    column = table[wanted.sort] if wanted.sort in table.column_names else table["rank"]
    if wanted.sort == "risk_group":
        column = pc.index_in(column, pa.array(groups_of(table), column.type))
    elif (
        wanted.sort == "id" and pc.all(pc.match_substring_regex(_ids(table), r"^\d{1,18}$")).as_py()
    ):
        column = _ids(table).cast(pa.int64())
    keys = pa.table({"key": column, "rank": table["rank"]})
    order = "descending" if wanted.down else "ascending"
    return pc.sort_indices(keys, [("key", order), ("rank", "ascending")])
