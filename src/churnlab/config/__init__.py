"""params.yaml and the catalogs as typed, validated objects."""

from churnlab.config.catalog import Catalog
from churnlab.config.column import Column
from churnlab.config.event_catalog import EventCatalog
from churnlab.config.loading import load_catalog, load_event_catalog, load_study
from churnlab.config.params import Params, load_params

__all__ = [
    "Catalog",
    "Column",
    "EventCatalog",
    "Params",
    "load_catalog",
    "load_event_catalog",
    "load_params",
    "load_study",
]
