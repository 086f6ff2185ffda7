"""The catalog of a base table: every feature as a column that models and profiles understand."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path

from churnlab.config import Catalog, Column, EventCatalog
from churnlab.config.catalog import Costs, Source, Target
from churnlab.config.validation import unknown_names
from churnlab.errors import ChurnlabError
from churnlab.event_features.definitions import Feature

ID, TARGET = "id", "y"


def table_catalog(
    name: str,
    title: str,
    source: Source,
    features: Sequence[Feature],
    costs: Costs | None = None,
) -> Catalog:
    """Return the catalog of the prepared rows of an event study, each feature a numeric input.

    Args:
        name: of the study.
        title: of the study, for people.
        source: the published file of the events.
        features: those that models see, in the order of the columns.
        costs: worth of a seller and price of an offer.
    """
    keys = {
        ID: Column(
            type="text", role="identifier", privacy="identifier", description="Seller and date"
        ),
        TARGET: Column(
            type="categorical",
            role="target",
            privacy="label",
            description="Whether the seller stopped selling (1) or not (0)",
            categories=("0", "1"),
        ),
    }
    return Catalog(
        name=name,
        title=title,
        source=source,
        id=ID,
        target=Target(column=TARGET, positive="1", negative="0"),
        columns={**keys, **{feature.name: column_of(feature) for feature in features}},
        costs=costs,
    )


def rows_catalog(declared: Catalog | EventCatalog, chosen_file: Path) -> Catalog:
    """Return what the prepared rows of a study are, of either kind.

    Args:
        declared: the study's catalog.
        chosen_file: the features that an event study's models see, as `assemble` wrote them.

    Raises:
        ChurnlabError: the file of an event study is missing.
    """
    if isinstance(declared, Catalog):
        return declared
    if not chosen_file.is_file():
        raise ChurnlabError(
            f"{chosen_file}: there is no such file; run `dvc repro assemble@{declared.name}` first"
        )
    features = [Feature(**entry) for entry in json.loads(chosen_file.read_text(encoding="utf-8"))]
    return table_catalog(declared.name, declared.title, declared.source, features, declared.costs)


def column_of(feature: Feature) -> Column:
    """Return a feature as a numeric input; where it can be missing, it is filled in the fold."""
    return Column(
        type="numeric",
        role="input",
        privacy="behavioural",
        unit=feature.unit,
        description=feature.description,
        missing="fill" if feature.empty == "missing" else "refuse",
    )


def chosen(features: Sequence[Feature], families: Collection[str]) -> list[Feature]:
    """Return the features of the families that models see.

    Raises:
        ChurnlabError: a family has no feature: it is misspelt, or its tables are absent.
    """
    present = list(dict.fromkeys(feature.family for feature in features))
    if lines := unknown_names("events: inputs", "family", families, present):
        raise ChurnlabError(
            "\n".join([*lines, "only families whose tables are there can be inputs"])
        )
    return [feature for feature in features if feature.family in families]
