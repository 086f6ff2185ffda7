"""The files of one study, as the stages before the report left them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from churnlab.config import Catalog, Params, load_params, load_study
from churnlab.errors import ChurnlabError
from churnlab.event_features.table_catalog import rows_catalog
from churnlab.paths import StudyPaths, find_root

if TYPE_CHECKING:
    import pandas as pd

# What the other protocols are compared with, of customer tables and of event tables.
HONEST = ("honest", "out_of_time")


@dataclass(frozen=True)
class StudyResults:
    """Reads what is asked for; nothing is kept, since every file is small and read once or twice.

    Every reader raises ChurnlabError where the file is missing, unless it says otherwise.
    """

    params: Params
    catalog: Catalog
    paths: StudyPaths

    @classmethod
    def load(cls, study: str, root: Path | None = None) -> StudyResults:
        """Return the results of `study` in the repository at `root`, or around the work folder.

        Raises:
            ChurnlabError: there is no repository here, or no such study in it.
        """
        root = root or find_root(Path.cwd())
        declared, paths = load_study(study, root), StudyPaths(root, study)
        catalog = rows_catalog(declared, paths.features_profile)
        return cls(load_params(root / "params.yaml"), catalog, paths)

    @property
    def study(self) -> str:
        """The name of the study."""
        return self.catalog.name

    @property
    def subjects(self) -> str:
        """Whom the study is about, in the plural."""
        return "sellers" if self.study in self.params.event_studies else "customers"

    @property
    def champion(self) -> str:
        """The model that the comparison chose."""
        return str(self.metrics("comparison")["champion"])

    @property
    def models(self) -> list[str]:
        """The judged models: tuned families, blend, then library defaults."""
        judged = self.metrics("test")
        families = self.params.models
        order = [*families, "blend", *(f"{name}_baseline" for name in families)]
        # What is in no list of params.yaml is a reference model of an event study.
        return [*(n for n in order if n in judged), *(n for n in judged if n not in order)]

    @property
    def families(self) -> list[str]:
        """The families with tuned models."""
        return [name for name in self.params.models if name in self.models]

    def metrics(self, name: str) -> dict[str, Any]:
        """Return one file of `metrics/<study>/`."""
        return self._json(self.paths.metrics(name))

    def has_metrics(self, name: str) -> bool:
        """Return whether there is such a file."""
        return self.paths.metrics(name).is_file()

    def protocols(self) -> dict[str, dict[str, Any]]:
        """Return the ledger: what others are compared with, sound ones, then flawed, worst first.

        Worst is the highest F1, which is what published results mostly state.
        """
        ledger = self.metrics("protocols")["protocols"]

        def place(name: str) -> tuple[bool, bool, float]:
            return name not in HONEST, ledger[name]["flawed"], -ledger[name]["metrics"]["f1"]

        return {name: ledger[name] for name in sorted(ledger, key=place)}

    def profile(self) -> dict[str, Any]:
        """Return the figures of the exploratory analysis."""
        return self._json(self.paths.profile_json)

    def events(self) -> dict[str, Any]:
        """Return what became of the events: rules, families left out, label; empty of tables."""
        path = self.paths.events_profile
        return self._json(path) if path.is_file() else {}

    def inputs(self) -> list[dict[str, Any]]:
        """Return the records of the features that models of an event study see."""
        found: list[dict[str, Any]] = json.loads(self._existing(self.paths.features_profile))
        return found

    def leakage(self) -> dict[str, Any]:
        """Return the leakage findings."""
        return self._json(self.paths.leakage_json)

    def blend(self) -> dict[str, Any]:
        """Return weights and calibration of the blend."""
        return self._json(self.paths.blend_card)

    def curve(self, name: str) -> pd.DataFrame:
        """Return the points of one overlaid plot, `model` first."""
        return self._csv(self.paths.curve(name))

    def trials(self, family: str) -> pd.DataFrame:
        """Return every trial of one family's search."""
        return self._csv(self.paths.trials(family))

    def confident_mistakes(self) -> pd.DataFrame:
        """Return the training customers on whom the champion was most wrong, without their ids."""
        return self._csv(self.paths.error_rows("confident_mistakes")).drop(columns="id")

    def search_importance(self, family: str) -> dict[str, float]:
        """Return how much each parameter mattered in one family's search."""
        return self._json(self.paths.search_importance(family))

    def best_params(self, family: str) -> dict[str, Any]:
        """Return the parameters that the search chose."""
        import yaml

        found: dict[str, Any] = yaml.safe_load(self._existing(self.paths.best_params(family)))
        return found

    def training_curves(self, family: str) -> dict[str, pd.DataFrame]:
        """Return `{metric: step, value}` of one family's training, sorted by metric."""
        files = sorted((self.paths.curve_dir(family) / "plots" / "metrics").glob("*.tsv"))
        if not files:
            self._existing(self.paths.curve_dir(family) / "plots" / "metrics")
        return {file.stem: self._csv(file, separator="\t") for file in files}

    def _csv(self, path: Path, separator: str = ",") -> pd.DataFrame:
        import pandas as pd

        self._existing(path)
        # Texts such as "none" or "NA" are values here, not gaps; only an empty field is one.
        return pd.read_csv(path, sep=separator, keep_default_na=False, na_values=[""])

    def _json(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._existing(path))
        return found

    def _existing(self, path: Path) -> str:
        if not path.is_file():
            shown = path.relative_to(self.paths.root)
            raise ChurnlabError(
                f"{shown}: there is no such file; run `dvc repro report@{self.study}` first"
            )
        return path.read_text(encoding="utf-8")
