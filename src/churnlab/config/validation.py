"""Mistakes in a configuration file, told with the key, the value and the nearest right one."""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import yaml
from pydantic import BaseModel, ValidationError

from churnlab.errors import ChurnlabError

Model = TypeVar("Model", bound=BaseModel)
# In the words of a YAML file, where pydantic speaks of Python's types.
EXPECTED = {
    "bool_type": "write true or false",
    "dict_type": "keys and values are expected",
    "float_type": "write a number",
    "int_type": "write a whole number",
    "model_type": "keys and values are expected",
    "string_type": "write a text, in quotes if it looks like something else",
    "too_short": "list at least one",
    "tuple_type": "write a list",
}


def nearest(value: object, allowed: Iterable[str]) -> str | None:
    """Return the allowed name that looks most like `value`, or None when none comes near."""
    names = {name.casefold(): name for name in allowed}
    close = difflib.get_close_matches(str(value).casefold(), names, n=1, cutoff=0.6)
    return names[close[0]] if close else None


def suggestion(value: object, allowed: Iterable[str]) -> str:
    """Return "did you mean 'x'?", or the list of what is allowed when nothing comes near."""
    names = list(allowed)
    close = nearest(value, names)
    return f"did you mean '{close}'?" if close else f"allowed: {', '.join(names) or 'nothing'}"


def unknown_names(
    path: str, what: str, names: Iterable[object], allowed: Sequence[str]
) -> list[str]:
    """Return one line per name that is not allowed, each with the nearest right one."""
    return [
        f"{path}: unknown {what} '{name}'; {suggestion(name, allowed)}"
        for name in names
        if name not in allowed
    ]


def parse(model: type[Model], document: Mapping[str, Any], path: Path) -> Model:
    """Return `document` as `model`.

    Raises:
        ChurnlabError: all mistakes of the file at once, one line each.
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise mistakes(path, [_line(model, detail) for detail in error.errors()]) from error


def mistakes(path: Path, lines: Sequence[str]) -> ChurnlabError:
    """Return the error that lists `lines` under the name of the file."""
    if len(lines) == 1:
        return ChurnlabError(f"{path}: {lines[0]}")
    return ChurnlabError("\n".join([f"{path}: {len(lines)} mistakes", *(f"  {x}" for x in lines)]))


def _line(model: type[BaseModel], detail: Mapping[str, Any]) -> str:
    location, value, kind = detail["loc"], detail["input"], detail["type"]
    path = ".".join(str(part) for part in location)
    if kind == "extra_forbidden":
        owner = _annotation_at(model, location[:-1])
        return f"{path}: unknown key; {suggestion(location[-1], _keys(owner))}"
    if kind == "missing":
        return f"{path}: the key is missing; add it"
    if kind == "value_error":
        return f"{path}: {detail['ctx']['error']}"
    if kind == "literal_error":
        allowed = [str(x) for x in get_args(_annotation_at(model, location))]
        return f"{path}: {_shown(value)} is not allowed; {suggestion(value, allowed)}"
    message = detail["msg"].removeprefix("Input ").removeprefix("String ")
    reason = EXPECTED.get(kind) or "it " + message.replace("should", "must")
    return f"{path}: {_shown(value)} is not allowed; {reason}{number_hint(value, kind)}"


def number_hint(value: object, kind: str) -> str:
    """Say so where YAML 1.1 reads as text what looks like a number: 1e-5, or '3' in quotes."""
    if not (isinstance(value, str) and kind in {"float_type", "int_type"}):
        return ""
    try:
        number = float(value)
    except ValueError:
        return ""
    wanted = int(number) if kind == "int_type" and number.is_integer() else number
    return f" (YAML reads it as text; write {yaml.safe_dump(wanted).split()[0]})"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _keys(annotation: Any) -> list[str]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return list(annotation.model_fields)
    return []


def _bare(annotation: Any) -> Any:
    """Return the type below `Annotated` and an optional's `| None`."""
    if hasattr(annotation, "__metadata__"):
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in {Union, types.UnionType}:
        inner = [x for x in get_args(annotation) if x is not type(None)]
        return _bare(inner[0]) if len(inner) == 1 else annotation
    return annotation


def _step(annotation: Any, part: str | int) -> Any:
    """Return the type that lies one step down, or None where only pydantic knows."""
    annotation = _bare(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = annotation.model_fields.get(str(part))
        extra = get_args(get_type_hints(annotation).get("__pydantic_extra__"))
        return field.annotation if field else (extra[1] if extra else None)
    if get_origin(annotation) is dict:
        return get_args(annotation)[1]
    if get_origin(annotation) in {list, tuple}:
        return get_args(annotation)[0]
    return None


def _annotation_at(model: type[BaseModel], location: Sequence[str | int]) -> Any:
    annotation: Any = model
    for part in location:
        annotation = _step(annotation, part)
    return _bare(annotation)
