"""The tables that scores are written to: their columns, and how far runs have come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from churnlab.batch.database import TableAddress
from churnlab.errors import ChurnlabError

if TYPE_CHECKING:
    import sqlalchemy as sa

RUNS = "churnlab_score_runs"


def runs_table(address: TableAddress) -> sa.Table:
    """Return the table beside the scores that knows how far the run of a date and version is."""
    import sqlalchemy as sa

    return sa.Table(
        RUNS,
        sa.MetaData(),
        sa.Column("scores", sa.Text, primary_key=True),
        sa.Column("date", sa.Date, primary_key=True),
        sa.Column("model_version", sa.Text, primary_key=True),
        sa.Column("run", sa.Text, nullable=False),
        *(
            sa.Column(name, sa.BigInteger, nullable=False)
            for name in ("rows_read", "rows_scored", "bad_rows", "bad_bytes")
        ),
        sa.Column("finished", sa.Boolean, nullable=False),
        schema=address.schema,
    )


def column_type(field: pa.Field) -> Any:
    """Return the type of a column that takes what Arrow has.

    Raises:
        ChurnlabError: there is none, as for lists.
    """
    import sqlalchemy as sa

    kind = field.type
    if pa.types.is_timestamp(kind):
        return sa.DateTime(timezone=kind.tz is not None)
    kinds: tuple[tuple[Any, Any], ...] = (
        (pa.types.is_integer, sa.BigInteger()),
        (pa.types.is_floating, sa.Double()),
        (pa.types.is_boolean, sa.Boolean()),
        (pa.types.is_date, sa.Date()),
        (pa.types.is_string, sa.Text()),
        (pa.types.is_large_string, sa.Text()),
        (pa.types.is_decimal, sa.Numeric()),
    )
    for fits, declared in kinds:
        if fits(kind):
            return declared
    raise ChurnlabError(
        f"column '{field.name}': no column of a database takes {kind}; leave it out"
    )
