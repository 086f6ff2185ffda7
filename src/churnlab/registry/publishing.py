"""Publishing: a bundle with its evidence as a version of MLflow's registry, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from churnlab.registry.evidence import FOLDER, write_evidence
from churnlab.registry.release import Release
from churnlab.registry.tracking import Tracking
from churnlab.registry.versions import BUNDLE, CHALLENGER, CHAMPION, COMMIT, Version, Versions
from churnlab.serialization import write_json, write_text

if TYPE_CHECKING:
    import pandas as pd

# Run by MLflow, which keeps a copy of it; here it is only a file.
SERVED_MODEL = Path(__file__).with_name("served_model.py")
COMPLETE, PARITY = "churnlab.complete", "export.largest_difference"
# What MLflow imports to serve the model; their versions are those that the bundle was checked with.
RUNTIME = ("mlflow", "numpy", "onnxruntime", "pandas")


@dataclass(frozen=True)
class Published:
    """A version in the registry, and whether it was there before."""

    version: Version
    new: bool


def publish(release: Release, tracking: Tracking, runs: Mapping[str, str]) -> Published:
    """Log a release, register it and name it challenger, unless it is the champion.

    `runs` are the training runs behind it: MLflow's id by family.

    What is there already stays as it is, so that a publication that was cut short is completed by
    doing it again.
    """
    versions = Versions(tracking, release.study)
    present = versions.by_bundle(release.version)
    new = present is None
    if present is None:
        _register(release, versions, *_complete_run(release, tracking, runs))
        present = versions.named(release.version)
    if not {CHAMPION, CHALLENGER} & set(present.aliases):
        versions.set_alias(CHALLENGER, present)
    return Published(versions.named(release.version), new)


def _complete_run(release: Release, tracking: Tracking, runs: Mapping[str, str]) -> tuple[str, str]:
    """Return the id of the run and its model's address; what is left of a broken run is removed."""
    experiment = tracking.experiment(release.study)
    asked = f"tags.`{BUNDLE}` = '{release.version}'"
    for run in tracking.client.search_runs([experiment], asked):
        if model := run.data.tags.get(COMPLETE):
            return run.info.run_id, model
        tracking.client.delete_run(run.info.run_id)
    tags = {f"churnlab.training.{family}": run for family, run in runs.items()}
    return _logged(release, tracking, experiment, tags)


def _logged(
    release: Release, tracking: Tracking, experiment: str, links: Mapping[str, str]
) -> tuple[str, str]:
    client = tracking.client
    tags = {BUNDLE: release.version, **origin(release), **links}
    name = f"{release.card['champion']} {release.version}"
    run = client.create_run(experiment, run_name=name, tags=tags).info.run_id
    for key, value in parameters(release.card).items():
        client.log_param(run, key, value)
    for key, value in metrics(release).items():
        client.log_metric(run, key, value)
    with TemporaryDirectory() as place:
        _write_files(release, Path(place))
        client.log_artifacts(run, place)
    client.log_artifacts(run, str(release.model.directory), "bundle")
    model = _log_model(release, run)
    client.set_tag(run, COMPLETE, model)
    client.set_terminated(run)
    return run, model


def _write_files(release: Release, place: Path) -> None:
    from churnlab.reporting.card import model_card
    from churnlab.reporting.results import StudyResults

    results = StudyResults.load(release.study, release.context.paths.root)
    write_text(place / "card.md", model_card(results))
    write_json(place / "words.json", release.words(release.commit), digits=15)
    write_json(place / "dvc.json", release.hashes)
    write_evidence(place / FOLDER, release.evidence)


def _log_model(release: Release, run: str) -> str:
    """Log what `mlflow models serve` serves; return its address."""
    import mlflow

    example = release.context.test()[list(input_columns(release))].head(2)
    with mlflow.start_run(run_id=run):
        logged = mlflow.pyfunc.log_model(
            name="model",
            python_model=str(SERVED_MODEL),
            artifacts={"bundle": str(release.model.directory)},
            signature=signature(release),
            input_example=as_served(release, example),
            pip_requirements=[f"{name}=={version(name)}" for name in RUNTIME],
            metadata={"bundle": release.version, "threshold": release.card["threshold"]},
        )
    return str(logged.model_uri)


def _register(release: Release, versions: Versions, run: str, model: str) -> None:
    from mlflow.exceptions import MlflowException

    client = versions.tracking.client
    try:
        client.create_registered_model(release.study, description=release.context.declared.title)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    client.create_model_version(
        release.study,
        source=model,
        run_id=run,
        tags={BUNDLE: release.version, COMMIT: release.commit},
        description=f"{release.card['champion']}: {release.card['rule']}",
        model_id=model.rpartition("/")[2],
    )


def origin(release: Release) -> dict[str, str]:
    """Return where a release comes from: commit, data, and DVC's hashes of what matters most."""
    card, paths = release.card, release.context.paths
    folders = {"bundle": paths.bundle_dir, "prepared": paths.prepared_dir}
    relative = {name: path.relative_to(paths.root).as_posix() for name, path in folders.items()}
    return {
        COMMIT: release.commit,
        "churnlab.study": release.study,
        "churnlab.kind": "champion",
        "churnlab.data": str(card["data_sha256"]),
        **{f"dvc.{name}": release.hashes[path] for name, path in relative.items()},
    }


def parameters(card: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of the champion by `family.name`, with features, seed, threshold."""
    import yaml

    found = {name: card[name] for name in ("champion", "features", "seed", "threshold")}
    for family, lines in card["parameters"].items():
        chosen = yaml.safe_load("\n".join(lines)) or {}
        found |= {f"{family}.{name}": value for name, value in chosen.items()}
    return found


def metrics(release: Release) -> dict[str, float]:
    """Return the champion's metrics as `part.metric`, and the parity of its export."""
    parts = release.card["metrics"]
    found = {f"{part}.{name}": value for part in parts for name, value in parts[part].items()}
    return {**found, PARITY: release.parity}


def input_columns(release: Release) -> dict[str, Any]:
    """Return the declared input columns by name."""
    return dict(release.model.document("schema")["columns"])


def as_served(release: Release, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the types of the signature: numbers as float64, all else as text."""
    types = {
        name: "float64" if declared["type"] == "numeric" else "object"
        for name, declared in input_columns(release).items()
    }
    return rows.astype(types).reset_index(drop=True)


def signature(release: Release) -> Any:
    """Return MLflow's signature: the columns of the bundle in, `p` out."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, Schema

    inputs = [
        ColSpec(DataType.double if declared["type"] == "numeric" else DataType.string, name)
        for name, declared in input_columns(release).items()
    ]
    return ModelSignature(Schema(inputs), Schema([ColSpec(DataType.double, "p")]))
