"""The repository at hand and one of its remotes, with errors that say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from churnlab.errors import ChurnlabError


@dataclass(frozen=True)
class Remote:
    """An open DVC repository and the object store of a remote.

    Attributes:
        repository: The `dvc.repo.Repo`.
        store: The remote's `HashFileDB`.
        name: The remote's name, None for the default one.
    """

    repository: Any
    store: Any
    name: str | None


@contextmanager
def opened(root: Path, name: str | None = None) -> Iterator[Remote]:
    """Yield the remote `name` (default: the default one) of the repository around `root`.

    Raises:
        ChurnlabError: `root` is in no DVC repository, there is no such remote, or it fails while in
            use (it is down, refuses the login, is full).
    """
    from dvc.exceptions import NotDvcRepoError
    from dvc.repo import Repo

    try:
        repository = Repo(str(root))
    except NotDvcRepoError as reason:
        raise ChurnlabError(f"{root} is not in a DVC repository: {reason}") from reason
    with repository:
        yield from _guarded(repository, name)


def _guarded(repository: Any, name: str | None) -> Iterator[Remote]:
    from dvc.config import ConfigError

    label = name or "the default remote"
    try:
        store = repository.cloud.get_remote_odb(name, "churnlab")
        yield Remote(repository, store, name)
    except ChurnlabError:
        raise
    except ConfigError as reason:
        raise ChurnlabError(
            f"{label}: {reason}; `dvc remote list` shows what there is, "
            "docs/remotes.md how to add one"
        ) from reason
    # Every kind of remote has exceptions of its own, and none has them all in common.
    except Exception as reason:
        raise ChurnlabError(
            f"{label}: {reason} ({type(reason).__name__}). Nothing here is lost; run "
            "the same command again when the remote answers"
        ) from reason
