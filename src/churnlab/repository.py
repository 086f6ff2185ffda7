"""The Git repository that DVC works in, and the files of its revisions without a checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def files_at(root: Path, revision: str) -> Any:
    """Return DVC's file system of a branch, tag, commit or experiment of the repository at `root`.

    Files that DVC keeps come from its cache, or else from the default remote. Remotes are those
    that are set up now: an older revision does not know of one that was added after it.
    """
    from dvc.api import DVCFileSystem
    from dvc.config import Config

    present = Config(str(root / ".dvc"))
    core = {key: value for key, value in present["core"].items() if key == "remote"}
    remotes = {"core": core, "remote": present["remote"]}
    return DVCFileSystem(str(root), rev=revision, config=remotes)
