"""From a table and a few names to a study: its catalog, its parameters, and what to check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from churnlab.config import load_params
from churnlab.config.catalog import Catalog
from churnlab.config.catalog_rules import rule_breaks
from churnlab.config.validation import mistakes, parse
from churnlab.data.dates import days_since_epoch
from churnlab.data.schema import check_enough_rows
from churnlab.errors import ChurnlabError
from churnlab.onboarding.advice import advice
from churnlab.onboarding.names import names_groups, study_name
from churnlab.onboarding.parameters import with_study
from churnlab.onboarding.proposal import Asked, Proposed, proposed_columns
from churnlab.onboarding.source import Location, ignore_in_git, locate
from churnlab.onboarding.table import outcome_of, positive_value, read_own_table
from churnlab.paths import StudyPaths
from churnlab.serialization import write_text

MOST_GROUPS = 10
HEAD = """\
# Written by `churnlab new-study`. Read every line before you trust a result: only you know what a
# column means, and when it is known. Roles: input, identifier, leak, time, unused, target.
"""


@dataclass(frozen=True)
class NewStudy:
    """A study that is ready to be written.

    Attributes:
        name: of the study, its catalog and its outputs.
        columns: what was found of each column, in the order of the file.
        rows, churners: size of the table.
        positive: the text of the target that means churned.
        split: how rows go to the train and test parts.
        location: where `ingest` finds the file.
        catalog, params: the texts of the two files to write.
        checks: what a person should look at, one sentence each.
    """

    name: str
    columns: Sequence[Proposed]
    rows: int
    churners: int
    positive: str
    split: str
    location: Location
    catalog: str
    params: str
    checks: Sequence[str]

    def write(self, root: Path) -> list[Path]:
        """Write the catalog, the parameters and what Git must ignore; return what was written."""
        paths = StudyPaths(root, self.name)
        written = [paths.catalog, paths.params]
        if self.location.ignore is not None:
            # First: from here on no `git add` takes the data in.
            ignore_in_git(root, self.location.ignore)
            written.append(root / ".gitignore")
        write_text(paths.catalog, self.catalog)
        write_text(paths.params, self.params)
        return written


def plan_study(
    file: Path, root: Path, asked: Asked, name: str | None = None, url: str | None = None
) -> NewStudy:
    """Return the study that a table makes; nothing is written.

    Args:
        file: the table, CSV with a header, UTF-8, comma-separated.
        root: the repository.
        asked: names of the target and, where there are any, of id and time.
        name: of the study; by default that of the file.
        url: where others can have the file; by default its path on this machine.

    Raises:
        ChurnlabError: the table or the names cannot make a study; the message says why.
    """
    study = _checked_name(name, file, root)
    texts = read_own_table(file, asked)
    positive = positive_value(texts[asked.target], asked)
    churned = outcome_of(texts[asked.target], positive)
    params = load_params(root / "params.yaml")
    train_rows = round(int(churned.sum()) * (1 - params.split.test_share))
    check_enough_rows(np.repeat([0, 1], [len(churned), train_rows]), params.most_folds, file.name)
    columns = proposed_columns(texts, asked, churned)
    mode = _split_mode(texts, asked)
    location = locate(file, root, study, url)
    document = _document(study, texts, asked, positive, columns, location)
    catalog = root / "data" / "catalog" / f"{study}.yaml"
    if broken := rule_breaks(parse(Catalog, document, catalog)):
        raise mistakes(file, broken)
    return NewStudy(
        name=study,
        columns=columns,
        rows=len(texts),
        churners=int(churned.sum()),
        positive=positive,
        split=mode,
        location=location,
        catalog=HEAD + yaml.safe_dump(document, sort_keys=False, allow_unicode=True),
        params=with_study(root / "params.yaml", study, mode),
        checks=advice(columns, churned, asked, document, params),
    )


def _checked_name(name: str | None, file: Path, root: Path) -> str:
    study = study_name(file.stem if name is None else name)
    if not study or (name is not None and study != name):
        raise ChurnlabError(
            f"'{name or file.stem}' cannot name a study; give --name with letters, digits and _"
            + (f", such as '{study}'" if study else "")
        )
    taken = StudyPaths(root, study).catalog
    if taken.exists():
        raise ChurnlabError(
            f"{taken}: there already is a study '{study}'; choose another name with --name, or "
            "remove that file (and the study from params.yaml) to start again"
        )
    return study


def _split_mode(texts: pd.DataFrame, asked: Asked) -> str:
    """Return `time` where the rows have more than one time of prediction, else `random`."""
    return "time" if asked.time is not None and len(texts[asked.time].unique()) > 1 else "random"


def _document(
    study: str,
    texts: pd.DataFrame,
    asked: Asked,
    positive: str,
    columns: Sequence[Proposed],
    location: Location,
) -> dict[str, Any]:
    """Return the catalog as plain values, in the order in which it is read best."""
    values = texts[asked.target].unique()
    (negative,) = (str(value) for value in values if value != positive)
    groups = [
        column.name
        for column in columns
        if column.role == "input"
        and column.kind.type == "categorical"
        and names_groups(column.name)
    ]
    as_of = None if asked.time else _latest_day(texts, columns)
    return {
        "name": study,
        "title": study.replace("_", " ").capitalize(),
        "source": {**location.entries, "citation": f"{location.entries['file']}, own table"},
        "id": asked.id,
        **({"time": asked.time} if asked.time else {}),
        **({"as_of": as_of} if as_of else {}),
        "target": {"column": asked.target, "positive": positive, "negative": negative},
        "columns": {column.name: column.entry() for column in columns},
        **({"fairness": {"columns": groups}} if groups else {}),
    }


def _latest_day(texts: pd.DataFrame, columns: Sequence[Proposed]) -> date | None:
    """Return the day of the latest date among the inputs, None without any."""
    latest = [
        np.nanmax(days_since_epoch(texts[c.name].str.strip(), c.kind.entries["format"]))
        for c in columns
        if c.role == "input" and c.kind.type == "date"
    ]
    return date(1970, 1, 1) + timedelta(days=int(max(latest))) if latest else None
