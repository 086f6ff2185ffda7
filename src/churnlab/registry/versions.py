"""The versions of a study in MLflow's registry: found by bundle, named by aliases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from churnlab.errors import ChurnlabError
from churnlab.registry.tracking import Tracking

CHAMPION, CHALLENGER = "champion", "challenger"
BUNDLE, COMMIT = "churnlab.bundle", "churnlab.commit"
FILES = ("words.json", "evidence", "bundle")


@dataclass(frozen=True)
class Version:
    """A published version.

    Attributes:
        number: MLflow's, from 1.
        bundle: the beginning of the hash of its bundle's manifest.
        commit: of Git, that made it.
        run: MLflow's id of the run with its predictions, card and metrics.
        created: when it was published, in milliseconds since 1970.
        aliases: `champion`, `challenger`, or others that people gave.
    """

    number: int
    bundle: str
    commit: str
    run: str
    created: int
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class Versions:
    """The versions of one study."""

    tracking: Tracking
    study: str

    def all(self) -> list[Version]:
        """Return the versions that Churnlab published, the oldest first."""
        model = self._registered()
        if model is None:
            return []
        found = self.tracking.client.search_model_versions(f"name='{self.study}'")
        aliases: dict[int, list[str]] = {}
        for alias, number in model.aliases.items():
            aliases.setdefault(int(number), []).append(alias)
        own = [one for one in found if BUNDLE in one.tags]
        return sorted(
            (
                Version(
                    int(one.version),
                    one.tags[BUNDLE],
                    one.tags[COMMIT],
                    one.run_id,
                    int(one.creation_timestamp),
                    tuple(sorted(aliases.get(int(one.version), ()))),
                )
                for one in own
            ),
            key=lambda one: one.number,
        )

    def by_bundle(self, bundle: str) -> Version | None:
        """Return the version of a bundle, the first where two processes published it at once."""
        return next((one for one in self.all() if one.bundle == bundle), None)

    def aliased(self, alias: str) -> Version | None:
        """Return the version that an alias names, if any."""
        return next((one for one in self.all() if alias in one.aliases), None)

    def named(self, name: str | None) -> Version:
        """Return a version by its bundle or MLflow's number; without a name the challenger.

        Raises:
            ChurnlabError: there is none of this name.
        """
        every = self.all()
        if name is None:
            found = next((one for one in every if CHALLENGER in one.aliases), None)
            if found is None:
                raise ChurnlabError(
                    f"{self.study}: there is no challenger in {self.tracking.uri}; run "
                    f"`churnlab publish {self.study}` first"
                )
            return found
        matching = [one for one in every if name in (one.bundle, str(one.number), f"v{one.number}")]
        if not matching:
            known = ", ".join(f"v{one.number} ({one.bundle})" for one in every) or "none"
            raise ChurnlabError(
                f"{self.study}: no version {name} is published in {self.tracking.uri}; "
                f"known: {known}"
            )
        return matching[0]

    def set_alias(self, alias: str, version: Version | None) -> None:
        """Let an alias name a version, or none."""
        client = self.tracking.client
        if version is None:
            client.delete_registered_model_alias(self.study, alias)
        else:
            client.set_registered_model_alias(self.study, alias, str(version.number))

    @contextmanager
    def files(self, version: Version, name: str) -> Iterator[Path]:
        """Yield one of the published files or folders, `FILES`, in a place that is gone after.

        Raises:
            ChurnlabError: it is not there.
        """
        from mlflow.artifacts import download_artifacts

        with TemporaryDirectory() as place:
            path = Path(download_artifacts(run_id=version.run, artifact_path=name, dst_path=place))
            if not path.exists():
                raise ChurnlabError(f"{self.study} v{version.number}: {name} was not published")
            yield path

    def _registered(self) -> Any:
        from mlflow.exceptions import MlflowException

        try:
            return self.tracking.client.get_registered_model(self.study)
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return None
            raise
