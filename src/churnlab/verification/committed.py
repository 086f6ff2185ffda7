"""What a revision holds of its outputs: in Git, in DVC's cache, or in its remote."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from churnlab.repository import files_at
from churnlab.verification.revision import git, without_hooks


@dataclass(frozen=True)
class NotAtHand:
    """The content of an output cannot be had here, and why."""

    reason: str


@dataclass
class CommittedOutputs:
    """The outputs of one commit of the repository at `root`; nothing is checked out."""

    root: Path
    commit: str
    _dvc: Any = field(default=None, repr=False)

    def in_git(self, path: str) -> dict[str, bytes]:
        """Return the contents that Git has of a file or folder; none when DVC keeps them."""
        listed = git(self.root, "ls-tree", "-r", "-z", "--name-only", self.commit, "--", path)
        return {name: self._show(name) for name in listed.split("\0") if name}

    def in_dvc(self, path: str) -> Mapping[str, bytes] | NotAtHand:
        """Return the contents that DVC's cache or remote has of a file or folder."""
        try:
            files = self._filesystem().find(path)
            return {str(file): self._filesystem().cat_file(file) for file in files}
        except Exception as error:  # Each kind of remote fails in its own way.
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            return NotAtHand(f"neither the cache nor a remote has the committed file ({reason})")

    def _show(self, name: str) -> bytes:
        command = ["git", "-C", str(self.root), "cat-file", "blob", f"{self.commit}:{name}"]
        variables = without_hooks(os.environ)
        return subprocess.run(command, env=variables, capture_output=True, check=True).stdout

    def _filesystem(self) -> Any:
        if self._dvc is None:
            self._dvc = files_at(self.root, self.commit)
        return self._dvc
