"""The views of a study: features of one family, or inputs of one class of privacy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from churnlab.config.catalog import Catalog
from churnlab.config.column import Column
from churnlab.config.store_params import StoreStudy, ViewSettings
from churnlab.config.validation import unknown_names
from churnlab.errors import ChurnlabError
from churnlab.event_features.definitions import Feature
from churnlab.store.document import View, ViewField
from churnlab.store.versions import version

# What is known of a person, by how close it comes to telling who it is.
CLASSES = {
    "behavioural": ("behaviour", "What customers do and have"),
    "quasi-identifier": ("profile", "Who customers are: together, these can single a person out"),
    "sensitive": (
        "sensitive",
        "Sensitive data of customers, on the basis that the catalog declares",
    ),
}


def event_views(
    study: str,
    features: Sequence[Feature],
    inputs: Sequence[str],
    settings: StoreStudy,
    decides: Mapping[str, Any],
) -> tuple[View, ...]:
    """Return one view per family of features, in the order of the registry.

    Args:
        study: name of the study.
        features: the registry.
        inputs: the features that models see.
        settings: owner and freshness, of the study and of single views.
        decides: catalog, parameters and code behind the values.

    Raises:
        ChurnlabError: `settings` name a view that is not there.
    """
    families: dict[str, list[ViewField]] = {}
    for feature in features:
        families.setdefault(feature.family, []).append(_field_of_feature(feature))
    _check_named(study, settings, list(families))
    return tuple(
        _view(
            study,
            name,
            f"Features of the family {name}, as of the beginning of the reference date",
            fields,
            inputs,
            settings,
            decides,
        )
        for name, fields in families.items()
    )


def table_views(
    study: str,
    catalog: Catalog,
    inputs: Sequence[str],
    settings: StoreStudy,
    decides: Mapping[str, Any],
) -> tuple[View, ...]:
    """Return one view per class of privacy among the inputs, so that each can be granted apart.

    Args:
        study: name of the study.
        catalog: what the columns are.
        inputs: the columns that preparation kept.
        settings: owner and freshness, of the study and of single views.
        decides: catalog, parameters and code behind the values.

    Raises:
        ChurnlabError: `settings` name a view that is not there.
    """
    present = {
        privacy: [
            _field_of_column(name, catalog.columns[name])
            for name in inputs
            if catalog.columns[name].privacy == privacy
        ]
        for privacy in CLASSES
    }
    kept = {CLASSES[privacy]: fields for privacy, fields in present.items() if fields}
    _check_named(study, settings, [name for name, _ in kept])
    return tuple(
        _view(study, name, words, fields, inputs, settings, decides)
        for (name, words), fields in kept.items()
    )


def _view(
    study: str,
    name: str,
    description: str,
    fields: Sequence[ViewField],
    inputs: Sequence[str],
    settings: StoreStudy,
    decides: Mapping[str, Any],
) -> View:
    own = settings.views.get(name, ViewSettings())
    freshness = own.freshness_days or settings.freshness_days
    made_of = {
        **decides,
        "view": f"{study}_{name}",
        "entity": settings.entity,
        "freshness_days": freshness,
        "fields": [asdict(field) for field in fields],
    }
    return View(
        name=f"{study}_{name}",
        description=own.description or description,
        owner=own.owner or settings.owner,
        version=version(made_of),
        freshness_days=freshness,
        online=any(field.name in inputs for field in fields),
        fields=tuple(fields),
    )


def _check_named(study: str, settings: StoreStudy, names: Sequence[str]) -> None:
    where = f"params.yaml: store.studies.{study}.views"
    if lines := unknown_names(where, "view", settings.views, names):
        raise ChurnlabError("\n".join(lines))


def _field_of_feature(feature: Feature) -> ViewField:
    return ViewField(
        name=feature.name,
        type="float64",
        description=feature.description,
        unit=feature.unit,
        privacy="behavioural",
        empty=feature.empty,
    )


def _field_of_column(name: str, column: Column) -> ViewField:
    return ViewField(
        name=name,
        type="float64" if column.is_number else "string",
        description=column.description,
        unit=column.unit or "",
        privacy=column.privacy,
        empty="missing" if column.missing == "fill" else "never",
    )
