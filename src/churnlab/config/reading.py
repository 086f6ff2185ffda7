"""YAML files read strictly: a syntax error or a key written twice is named with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from churnlab.errors import ChurnlabError


class _StrictLoader(yaml.SafeLoader):
    """PyYAML's safe loader, which by itself lets the second of two equal keys win in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        first_lines: dict[Any, int] = {}
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(
                    None,
                    None,
                    f"the key {key!r} is not text; put it between quotes",
                    key_node.start_mark,
                )
            line = key_node.start_mark.line + 1
            if key in first_lines:
                raise yaml.constructor.ConstructorError(
                    None,
                    None,
                    f"the key '{key}' is written twice (first in line {first_lines[key]}); "
                    "keep one of the two",
                    key_node.start_mark,
                )
            first_lines[key] = line
        return super().construct_mapping(node, deep)


def read_yaml_mapping(path: Path) -> dict[str, Any]:
    """Return the mapping that a YAML file holds.

    Raises:
        ChurnlabError: the file is missing, is not UTF-8 or not YAML (with line and column), or
            holds something else than a mapping.
    """
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), _StrictLoader)
    except FileNotFoundError as error:
        raise ChurnlabError(
            f"{path}: there is no such file; run from the folder that holds it"
        ) from error
    except UnicodeDecodeError as error:
        raise ChurnlabError(
            f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8"
        ) from error
    except yaml.MarkedYAMLError as error:
        raise ChurnlabError(f"{path}{_position(error)}: not valid YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise ChurnlabError(f"{path}: not valid YAML: {error}") from error
    if not isinstance(document, dict):
        raise ChurnlabError(
            f"{path}: expected keys and values, found {_kind(document)}; "
            "compare with the file in Git"
        )
    return document


def _position(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    return f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""


def _kind(document: object) -> str:
    return "nothing" if document is None else f"a {type(document).__name__}"
