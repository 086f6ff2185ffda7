"""A declared rule for rows that cannot be right: what is looked for, and what is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from churnlab.config.column import Entry, Listed, Text

Check = Literal[
    "unreadable",
    "missing",
    "duplicate",
    "below",
    "above",
    "period",
    "clock_gap",
    "clock_overlap",
    "values",
    "before",
    "reference",
]
Action = Literal["keep", "empty", "exclude", "shift", "refuse"]
# Which actions make sense for which check, beside keep, exclude and refuse.
EMPTIED = (
    *("below", "above", "period", "values", "reference", "clock_gap", "before", "unreadable"),
)
SHIFTED = ("clock_gap",)
# The option that each check needs.
NEEDS: Mapping[str, str] = {
    "below": "limit",
    "above": "limit",
    "values": "values",
    "reference": "table",
}
ONE_COLUMN = ("below", "above", "period", "clock_gap", "clock_overlap", "values", "reference")


class Rule(Entry):
    """One rule of a table.

    Checks: `unreadable` values of typed columns; `missing` values; `duplicate` rows after the first
    by `columns`; a number `below` or `above` the limit; a time outside the catalog's `period`; a
    local time that a change of the clock leaves out (`clock_gap`) or repeats (`clock_overlap`); a
    text that is not among `values`; a later time `before` an earlier one; a `reference` to a row
    that the other table does not have.

    Actions: `keep` the row as it is, `empty` the value, `exclude` the row, `shift` the clock by the
    length of the gap, `refuse` the data. All but the last are counted; with `refuse_above` a larger
    share of the rows ends the run.
    """

    check: Check
    action: Action
    why: Text
    columns: Listed[str] = ()
    limit: float | None = None
    values: Listed[str] = ()
    table: Text | None = None
    refuse_above: Annotated[float, Field(ge=0, le=1)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for option in dict.fromkeys(NEEDS.values()):
            checks = [check for check, needed in NEEDS.items() if needed == option]
            given = getattr(self, option) not in (None, ())
            if given != (self.check in checks):
                raise ValueError(
                    f"check: {' or '.join(checks)} and {option} belong together; write both"
                )
        wanted = 1 if self.check in ONE_COLUMN else 2 if self.check == "before" else None
        if wanted and len(self.columns) != wanted:
            raise ValueError(
                f"check: {self.check} looks at {wanted} column{'s' if wanted > 1 else ''}, "
                f"columns lists {len(self.columns)}"
            )
        if self.check in {"missing", "duplicate"} and not self.columns:
            raise ValueError(f"check: {self.check} needs columns; list at least one")
        if self.action == "empty" and self.check not in EMPTIED:
            raise ValueError(f"action: empty does not fit check: {self.check}; exclude or keep")
        if self.action == "shift" and self.check not in SHIFTED:
            raise ValueError(f"action: shift needs check: clock_gap, not {self.check}")
        if self.check == "unreadable" and self.action == "keep":
            raise ValueError("an unreadable value cannot be kept; empty it, exclude or refuse")
        return self
