"""What is wrong with a request, said so that the caller can mend it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

SHOWN = 20
SHOWN_CHARACTERS = 80


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong with the input: where, what was sent, and the rule that it breaks."""

    row: int | None
    column: str | None
    value: Any
    rule: str


class RequestError(Exception):
    """A request that cannot be answered.

    Attributes:
        status: the HTTP status.
        code: the same in a word, for programs.
        message: what to do, for people.
        faults: places in the input, the first twenty.
        headers: of the answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        faults: Sequence[Fault] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.faults = list(faults)
        self.headers = headers or {}


def invalid_rows(faults: Sequence[Fault]) -> RequestError:
    """Return the answer to rows that the model could only guess at."""
    first = faults[0]
    place = f"row {first.row}, " if first.row is not None else ""
    more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
    message = f"{place}{first.column or 'body'}: {first.rule}{more}; nothing was scored"
    return RequestError(422, "invalid_rows", message, faults[:SHOWN])


def shown(value: Any) -> Any:
    """Return a value as an error may repeat it: short, and plain JSON."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if abs(value) < float("inf") else str(value)
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"
