"""The catalog of a simulated marketplace: that of the published one, with the files' own hashes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from churnlab.config import EventCatalog
from churnlab.config.event_catalog import EventColumn, EventTable, Period
from churnlab.config.event_rule import Rule
from churnlab.config.further import FurtherTable
from churnlab.events.sources import digest
from churnlab.simulation.market import Market
from churnlab.simulation.writing import FILES, Format

# Promised days of delivery lie after the last purchase.
AFTER_DAYS = 120
CITATION = "made up by `churnlab simulate olist`; no row is of a person or a company"


def simulated_catalog(
    published: EventCatalog, name: str, market: Market, folder: Path, file_format: Format
) -> EventCatalog:
    """Return the catalog of the study `name` of the tables that `simulate` wrote into `folder`.

    Columns, keys, times and rules are those of the published tables; all of them are required, and
    support tickets come as a further table.

    Args:
        published: the catalog of olist.
        name: of the study.
        market: what was simulated.
        folder: holds the files, which are read for their hashes.
        file_format: of the files.
    """
    declared = {**published.tables, "tickets": TICKETS}
    tables = {
        table: _present(entry, folder, f"{FILES[table]}.{file_format}")
        for table, entry in declared.items()
    }
    period = Period(first=market.start, last=market.end + timedelta(days=AFTER_DAYS))
    events = published.events.model_copy(
        update={
            "licence": "none needed",
            "citation": CITATION,
            "period": period,
            "complete_until": None,
            "tables": tables,
        }
    )
    title = f"Sellers of a simulated marketplace ({market.sellers:,}, {market.months} months)"
    further = {**published.further, "tickets": OPEN_TICKETS}
    return EventCatalog(
        name=name,
        title=title,
        events=events,
        further=further,
        costs=published.costs,
        value=published.value,
    )


def as_document(catalog: EventCatalog) -> dict[str, object]:
    """Return a catalog as plain values, without what is left to its default, for a YAML file."""
    return catalog.model_dump(mode="python", exclude_defaults=True)


def _present(table: EventTable, folder: Path, file: str) -> EventTable:
    found = digest(folder / file)
    return table.model_copy(
        update={
            "file": file,
            "required": True,
            "url": (folder / file).resolve().as_uri(),
            "sha256": found.sha256,
            "bytes": found.bytes,
            "git_blob": None,
            "unverified": None,
        }
    )


def _text(privacy: str, description: str, kind: str = "text") -> EventColumn:
    return EventColumn.model_validate(
        {"type": kind, "privacy": privacy, "description": description}
    )


OPEN_TICKETS = FurtherTable(
    kind="events", key="seller", file="tickets.parquet", what="support tickets", ended="closed"
)

TICKETS = EventTable(
    file="support_tickets.csv",
    description="Support tickets of sellers",
    required=True,
    unverified="simulated",
    key=("ticket_id",),
    event_time=("opened",),
    known_time=("recorded",),
    columns={
        "ticket_id": _text("identifier", "Ticket"),
        "seller_id": _text("identifier", "Seller"),
        "topic": _text("behavioural", "What it is about"),
        "opened": _text("behavioural", "When the seller asked", "time"),
        "recorded": _text("behavioural", "When it was entered; known from then on", "time"),
        "closed": _text("behavioural", "When it was closed, if it is", "time"),
    },
    rules={
        **{
            name: Rule(check="missing", columns=(column,), action="keep", why=why)
            for name, column, why in (
                ("no_seller", "seller_id", "it belongs to nobody, and is joined to none"),
                ("no_opened_time", "opened", "the ticket belongs to no window"),
                ("no_recorded_time", "recorded", "since when it is known cannot be told"),
            )
        },
        "repeated_ticket": Rule(
            check="duplicate",
            columns=("ticket_id",),
            action="exclude",
            why="one row per ticket; of two the first known stays",
        ),
        "unknown_seller": Rule(
            check="reference",
            columns=("seller_id",),
            table="sellers",
            action="keep",
            why="it belongs to no seller of the study, and is joined to none",
        ),
    },
)
