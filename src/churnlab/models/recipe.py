"""A recipe: everything that says how one model is made, before it sees a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sklearn.pipeline import Pipeline

from churnlab.features.builder import FeatureBuilder
from churnlab.features.learnt import LearntFeatureBuilder
from churnlab.models.family import Family, load_family


@dataclass(frozen=True)
class TableSchema:
    """The input columns of a prepared table and the study that they belong to.

    Attributes:
        study: its name.
        numeric: numeric columns, in order.
        categorical: levels of each categorical column.
        reduced: columns of the variant `reduced`.
        codes: texts whose levels are learnt with the model.
        filled: the numeric columns in which values may be missing.
    """

    study: str
    numeric: tuple[str, ...]
    categorical: Mapping[str, tuple[str, ...]]
    reduced: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        """All input columns: numeric, categorical, codes."""
        return [*self.numeric, *self.categorical, *self.codes]


@dataclass(frozen=True)
class Recipe:
    """One model to be fitted: its family, its features and its parameters.

    `parameters` is None for the baseline, which takes the library's defaults on all columns.
    """

    name: str
    family: str
    variant: str
    schema: TableSchema
    seed: int
    parameters: Mapping[str, Any] | None = field(default=None)

    def build(self, threads: int = 1) -> Pipeline:
        """Return the unfitted pipeline: features, scaling where the family wants it, estimator."""
        family = load_family(self.family)
        steps: list[tuple[str, Any]] = [("features", self._features())]
        if family.encoder is not None:
            steps.append(("scale", family.encoder(self.parameters)))
        steps.append(("model", self._estimator(family, threads)))
        return Pipeline(steps)

    def _features(self) -> FeatureBuilder:
        schema = self.schema
        declared = (
            schema.study,
            self.variant,
            schema.numeric,
            schema.categorical,
            schema.reduced,
        )
        if schema.codes or schema.filled:
            return LearntFeatureBuilder(*declared, codes=schema.codes, filled=schema.filled)
        return FeatureBuilder(*declared)

    def _estimator(self, family: Family, threads: int) -> Any:
        if self.parameters is None:
            return family.baseline(self.seed, threads)
        return family.tuned(self.parameters, self.seed, threads)
