"""Where every artefact lives: the only place that builds a path."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from churnlab.errors import ChurnlabError

Part = Literal["test", "train", "cv", "learning"]


@dataclass(frozen=True)
class StudyPaths:
    """The paths of one study below the root of the repository."""

    root: Path
    study: str

    @property
    def params(self) -> Path:
        """The parameters of all studies."""
        return self.root / "params.yaml"

    @property
    def catalog(self) -> Path:
        """What the study's table is: columns, target, source."""
        return catalog_path(self.root, self.study)

    @property
    def raw_dir(self) -> Path:
        """The published bytes, verified and never changed."""
        return self.root / "data" / "raw" / self.study

    def raw(self, file: str) -> Path:
        """One published file."""
        return self.raw_dir / file

    @property
    def prepared_dir(self) -> Path:
        """Typed and split rows."""
        return self.root / "data" / "prepared" / self.study

    @property
    def prepared_train(self) -> Path:
        """The rows that models learn from: id, y, inputs."""
        return self.prepared_dir / "train.parquet"

    @property
    def prepared_test(self) -> Path:
        """The rows that judge: id, y, inputs."""
        return self.prepared_dir / "test.parquet"

    @property
    def design(self) -> Path:
        """How the rows of an event study may be cut into folds; other studies have none."""
        return self.prepared_dir / "design.json"

    @property
    def chosen_features(self) -> Path:
        """What each input of an event study's rows is; the columns of others are in the catalog."""
        return self.prepared_dir / "features.json"

    @property
    def events_dir(self) -> Path:
        """Typed event tables, one Parquet file each."""
        return self.root / "data" / "events" / self.study

    @property
    def features_dir(self) -> Path:
        """Features of event studies as of reference dates."""
        return self.root / "data" / "features" / self.study

    @property
    def features_table(self) -> Path:
        """One row per seller and reference date: `seller_id, reference_date, active`, features."""
        return self.features_dir / "features.parquet"

    @property
    def features_registry(self) -> Path:
        """Name, family, window, unit and meaning of each feature, and the families left out."""
        return self.features_dir / "registry.json"

    @property
    def events_profile(self) -> Path:
        """What became of the events: rules and counts, families left out, label, dates."""
        return self.profile_dir / "events.json"

    @property
    def features_profile(self) -> Path:
        """The chosen features again, for readers of results, who need not have the rows."""
        return self.profile_dir / "features.json"

    @property
    def profile_dir(self) -> Path:
        """Figures of the exploratory analysis."""
        return self.root / "data" / "profiles" / self.study

    @property
    def profile_json(self) -> Path:
        """Class balance, ranges, missing values and correlations."""
        return self.profile_dir / "profile.json"

    @property
    def leakage_json(self) -> Path:
        """Named leakage findings."""
        return self.profile_dir / "leakage.json"

    @property
    def predictions_dir(self) -> Path:
        """Predictions of all models of the study."""
        return self.root / "data" / "predictions" / self.study

    def predictions(self, model: str, part: Part) -> Path:
        """The predictions of one family, baseline and tuned.

        `test` and `train` are of models fitted on the whole training part, `cv` is out of fold, and
        `learning` is out of fold with growing shares of the training rows.
        """
        return self.predictions_dir / model / f"{part}.parquet"

    def blend_predictions(self, part: Part) -> Path:
        """The predictions of the blend; apart from the families', which it is made of."""
        return self.root / "data" / "blends" / self.study / f"{part}.parquet"

    @property
    def models_dir(self) -> Path:
        """All models of the study."""
        return self.root / "models" / self.study

    def model_dir(self, model: str) -> Path:
        """One model family: estimator, best parameters, trials."""
        return self.models_dir / model

    def model(self, model: str) -> Path:
        """A fitted pipeline, ready for `joblib.load`; `<family>_baseline` is the untuned one."""
        family, baseline, _ = model.partition("_baseline")
        return self.model_dir(family) / ("baseline.joblib" if baseline else "model.joblib")

    def best_params(self, model: str) -> Path:
        """The parameters that the search chose."""
        return self.model_dir(model) / "best_params.yaml"

    def trials(self, model: str) -> Path:
        """Every trial of the search."""
        return self.model_dir(model) / "trials.csv"

    def search_importance(self, model: str) -> Path:
        """How much each parameter mattered in the search."""
        return self.model_dir(model) / "search_importance.json"

    @property
    def blend_card(self) -> Path:
        """Weights and calibration of the blend."""
        return self.models_dir / "blend.json"

    def curve_dir(self, model: str) -> Path:
        """Training curves of one family, as DVCLive writes them."""
        return self.plots_dir("curves", model)

    def curve(self, name: str) -> Path:
        """The data of one overlaid plot: `roc`, `lift`, `learning`."""
        return self.plots_dir(f"{name}.csv")

    def error_rows(self, name: str) -> Path:
        """Rows of single customers behind the error analysis; never in Git."""
        return self.root / "data" / "errors" / self.study / f"{name}.csv"

    @property
    def population(self) -> Path:
        """The active sellers of the latest date of an event study; others score the test part."""
        return self.prepared_dir / "population.parquet"

    @property
    def scores_dir(self) -> Path:
        """Customers ordered by risk; never in Git."""
        return self.root / "data" / "scores" / self.study

    @property
    def risk_list(self) -> Path:
        """One row per customer: rank, probability, group, value at stake, reasons, versions."""
        return self.scores_dir / "list.csv"

    @property
    def contributions(self) -> Path:
        """What each input adds to the log-odds of the customers that are explained."""
        return self.scores_dir / "contributions.parquet"

    @property
    def store_dir(self) -> Path:
        """What the feature store is filled from, kept by DVC."""
        return self.root / "data" / "store" / self.study

    @property
    def store_rows(self) -> Path:
        """One row per entity and moment: the data's own id, `event_timestamp` in UTC, features."""
        return self.store_dir / "rows.parquet"

    @property
    def store_views(self) -> Path:
        """Feature views with owner, version, freshness, fields; and the inputs of the models."""
        return self.store_dir / "views.json"

    @property
    def served_dir(self) -> Path:
        """The study's registry and local values; neither in Git nor kept by DVC."""
        return private_dir(self.root) / "store" / self.study

    @property
    def pictures_dir(self) -> Path:
        """Pictures of the study, drawn from data files."""
        return self.plots_dir("pictures")

    @property
    def bundle_dir(self) -> Path:
        """The exported champion: graph, schema, threshold, card."""
        return self.root / "bundles" / self.study

    @property
    def metrics_dir(self) -> Path:
        """Small JSON files that live in Git."""
        return self.root / "metrics" / self.study

    def metrics(self, name: str) -> Path:
        """One file of metrics, by its name without suffix: `test`, `cv`, `intervals`."""
        return self.metrics_dir / f"{name}.json"

    def plots_dir(self, *parts: str) -> Path:
        """Data files and pictures for `dvc plots`, by stage and model."""
        return (self.root / "plots" / self.study).joinpath(*parts)

    @property
    def report(self) -> Path:
        """The self-contained page."""
        return self.root / "reports" / f"{self.study}.html"


def find_root(start: Path) -> Path:
    """Return the repository that `start` is in: the nearest folder upwards with a params.yaml.

    Raises:
        ChurnlabError: there is none.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / "params.yaml").is_file():
            return folder
    raise ChurnlabError(
        f"{start.resolve()}: neither this folder nor one above it has a params.yaml; "
        "go to the repository of the study and try again"
    )


def private_dir(root: Path) -> Path:
    """Return the folder for what belongs to this machine alone: keys, registries, values online."""
    return root / ".churnlab"


def catalog_path(root: Path, study: str) -> Path:
    """Return where the catalog of a study lives."""
    return root / "data" / "catalog" / f"{study}.yaml"


def published_path(root: Path, relative: str) -> Path:
    """Return where a published file that ships in Git lives."""
    return root / relative
