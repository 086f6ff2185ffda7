"""Sharing outputs together with the runs that made them, so that others need not run them again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from churnlab.errors import ChurnlabError
from churnlab.sharing.remote import Remote


@dataclass(frozen=True)
class Shared:
    """What was uploaded.

    Attributes:
        runs: Recorded runs of stages that the remote now knows.
        objects: Objects that were not there before.
    """

    runs: int
    objects: int


def share(remote: Remote) -> Shared:
    """Record the runs behind the current outputs, then upload runs and objects.

    `dvc repro` records no run of a stage that has an output in Git (`cache: false`), and
    `dvc push --run-cache` uploads no object of such an output. Recording is what `dvc commit` does.

    Raises:
        ChurnlabError: The outputs are not those of the code and parameters here, so that recording
            them would teach others a wrong result; or an upload failed.
    """
    repository = remote.repository
    if stale := repository.status():
        names = ", ".join(sorted(stale)[:5]) + (", …" if len(stale) > 5 else "")
        raise ChurnlabError(
            f"the outputs are not up to date: {names}; run `dvc repro` (or `dvc pull`) first, "
            "so that what is shared is what this code makes"
        )
    repository.commit(None, force=True)
    complete = list(_complete_runs(repository))
    objects = {
        info for infos in repository.used_objs(used_run_cache=complete).values() for info in infos
    }
    # Objects first: a run whose objects are missing would only cost whoever restores it a look.
    result = repository.cloud.push(objects, remote=remote.name)
    if result.failed:
        raise ChurnlabError(
            f"{len(result.failed)} of {len(objects)} objects were not uploaded; what was uploaded "
            "stays: run the same command again"
        )
    _push_runs(remote)
    return Shared(len(complete), len(result.transferred))


def _complete_runs(repository: Any) -> Iterator[tuple[str, str]]:
    """Yield key and value of every recorded run whose outputs are all in the cache here."""
    records = repository.stage_cache
    for file in sorted(Path(records.cache_dir).glob("*/*/*")):
        run = (file.parent.name, file.name)
        entry = records._load_cache(*run)
        if entry and records._create_stage(entry).outs_cached():
            yield run


def _push_runs(remote: Remote) -> None:
    from dvc.stage.cache import RunCacheNotSupported

    try:
        remote.repository.stage_cache.push(remote.name)
    except RunCacheNotSupported as reason:
        raise ChurnlabError(
            f"the objects are uploaded, but this kind of remote keeps no runs: {reason}"
        ) from reason
