"""What a reader of a page sees: its words, its numbers, and its pictures' pixels."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser

from churnlab.verification.numbers import Allowance, Comparison, compare_numbers, other

# Drawn, not written; the same pictures are compared as files of their own.
UNREAD = frozenset({"svg", "style", "script"})
NUMBER = re.compile(r"(?<![\w.])[-−+]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?")  # noqa: RUF001
CONTEXT = 30


class _Words(HTMLParser):
    """Collects the text outside of pictures, styles and scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Step into an element."""
        self._unread += tag in UNREAD

    def handle_endtag(self, tag: str) -> None:
        """Step out of an element."""
        self._unread -= tag in UNREAD

    def handle_data(self, data: str) -> None:
        """Keep what is read."""
        if not self._unread:
            self.found.extend(data.split())


def compare_pages(committed: bytes, rerun: bytes, allowance: Allowance) -> Comparison:
    """Compare the visible text of two HTML pages: the same words, numbers within the allowance.

    Pictures inside the page are left out; they are files as well, and compared as such.
    """
    import numpy as np

    first, second = _text(committed), _text(rerun)
    words, others = (NUMBER.sub("#", text) for text in (first, second))
    if words != others:
        return other(_first_difference(words, others))
    found = list(NUMBER.finditer(first))
    a, b = (np.array([_value(match) for match in NUMBER.findall(t)]) for t in (first, second))
    return compare_numbers(
        a, b, allowance, lambda index: f"after '{_before(first, found[index].start())}'"
    )


def compare_pictures(committed: bytes, rerun: bytes, allowance: Allowance) -> Comparison:
    """Compare two PNG pictures of the same size by the share of pixels that are not the same."""
    import numpy as np
    from matplotlib.image import imread

    first, second = (imread(io.BytesIO(side), format="png") for side in (committed, rerun))
    if first.shape != second.shape:
        return other(f"{_size(first.shape)} -> {_size(second.shape)} pixels")
    share = float(np.mean((first != second).reshape(*first.shape[:2], -1).any(axis=2)))
    return Comparison(share <= allowance.absolute, share, "share of pixels" if share else "")


def _text(page: bytes) -> str:
    words = _Words()
    words.feed(page.decode("utf-8"))
    return " ".join(words.found)


def _value(match: str) -> float:
    return float(match.replace(",", "").replace("−", "-"))  # noqa: RUF001


def _before(text: str, position: int) -> str:
    return text[max(0, position - CONTEXT) : position].strip()


def _first_difference(first: str, second: str) -> str:
    same = next(
        (i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b),
        min(len(first), len(second)),
    )
    begin = max(0, same - CONTEXT // 2)
    sides = (side[begin : begin + CONTEXT] for side in (first, second))
    return "words: {!r} -> {!r}".format(*sides)


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]} x {shape[0]}"
