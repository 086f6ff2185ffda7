"""The list of the stage `score` with what the model read of each customer, to be published."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd

from churnlab.champions.bundle import BundledModel
from churnlab.errors import ChurnlabError
from churnlab.registry.words import as_sent
from churnlab.stages.context import StudyContext
from churnlab.stages.score import population, versions

if TYPE_CHECKING:
    import pyarrow as pa

INPUTS = "inputs"
TEXTS = ("id", "date", "model_version", "features_version", "data_version")


def list_rows(context: StudyContext, model: BundledModel, date: str | None) -> pa.Table:
    """Return the rows of `list.csv`, and `inputs`: JSON by column, as a request would send it.

    Args:
        context: the study.
        model: the exported champion.
        date: of the list, where its rows have none.

    Raises:
        ChurnlabError: there is no list, it was made by another version of the model or from other
            rows or features, or its rows have another date.
    """
    import pyarrow as pa

    path = context.paths.risk_list
    if not path.is_file():
        raise ChurnlabError(f"{path}: there is no such file; run `dvc repro score@{context.study}`")
    listed = pd.read_csv(path, dtype=dict.fromkeys(TEXTS, str), keep_default_na=False)
    listed = listed.apply(_numbers)
    for what, version in versions(context, model).items():
        made_by = sorted(set(listed[what].astype(str)))
        if made_by != [version]:
            raise ChurnlabError(
                f"{path}: made by {what} {', '.join(made_by)}, which is now {version}; "
                f"run `dvc repro score@{context.study}`"
            )
    own = str(listed["date"].iloc[0])
    if date and own and date != own:
        raise ChurnlabError(f"{path}: its rows are as of {own}, not {date}; leave --date out")
    rows = population(context)
    key = rows["entity" if "entity" in rows else "id"].astype(str)
    sent = as_sent(model, rows.set_axis(key).loc[listed["id"]])
    inputs = [json.dumps(row, ensure_ascii=False) for row in sent]
    listed = listed.assign(**{"date": own or date or "", INPUTS: inputs})
    return pa.Table.from_pandas(listed, preserve_index=False)


def date_of(rows: pa.Table) -> str:
    """Return the day as of which a list is made; empty where rows have none."""
    return str(rows["date"][0].as_py())


def _numbers(column: pd.Series) -> Any:
    """Return a column of numbers as such: an empty field is a missing one."""
    if column.name in TEXTS or str(column.name).startswith(("reason_", "risk_group", "model")):
        return column
    return pd.to_numeric(column.replace("", None)) if column.dtype == object else column
