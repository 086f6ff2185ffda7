"""Texts, numbers and dates as readers of a language write them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent

CATALOGS = Path(__file__).parent / "messages"
# The first one is for everyone whose languages are none of these.
LANGUAGES = ("en", "pt-BR", "es")
ACCEPTED = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q=([01](?:\.\d{1,3})?))?\s*")
WHOLE_FROM = 1000
UNKNOWN, MINUS = "\N{EN DASH}", "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Language:
    """One language of the page.

    Attributes:
        tag: as in HTML, pt-BR.
        locale: rules of numbers and dates (CLDR).
        messages: texts by key, with places as `{name}`.
    """

    tag: str
    locale: Locale
    messages: Mapping[str, str]

    def text(self, key: str, **values: Any) -> str:
        """Return a text with its places filled.

        Raises:
            KeyError: the catalog has no such key, or a place is not filled.
        """
        return self.messages[key].format(**values)

    def count(self, key: str, number: int) -> str:
        """Return a text in the singular or plural of a number, which it names as `{number}`."""
        form = "one" if self.locale.plural_form(number) == "one" else "other"
        return self.text(f"{key}.{form}", number=self.number(number))

    def known(self, key: str, otherwise: str) -> str:
        """Return the text of a key, or what is not of the page's own words as it is."""
        return self.messages.get(key, otherwise)

    def number(self, value: float | None, digits: int | None = None) -> str:
        """Return a number: whole, with given digits, or with three that matter."""
        if value is None or math.isnan(value):
            return UNKNOWN
        if digits is not None:
            pattern = "#,##0" + ("." + "0" * digits if digits else "")
        elif value == round(value) or abs(value) >= WHOLE_FROM:
            pattern = "#,##0"
        else:
            value, pattern = float(f"{value:.3g}"), "#,##0.######"
        return format_decimal(value, format=pattern, locale=self.locale)

    def value(self, value: float | str | None) -> str:
        """Return a value of a column: a category as it is, a number with all its digits."""
        if value is None:
            return self.text("base.unknown")
        if isinstance(value, str):
            return value
        return format_decimal(value, format="#,##0.######", locale=self.locale)

    def signed(self, value: float, digits: int = 2) -> str:
        """Return a number with its sign, a true minus."""
        said = self.number(abs(value), digits)
        return f"{'+' if value >= 0 else MINUS}{said}"

    def percent(self, share: float, digits: int = 1) -> str:
        """Return a share as a percentage."""
        whole = self.locale.percent_formats[None].pattern
        pattern = whole.replace("##0", f"##0.{'0' * digits}") if digits else whole
        return format_percent(share, format=pattern, locale=self.locale)

    def money(self, value: float | None, currency: str | None) -> str:
        """Return an amount, in whole units; a number alone where nobody named a currency."""
        if not currency or value is None or math.isnan(value):
            return self.number(value, 0)
        pattern = self.locale.currency_formats["standard"].pattern.replace(".00", "")
        return format_currency(
            value, currency, format=pattern, locale=self.locale, currency_digits=False
        )

    def day(self, iso: str) -> str:
        """Return a day, 2018-09-01, as the language writes it."""
        return format_date(date.fromisoformat(iso), format="medium", locale=self.locale)

    def moment(self, iso: str) -> str:
        """Return a time in UTC, 2018-09-01T12:00:00Z, to the minute."""
        at = datetime.fromisoformat(iso.replace("Z", "+00:00"))
        return f"{format_datetime(at, format='d MMM y, HH:mm', locale=self.locale)} UTC"


@lru_cache
def language(tag: str) -> Language:
    """Return a language of `LANGUAGES` with its catalog."""
    messages = yaml.safe_load((CATALOGS / f"{tag}.yaml").read_text(encoding="utf-8"))
    return Language(tag, Locale.parse(tag, sep="-"), messages)


def chosen(cookie: str, accept: str) -> Language:
    """Return what was chosen before, or the best of what a browser accepts (RFC 9110, 12.5.4)."""
    if cookie in LANGUAGES:
        return language(cookie)
    known = {tag.split("-")[0]: tag for tag in LANGUAGES}
    wanted: list[tuple[float, int, str]] = []
    for part in accept.split(",")[:20]:
        if found := ACCEPTED.fullmatch(part):
            weight = float(found[2] or 1)
            if weight > 0 and (tag := known.get(found[1].lower())):
                wanted.append((-weight, len(wanted), tag))
    return language(min(wanted)[2] if wanted else LANGUAGES[0])
