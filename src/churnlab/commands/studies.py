"""The studies that a command is asked about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from churnlab.errors import ChurnlabError

if TYPE_CHECKING:
    from churnlab.reporting.results import StudyResults


def judged(studies: list[str]) -> list[StudyResults]:
    """Return the named studies; without names, those of params.yaml that have been judged.

    Raises:
        ChurnlabError: a study is unknown, or none has been run.
    """
    from churnlab.config import load_params
    from churnlab.paths import StudyPaths, find_root
    from churnlab.reporting.results import StudyResults

    root = find_root(Path.cwd())
    if not studies:
        known = load_params(root / "params.yaml").studies
        studies = [s for s in known if StudyPaths(root, s).metrics("comparison").is_file()]
        if not studies:
            raise ChurnlabError(
                f"{root / 'metrics'}: no study of params.yaml ({', '.join(known)}) has results "
                f"here; run `dvc repro report@{known[0]}` first"
            )
    return [StudyResults.load(study, root) for study in studies]
