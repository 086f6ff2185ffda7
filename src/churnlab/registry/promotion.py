"""Which version is champion: moved in MLflow and on this machine together, or in neither."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from churnlab.deployments import Deployment, Deployments
from churnlab.deployments.deployed import check_served, pinned
from churnlab.errors import ChurnlabError
from churnlab.registry.tracking import Tracking, explained
from churnlab.registry.versions import CHALLENGER, CHAMPION, Version, Versions
from churnlab.serialization import write_json


def deployments_dir(home: Path) -> Path:
    """Return the folder of the versions of this machine, which the service of a home reads."""
    return home / "deployments"


@dataclass(frozen=True)
class Registry:
    """The versions of a study in MLflow, and those in service on this machine.

    The record of the deployments says what is in service; MLflow's alias `champion` follows it. A
    change first notes which versions the alias may stand at because of this machine, moves the
    alias, then writes the record: whatever ends in between, the next change finds an alias of ours
    that disagrees with the record, and puts it right. An alias that others moved is left alone.

    Attributes:
        root: the repository.
        study: whose versions they are.
        tracking: MLflow.
        home: folder of the service: deployments, and what was noted of the alias.
    """

    root: Path
    study: str
    tracking: Tracking
    home: Path

    @property
    def deployments(self) -> Deployments:
        """The versions of this machine."""
        return Deployments(deployments_dir(self.home))

    @property
    def versions(self) -> Versions:
        """The versions in MLflow."""
        return Versions(self.tracking, self.study)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let one process at a time change the champion from this machine."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / f"{self.study}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def unreachable(self) -> str | None:
        """Return why MLflow does not answer; None where it does."""
        from mlflow.exceptions import MlflowException

        try:
            self.versions.aliased(CHAMPION)
        except MlflowException as error:
            return explained(self.tracking.uri, error)
        return None

    def mend(self) -> str | None:
        """Let the alias follow the record, where a change was cut short; return what was done."""
        present, alias = self.deployments.current(self.study), self.versions.aliased(CHAMPION)
        bundle, stands = present.version if present else None, alias.bundle if alias else None
        if stands == bundle or stands not in self._ours():
            return None
        target = None if bundle is None else self.versions.by_bundle(bundle)
        if bundle is not None and target is None:
            return None  # in service here without MLflow: nothing to name there
        self._move_alias(alias, target)
        self._note([bundle])
        return (
            f"{self.study}: an earlier change was cut short; the alias `{CHAMPION}` is back at "
            f"{bundle or 'nothing'}, which is in service"
        )

    def elsewhere(self) -> str | None:
        """Return the bundle that others made champion in MLflow, where it is not the one here."""
        present, alias = self.deployments.current(self.study), self.versions.aliased(CHAMPION)
        if alias is None or (present and present.version == alias.bundle):
            return None
        return alias.bundle

    def is_champion(self, version: Version) -> bool:
        """Return whether a version is champion in MLflow and in service here."""
        present = self.deployments.current(self.study)
        return (
            CHAMPION in version.aliases
            and present is not None
            and (present.version == version.bundle)
        )

    def check_free(self) -> None:
        """Raise where a pin holds promotions up.

        Raises:
            ChurnlabError: says who pinned the study, and why.
        """
        present = self.deployments.current(self.study)
        if present and present.pinned:
            raise ChurnlabError(
                f"{self.study}: {pinned(present)}; `churnlab unpin {self.study} --why ...` takes "
                "the pin off"
            )

    def keep_gate(self, target: Version, checks: Sequence[Any], by: str, why: str) -> None:
        """Keep what the gate measured with the version, in MLflow."""
        at = self.deployments.now()
        content = {
            "at": at,
            "by": by,
            "checks": [asdict(check) for check in checks],
            "version": target.bundle,
            "why": why,
        }
        self.tracking.client.log_dict(target.run, content, f"gates/{at.replace(':', '')}.json")

    def obtain(self, version: Version) -> bool:
        """Have the bundle of a version on this machine; return whether MLflow had to send it.

        It has where the bundle is not here yet, or is not any more what was published.

        Raises:
            ChurnlabError: what MLflow has is not the bundle that the version is named by.
        """
        if self.deployments.intact(self.study, version.bundle):
            return False
        with (
            self.versions.files(version, "bundle") as bundle,
            self.versions.files(version, "words.json") as words,
        ):
            said = json.loads(words.read_text(encoding="utf-8"))
            found = self.deployments.add(self.study, bundle, said)
        if found != version.bundle:
            raise ChurnlabError(
                f"{self.study} v{version.number}: MLflow has bundle {found}, but the version is "
                f"{version.bundle}; publish it again"
            )
        return True

    def move(self, target: Version, record: Callable[[], Deployment]) -> Deployment:
        """Make a version champion in MLflow, then here by `record`; where that fails, in neither.

        Raises:
            ChurnlabError: one of the two failed; the message says what is so now.
        """
        before = self.versions.aliased(CHAMPION)
        self._note([*self._ours(), before.bundle if before else None, target.bundle])
        self._move_alias(before, target)
        try:
            after = record()
        except BaseException as failure:
            self._take_back(before, target, failure)
            raise
        self._note([target.bundle])
        if CHALLENGER in target.aliases:
            self.versions.set_alias(CHALLENGER, None)
        return after

    def _take_back(self, before: Version | None, target: Version, failure: BaseException) -> None:
        try:
            self._move_alias(target, before)
        except Exception as second:
            raise ChurnlabError(
                f"{self.study}: {failure}; and MLflow's alias `{CHAMPION}` could not be put back "
                f"from {target.bundle} ({second}). What is in service has not changed; the next "
                "`churnlab promote`, `rollback` or `publish` that reaches MLflow puts the alias "
                "right"
            ) from failure

    def _move_alias(self, before: Version | None, target: Version | None) -> None:
        if before is not None or target is not None:
            self.versions.set_alias(CHAMPION, target)

    def _ours(self) -> list[str | None]:
        """Return the bundles that the alias may stand at because of this machine."""
        file = self._folder / f"{self.study}.json"
        present = self.deployments.current(self.study)
        noted = json.loads(file.read_text(encoding="utf-8"))["champion"] if file.is_file() else []
        return [*noted, *([] if present else [None])]

    def _note(self, bundles: list[str | None]) -> None:
        write_json(self._folder / f"{self.study}.json", {"champion": list(dict.fromkeys(bundles))})

    @property
    def _folder(self) -> Path:
        return self.home / "registry"


def promote(registry: Registry, target: Version, by: str, why: str) -> Deployment:
    """Make a version champion.

    Raises:
        ChurnlabError: the study is pinned, the reason is short, or a step failed.
    """
    registry.obtain(target)
    return registry.move(
        target, lambda: registry.deployments.promote(registry.study, target.bundle, by, why)
    )


def roll_back(registry: Registry, by: str, why: str, name: str | None = None) -> Deployment:
    """Make the champion before, or the named version, champion again.

    Raises:
        ChurnlabError: nothing is in service, there is no version before, the named one has never
            been in service, or a step failed.
    """
    study, deployments = registry.study, registry.deployments
    present = deployments.current(study)
    before = present.previous if present else None
    if name is None and before is None:
        # Raises, with the reason for which there is nothing to go back to.
        return deployments.roll_back(study, by, why)
    target = registry.versions.named(name or before)
    if present:
        check_served(study, present, target.bundle)
    registry.obtain(target)
    return registry.move(
        target, lambda: deployments.roll_back(study, by, why, version=target.bundle)
    )
