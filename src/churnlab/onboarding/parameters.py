"""A new study in params.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from churnlab.config.params import Split
from churnlab.config.reading import read_yaml_mapping
from churnlab.errors import ChurnlabError


def with_study(path: Path, study: str, mode: str) -> str:
    """Return the text of params.yaml with one more study of a table: its name, split and features.

    Args:
        path: params.yaml.
        study: name of the study.
        mode: how its rows are split.

    Raises:
        ChurnlabError: the name is taken or cannot be a key, or the file is not in the form in which
            programs write it, so that writing would lose what a person put there.
    """
    params = read_yaml_mapping(path)
    if study in params["studies"] or study in params["split"] or study in params["features"]:
        raise ChurnlabError(
            f"{path}: there already is a study '{study}'; choose another name with --name"
        )
    if study in Split.model_fields:
        raise ChurnlabError(f"--name '{study}': split.{study} in params.yaml is no study; rename")
    changed: dict[str, Any] = {
        **params,
        "studies": [*params["studies"], study],
        "table_studies": [*params["table_studies"], study],
        "split": _before_fields(params["split"], study, mode),
        "features": {**params["features"], study: "all"},
    }
    if path.read_text(encoding="utf-8") != yaml.safe_dump(params, sort_keys=False):
        raise ChurnlabError(
            f"{path}: has comments or a form of its own, which writing would lose; add by hand: "
            f"'{study}' to studies and table_studies, split.{study}: {mode}, features.{study}: all"
        )
    return yaml.safe_dump(changed, sort_keys=False)


def _before_fields(split: dict[str, Any], study: str, mode: str) -> dict[str, Any]:
    studies = {key: value for key, value in split.items() if key not in Split.model_fields}
    fields = {key: value for key, value in split.items() if key in Split.model_fields}
    return {**studies, study: mode, **fields}
