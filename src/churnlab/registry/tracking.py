"""MLflow's store of runs and versions: a file of this machine, or any server."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from churnlab.errors import ChurnlabError
from churnlab.paths import private_dir

if TYPE_CHECKING:
    from mlflow import MlflowClient

URI = "MLFLOW_TRACKING_URI"
# Nothing is reported to anybody; a server that does not answer is given up within a minute; the
# address of a run is printed by the command that knows whom it is for.
SETTINGS = {
    "DO_NOT_TRACK": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}


@dataclass(frozen=True)
class Tracking:
    """An open store.

    Attributes:
        client: MLflow's own.
        uri: where it is, without user and password.
        artifacts: folder for artefacts; None where the server says where they go.
    """

    client: MlflowClient
    uri: str
    artifacts: Path | None

    def experiment(self, name: str) -> str:
        """Return the id of the experiment, which is made where there is none."""
        from mlflow.exceptions import MlflowException

        if found := self.client.get_experiment_by_name(name):
            return str(found.experiment_id)
        place = (self.artifacts / name).as_uri() if self.artifacts else None
        try:
            return self.client.create_experiment(name, artifact_location=place)
        except MlflowException:  # another process was faster, or the server says why not
            if found := self.client.get_experiment_by_name(name):
                return str(found.experiment_id)
            raise

    def run_name(self, run_id: str) -> str:
        """Return what people look a run up by: its page on the server, or its id."""
        if self.artifacts or not self.uri.startswith("http"):
            return f"run {run_id}"
        experiment = self.client.get_run(run_id).info.experiment_id
        return f"{self.uri.rstrip('/')}/#/experiments/{experiment}/runs/{run_id}"


def tracking_uri(root: Path, environ: Mapping[str, str]) -> str:
    """Return MLFLOW_TRACKING_URI, or else the SQLite file of this machine."""
    return environ.get(URI) or f"sqlite:///{(private_dir(root) / 'mlflow.db').as_posix()}"


@contextmanager
def opened(root: Path) -> Iterator[Tracking]:
    """Yield the store of the repository at `root`; user, password and token are MLflow's own.

    Raises:
        ChurnlabError: MLflow is not installed, or what it was asked for failed: the server does
            not answer, refuses the user, or says no.
    """
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    try:
        import mlflow
        from mlflow.exceptions import MlflowException
    except ImportError as error:
        raise ChurnlabError(
            f"{error}; the registry is an extra: `pip install 'churnlab[registry]'`"
        ) from error
    given, uri = os.environ.get(URI), tracking_uri(root, os.environ)
    if not given:
        private_dir(root).mkdir(parents=True, exist_ok=True)
    _quiet()
    shown = without_credentials(uri)
    try:
        mlflow.set_tracking_uri(uri)
        place = None if given else private_dir(root) / "mlartifacts"
        yield Tracking(mlflow.MlflowClient(), shown, place)
    except MlflowException as error:
        raise ChurnlabError(explained(shown, error)) from error


def without_credentials(uri: str) -> str:
    """Return an address as it may be printed and logged."""
    parts = urlsplit(uri)
    if "@" not in parts.netloc:
        return uri
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def explained(uri: str, error: Any) -> str:
    """Return what went wrong between us and MLflow, and what to do next."""
    text = without_secrets(str(error))
    if "401" in text or "UNAUTHENTICATED" in text:
        return (
            f"{uri}: the server does not know the user; set MLFLOW_TRACKING_USERNAME and "
            "MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN (of DagsHub: the token of "
            "your settings as password, or as token)"
        )
    if "403" in text or "PERMISSION_DENIED" in text:
        return f"{uri}: the user may not do this; ask who runs the server ({_first(text)})"
    if "Max retries" in text or "failed with exception" in text or "timed out" in text:
        return (
            f"{uri}: the server does not answer; check {URI} and that it runs, then give the same "
            "command again"
        )
    return f"{uri}: {_first(text)}"


def without_secrets(text: str) -> str:
    """Return a message of MLflow without the password or token of the environment."""
    for name in ("MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN"):
        if secret := os.environ.get(name):
            text = text.replace(secret, "***")
    return text


def _first(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "it failed without a message"


def _quiet() -> None:
    """Leave out what MLflow and its migrations say of themselves below a warning."""
    import logging

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
