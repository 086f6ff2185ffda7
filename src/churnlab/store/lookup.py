"""What the online store answered: values, since when they count, and which are too old."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from churnlab.errors import ChurnlabError
from churnlab.store.document import StoreDocument
from churnlab.store.moments import day_of, fresh_until
from churnlab.store.pseudonyms import PSEUDONYM

STAMP = "__ts"


class UnknownIdsError(ChurnlabError):
    """Ids that the online store does not have; every other failure is of the store itself."""


@dataclass(frozen=True)
class Answer:
    """The values of one entity: `None` where missing or too old on the day that was asked for."""

    id: str
    day: date
    fresh_until: date
    stale: tuple[str, ...]
    values: dict[str, float | str | None]


def answers(
    document: StoreDocument, ids: Sequence[str], found: Mapping[str, Sequence[Any]], asked: date
) -> list[Answer]:
    """Return one answer per id.

    Args:
        document: what is served.
        ids: the entities, as they were asked for.
        found: values and `<name>__ts` seconds of each input, in the order of `ids`.
        asked: the day on which values must be fresh.

    Raises:
        UnknownIdsError: an id is unknown, or not of the kind that is served.
    """
    stamps = [
        max(found[f"{name}{STAMP}"][row] for name in document.inputs) for row in range(len(ids))
    ]
    if unknown := [one for one, stamp in zip(ids, stamps, strict=True) if stamp == 0]:
        raise UnknownIdsError(unknown_ids(document, unknown))
    return [_answer(document, one, row, stamps[row], found, asked) for row, one in enumerate(ids)]


def unknown_ids(document: StoreDocument, ids: Sequence[str]) -> str:
    """Return what to say of ids that are not online; what may be an id of a person is not said."""
    study, entity = document.study, document.entity
    if document.ids == "pseudonyms" and not all(PSEUDONYM.fullmatch(one) for one in ids):
        return (
            f"{study}: a {entity} is looked up by pseudonym, 32 digits from 0 to f; "
            f"`churnlab store pseudonym {study} -` gives those of ids"
        )
    shown = ", ".join(ids[:3]) + (", ..." if len(ids) > 3 else "")
    return (
        f"{study}: {len(ids)} unknown {entity} id{'s' if len(ids) > 1 else ''}: {shown}; "
        "the online store has no fresh values of them"
    )


def _answer(
    document: StoreDocument,
    one: str,
    row: int,
    stamp: int,
    found: Mapping[str, Sequence[Any]],
    asked: date,
) -> Answer:
    day = day_of(datetime.fromtimestamp(stamp, UTC), document.timezone)
    last = {
        view.name: fresh_until(day, view.freshness_days, document.timezone)
        for view in document.online_views
    }
    stale = tuple(name for name, until in last.items() if asked > until)
    values = {
        name: None if document.view_of(name).name in stale else _plain(found[name][row])
        for name in document.inputs
    }
    return Answer(one, day, min(last.values()), stale, values)


def _plain(value: Any) -> float | str | None:
    return None if isinstance(value, float) and math.isnan(value) else value
