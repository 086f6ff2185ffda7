"""The named column sets that a model can be given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec

from churnlab.errors import ChurnlabError
from churnlab.features.symbols import Columns

VARIANTS = ("all", "reduced", "engineered")


def indicator(column: str, level: str) -> str:
    """Return the name of the 0/1 column that says whether `column` has the value `level`."""
    return f"{column}={level}"


def derive(
    columns: Columns,
    study: str,
    variant: str,
    numeric: Sequence[str],
    categorical: Mapping[str, Sequence[str]],
    reduced: Sequence[str] = (),
) -> Columns:
    """Return the columns of a variant, in a fixed order.

    `all` keeps every prepared column, one-hot with the first level dropped. `reduced` does the same
    with the columns in `reduced`. `engineered` calls the study's own module, and equals `all` where
    a study has none.

    Raises:
        ChurnlabError: the variant is unknown, or names a column that the table does not have.
    """
    if variant not in VARIANTS:
        raise ChurnlabError(
            f"features.{study}: unknown variant '{variant}'; choose one of {', '.join(VARIANTS)}"
        )
    if variant == "engineered" and find_spec(f"churnlab.features.{study}") is not None:
        return _engineered(columns, study)
    kept = set(reduced) if variant == "reduced" else {*numeric, *categorical}
    if missing := sorted(kept - {*numeric, *categorical}):
        raise ChurnlabError(
            f"features.{study}: variant 'reduced' names columns that the prepared table lacks: "
            f"{', '.join(missing)}; correct reduced_columns in data/catalog/{study}.yaml"
        )
    return {
        **{name: columns[name] for name in numeric if name in kept},
        **{
            indicator(name, level): columns[indicator(name, level)]
            for name, levels in categorical.items()
            if name in kept
            for level in levels[1:]
        },
    }


def _engineered(columns: Columns, study: str) -> Columns:
    module = import_module(f"churnlab.features.{study}")
    try:
        derived: Columns = module.engineered(columns)
    except KeyError as missing:
        raise ChurnlabError(
            f"features.{study}: the engineered features need {missing}, which the prepared table "
            f"lacks; keep it in data/catalog/{study}.yaml or set features.{study}: all"
        ) from missing
    return derived
