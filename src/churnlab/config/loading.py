"""Catalogs read from their files: of a customer table, or of event tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from churnlab.config.catalog import Catalog
from churnlab.config.catalog_rules import rule_breaks
from churnlab.config.event_catalog import EventCatalog
from churnlab.config.event_catalog_rules import event_rule_breaks
from churnlab.config.reading import read_yaml_mapping
from churnlab.config.validation import mistakes, parse, suggestion
from churnlab.errors import ChurnlabError
from churnlab.paths import catalog_path


def load_study(study: str, root: Path) -> Catalog | EventCatalog:
    """Return the validated catalog of `study` in the repository at `root`, of either kind.

    Raises:
        ChurnlabError: there is no such study, or its catalog has mistakes: unknown, missing or
            wrong keys, entries that contradict each other, names of columns or tables that do not
            exist, or sensitive inputs without a legal basis.
    """
    path = catalog_path(root, study)
    if not path.is_file():
        known = sorted(file.stem for file in path.parent.glob("*.yaml"))
        raise ChurnlabError(
            f"{path}: unknown study '{study}'; {suggestion(study, known)}; "
            "a new study needs a catalog of this name"
        )
    document: dict[str, Any] = read_yaml_mapping(path)
    catalog: Catalog | EventCatalog
    if "events" in document:
        catalog = parse(EventCatalog, document, path)
        lines = event_rule_breaks(catalog)
    else:
        catalog = parse(Catalog, document, path)
        lines = rule_breaks(catalog)
    if catalog.name != study:
        lines.insert(0, f"name: '{catalog.name}' is not the name of the file; write '{study}'")
    if lines:
        raise mistakes(path, lines)
    return catalog


def load_catalog(study: str, root: Path) -> Catalog:
    """Return the catalog of a study of one customer table.

    Raises:
        ChurnlabError: as `load_study`, or the study is made of event tables.
    """
    catalog = load_study(study, root)
    if isinstance(catalog, EventCatalog):
        raise ChurnlabError(
            f"{catalog_path(root, study)}: {study} is made of event tables, and a table of "
            "customers is needed here; name another study"
        )
    return catalog


def load_event_catalog(study: str, root: Path) -> EventCatalog:
    """Return the catalog of a study of event tables.

    Raises:
        ChurnlabError: as `load_study`, or the study is one table of customers.
    """
    catalog = load_study(study, root)
    if isinstance(catalog, Catalog):
        raise ChurnlabError(
            f"{catalog_path(root, study)}: {study} is a table of customers, and event tables are "
            "needed here; name another study, or declare its tables under events:"
        )
    return catalog
