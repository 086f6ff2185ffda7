"""Files of a revision, without checking it out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from churnlab.errors import ChurnlabError
from churnlab.repository import files_at

WORKSPACE = "workspace"


class MissingFileError(ChurnlabError):
    """A revision lacks a file, or nothing at hand has its content."""


@dataclass(frozen=True)
class Revision:
    """A branch, tag, commit or experiment of the repository at `root`, or its `workspace`."""

    root: Path
    name: str

    def read(self, path: Path) -> bytes:
        """Return the bytes of a file, given by its path below the root.

        Files that DVC tracks come from its cache, or else from the default remote.

        Raises:
            ChurnlabError: there is no such revision.
            MissingFileError: it has no such file, or neither cache nor remote has its content.
        """
        from dvc.exceptions import DvcException
        from dvc.scm import RevError

        try:
            if self.name == WORKSPACE:
                return (self.root / path).read_bytes()
            return bytes(self._files.read_bytes(path.as_posix()))
        except RevError as error:
            raise ChurnlabError(
                f"{self.name}: no such branch, tag, commit or experiment here; `git branch`, "
                "`git tag` and `dvc exp list` name those there are, and `workspace` is the files "
                "as they lie"
            ) from error
        except FileNotFoundError as error:
            raise MissingFileError(self._missing(path)) from error
        except (DvcException, OSError) as error:
            raise MissingFileError(f"{self._missing(path)} ({error})") from error

    @cached_property
    def _files(self) -> Any:
        return files_at(self.root, self.name)

    def _missing(self, path: Path) -> str:
        if self.name == WORKSPACE:
            return f"{path}: not in the workspace; run `dvc repro`, or `dvc checkout`"
        return (
            f"{self.name}: {path} is not in this revision, or neither DVC's cache nor its remote "
            "has it; `dvc pull`, or ask who made the revision to `dvc push`"
        )
