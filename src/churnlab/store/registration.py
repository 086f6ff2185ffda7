"""The views of a study as Feast's objects, and a Feast store that holds them."""

from __future__ import annotations

import os
import warnings
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from churnlab.errors import ChurnlabError
from churnlab.store.document import MOMENT, StoreDocument, View
from churnlab.store.online import Redis

if TYPE_CHECKING:
    from feast import FeatureStore

REGISTRY = "registry.db"
# Feast's join through Ibis drops the columns that end so.
SWALLOWED = "_y"


def open_store(folder: Path, study: str, online: Redis | Path) -> FeatureStore:
    """Return Feast's store of one study: a registry in a file, joins by DuckDB, values online.

    Args:
        folder: holds the registry.
        study: name of the study.
        online: a Redis server, or the file of a SQLite database.

    Raises:
        ChurnlabError: Feast is not installed.
    """
    # Older releases report their use; this one does not, and none shall.
    os.environ.setdefault("FEAST_USAGE", "False")
    try:
        # Importing it turns on warnings that are for its authors.
        with warnings.catch_warnings():
            from feast import FeatureStore, RepoConfig
    except ImportError as error:
        raise ChurnlabError(
            f"the feature store needs Feast, which cannot be imported ({error}); "
            "run `pip install 'churnlab[store]'`"
        ) from error
    values = (
        {"type": "redis", "connection_string": online.connection_string()}
        if isinstance(online, Redis)
        else {"type": "sqlite", "path": str(online)}
    )
    config = RepoConfig(
        project=project(study),
        provider="local",
        registry=str(folder / REGISTRY),
        offline_store={"type": "duckdb"},
        online_store=values,
        entity_key_serialization_version=3,
    )
    return FeatureStore(repo_path=str(folder), config=config)


def project(study: str) -> str:
    """Return the name of a study's project in Feast, which is part of every key online."""
    return f"churnlab_{study}"


def service(study: str) -> str:
    """Return the name of the service that gives what the models of a study see."""
    return f"{study}_model"


def objects(document: StoreDocument, rows: Path) -> list[Any]:
    """Return project, entity, source, views and service of a study.

    Args:
        document: what the `store` stage wrote.
        rows: the Parquet file that Feast reads.

    Raises:
        ChurnlabError: Feast cannot serve a feature of this name.
    """
    from feast import Entity, FeatureService, FileSource, Project, ValueType

    _check_names(document)
    entity = Entity(
        name=document.entity,
        join_keys=[document.entity],
        value_type=ValueType.STRING,
        description=f"{document.title}: {document.ids} ids",
    )
    source = FileSource(
        name=f"{document.study}_rows", path=str(rows.resolve()), timestamp_field=MOMENT
    )
    views = {view.name: _feature_view(view, entity, source, document) for view in document.views}
    seen = {
        view.name: [field.name for field in view.fields if field.name in document.inputs]
        for view in document.online_views
    }
    model = FeatureService(
        name=service(document.study),
        features=[views[name][names] for name, names in seen.items()],
        description=f"What the models of {document.study} see, of {document.title}",
        tags={"versions": " ".join(f"{k}={v}" for k, v in sorted(document.versions.items()))},
        owner=document.online_views[0].owner,
    )
    named = Project(name=project(document.study), description=document.title)
    return [named, entity, source, *views.values(), model]


def _feature_view(view: View, entity: Any, source: Any, document: StoreDocument) -> Any:
    from feast import FeatureView, Field
    from feast.types import Float64, String

    types = {"float64": Float64, "string": String}
    return FeatureView(
        name=view.name,
        entities=[entity],
        schema=[
            Field(name=document.entity, dtype=String),
            *(
                Field(
                    name=field.name,
                    dtype=types[field.type],
                    description=field.description,
                    tags={"unit": field.unit, "privacy": field.privacy, "empty": field.empty},
                )
                for field in view.fields
            ),
        ],
        source=source,
        ttl=timedelta(days=view.freshness_days),
        online=view.online,
        description=view.description,
        owner=view.owner,
        tags={"version": view.version, "study": document.study, "ids": document.ids},
    )


def _check_names(document: StoreDocument) -> None:
    swallowed = [f.name for v in document.views for f in v.fields if f.name.endswith(SWALLOWED)]
    if swallowed:
        raise ChurnlabError(
            f"{document.study}: Feast drops features whose names end with {SWALLOWED}: "
            f"{', '.join(swallowed)}; rename them"
        )
