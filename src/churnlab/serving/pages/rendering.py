"""Templates into answers, with the headers of a page."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from churnlab.lists import ListName
from churnlab.serving.model import ServedModel
from churnlab.serving.pages.languages import LANGUAGES, Language, language
from churnlab.serving.pages.ordered_list import SORTED
from churnlab.serving.pages.visits import PREFIX, Visit, address_of
from churnlab.serving.schema import InputColumn

HERE = Path(__file__).parent
ASSETS = HERE / "assets"
COLOURS = 3
# Nothing inline, nothing from elsewhere (OWASP Content Security Policy Cheat Sheet).
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    # Forms of a page without a referrer would come from the origin "null".
    "Referrer-Policy": "same-origin",
    "Vary": "Cookie, Accept-Language",
    "X-Robots-Tag": "noindex",
}


def page(signed: Visit, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page of somebody who is signed in."""
    return rendered(signed.request, signed.language, template, status, visit=signed, **values)


def rendered(
    request: Request, spoken: Language, template: str, status: int = 200, **values: Any
) -> HTMLResponse:
    """Return a template filled, in a language."""
    context = {
        "visit": None,
        "study": None,
        "L": spoken,
        "t": spoken.text,
        "here": address_of(request),
        **values,
    }
    text = _environment().get_template(template).render(context)
    return HTMLResponse(text, status, {**HEADERS, "Content-Language": spoken.tag})


def with_query(path: str, **values: Any) -> str:
    """Return a path with a query of the values that say something."""
    said = {name: value for name, value in values.items() if value not in (None, "")}
    return f"{path}?{urlencode(said)}" if said else path


def list_title(name: ListName, spoken: Language) -> str:
    """Return what a list is called: by its day, where it has one."""
    if not name.date:
        return spoken.text("list.undated")
    return spoken.text("list.dated", day=spoken.day(name.date))


def rule_of(column: InputColumn, spoken: Language) -> str:
    """Return what a value of a column may be, in words."""
    if not column.numeric:
        return spoken.text("rule.category") if column.levels else spoken.text("rule.any")
    kind = "whole" if column.integer else "number"
    low, high = (
        None if bound is None else spoken.number(bound)
        for bound in (column.minimum, column.maximum)
    )
    ends = f"{'from' if low else ''}{'to' if high else ''}" or "any"
    said = spoken.text(f"rule.{kind}.{ends}", low=low, high=high)
    return spoken.text("rule.optional", rule=said) if column.optional else said


def risk_place(model: ServedModel, group: str) -> int:
    """Return which colour a risk group has: 0 is the riskiest."""
    named = list(model.words["groups"])
    return min(named.index(group) if group in named else len(named), COLOURS - 1)


@lru_cache
def asset_path(name: str) -> str:
    """Return the address of a file that changes when the file does, so that it can be kept."""
    digest = hashlib.sha256((ASSETS / name).read_bytes()).hexdigest()[:12]
    return f"{PREFIX}/assets/{name}?v={digest}"


@lru_cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(
        asset=asset_path,
        with_query=with_query,
        languages=[language(tag) for tag in LANGUAGES],
        list_title=list_title,
        risk_place=risk_place,
        sorted_by=SORTED,
        rule_of=rule_of,
        prefix=PREFIX,
    )
    return found
