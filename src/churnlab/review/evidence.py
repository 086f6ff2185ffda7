"""The predictions of one model in one revision."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from churnlab.errors import ChurnlabError
from churnlab.evaluation.cross_validation import thresholds
from churnlab.paths import Part, StudyPaths
from churnlab.review.revisions import Revision
from churnlab.serialization import read_parquet

if TYPE_CHECKING:
    import pandas as pd

BLEND = "blend"
BASELINE = "_baseline"


@dataclass(frozen=True)
class Evidence:
    """What is known of one model: predictions and what was decided with them.

    Attributes:
        label: revision and model, for people.
        test: `model, id, y, p` of the test part.
        held_out: `model, id, repeat, fold, y, p`, out of fold.
        threshold: decision threshold, chosen on `held_out`.
        primary: the metric that chose the revision's champion.
        horizon_days: days that decide an outcome, where folds are ordered in time.
    """

    label: str
    test: pd.DataFrame
    held_out: pd.DataFrame
    threshold: float
    primary: str
    horizon_days: int | None = None


def load_evidence(revision: Revision, study: str, model: str | None) -> Evidence:
    """Return the evidence on `model`, or on the champion where none is named.

    Raises:
        ChurnlabError: the revision, the study or the model is unknown, or its files are missing.
    """
    paths = StudyPaths(Path(), study)
    comparison: dict[str, Any] = json.loads(revision.read(paths.metrics("comparison")))
    model = model or str(comparison["champion"])
    judged = sorted({comparison["best"], *(pair["other"] for pair in comparison["pairs"])})
    if model not in judged:
        raise ChurnlabError(
            f"{revision.name}: study {study} has no model {model!r}; it has {', '.join(judged)}"
        )
    test, held_out = (_predictions(revision, paths, model, part) for part in ("test", "cv"))
    return Evidence(
        label=f"{revision.name}: {model}",
        test=test,
        held_out=held_out,
        threshold=thresholds(held_out)[model],
        primary=str(comparison["primary"]),
        horizon_days=_horizon_days(revision, study),
    )


def _horizon_days(revision: Revision, study: str) -> int | None:
    params = yaml.safe_load(revision.read(Path("params.yaml")))
    found = (params.get("events") or {}).get(study)
    return int(found["horizon_days"]) if found else None


def _predictions(revision: Revision, paths: StudyPaths, model: str, part: Any) -> pd.DataFrame:
    frame = read_parquet(revision.read(_file(paths, model, part)))
    return frame[frame["model"] == model].reset_index(drop=True)


def _file(paths: StudyPaths, model: str, part: Part) -> Path:
    if model == BLEND:
        return paths.blend_predictions(part)
    return paths.predictions(model.removesuffix(BASELINE), part)
