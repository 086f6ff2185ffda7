"""What every stage knows about its study: parameters, catalog, paths."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from churnlab.config import Catalog, EventCatalog, Params, load_study
from churnlab.data.design import read_design
from churnlab.data.preparation import read_prepared
from churnlab.errors import ChurnlabError
from churnlab.event_features.table_catalog import rows_catalog
from churnlab.paths import Part, StudyPaths
from churnlab.serialization import read_parquet

if TYPE_CHECKING:
    import pandas as pd

# Where the predictions of reference models lie, beside those of the families.
REFERENCES = "references"


@dataclass(frozen=True)
class StudyContext:
    """One study, as parameters and catalog describe it."""

    params: Params
    declared: Catalog | EventCatalog
    paths: StudyPaths

    @classmethod
    def load(cls, root: Path, study: str, params: Params) -> StudyContext:
        """Read the catalog of `study` in the repository at `root`."""
        return cls(params, load_study(study, root), StudyPaths(root, study))

    @property
    def study(self) -> str:
        """The name of the study."""
        return self.declared.name

    @property
    def catalog(self) -> Catalog:
        """What the prepared rows are.

        Raises:
            ChurnlabError: the rows of an event study have not been made.
        """
        return rows_catalog(self.declared, self.paths.chosen_features)

    @property
    def event_catalog(self) -> EventCatalog:
        """What the event tables are.

        Raises:
            ChurnlabError: the study is a table of customers.
        """
        if isinstance(self.declared, EventCatalog):
            return self.declared
        raise ChurnlabError(
            f"{self.paths.catalog}: {self.study} is a table of customers; this stage needs event "
            "tables"
        )

    def train(self) -> pd.DataFrame:
        """Return the prepared training part."""
        return read_prepared(self.paths.prepared_train)

    def test(self) -> pd.DataFrame:
        """Return the prepared test part."""
        return read_prepared(self.paths.prepared_test)

    def horizon_days(self) -> int | None:
        """Return how long outcomes take where folds are ordered in time, else None."""
        design = read_design(self.paths.design)
        return design.horizon_days if design else None

    def test_predictions(self) -> pd.DataFrame:
        """Return the test predictions of every model, the blend last."""
        return self._predictions("test")

    def out_of_fold_predictions(self) -> pd.DataFrame:
        """Return the repeated out-of-fold predictions of every model, the blend last."""
        return self._predictions("cv")

    def train_predictions(self) -> pd.DataFrame:
        """Return every model's predictions of the rows that it was fitted on, the blend last."""
        return self._predictions("train")

    def learning_predictions(self) -> pd.DataFrame:
        """Return held-out predictions of the families fitted on growing shares of rows."""
        return self.family_predictions("learning")

    def reference_predictions(self, part: Part) -> pd.DataFrame | None:
        """Return the predictions of the reference models of an event study, if it has any."""
        path = self.paths.predictions(REFERENCES, part)
        return read_parquet(path) if path.is_file() else None

    def family_predictions(self, part: Part) -> pd.DataFrame:
        """Return the predictions of the families in `models:`, without the blend."""
        import pandas as pd

        return pd.concat(
            [read_parquet(self.paths.predictions(m, part)) for m in self.params.models],
            ignore_index=True,
        )

    def _predictions(self, part: Part) -> pd.DataFrame:
        import pandas as pd

        blend = read_parquet(self.paths.blend_predictions(part))
        parts = [self.reference_predictions(part), self.family_predictions(part), blend]
        return pd.concat([one for one in parts if one is not None], ignore_index=True)
