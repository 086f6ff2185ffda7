"""params.yaml and the catalogs as typed, validated objects."""

from churnlab.config.catalog import Catalog, load_catalog
from churnlab.config.column import Column
from churnlab.config.params import Params, load_params

__all__ = ["Catalog", "Column", "Params", "load_catalog", "load_params"]
