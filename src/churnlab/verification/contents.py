"""The files of one output on both sides, compared one by one, each in the way of its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from churnlab.paths import StudyPaths
from churnlab.verification.documents import (
    compare_csv,
    compare_json,
    compare_parquet,
    compare_tsv,
    compare_yaml,
)
from churnlab.verification.graphs import compare_graphs
from churnlab.verification.numbers import Allowance, Comparison, other
from churnlab.verification.pages import compare_pages, compare_pictures
from churnlab.verification.tolerances import Kind, Tolerances

Comparer = Callable[[bytes, bytes, Allowance], Comparison]
Verdict = Literal["identical", "within tolerance", "accepted", "different", "undecided"]
BY_SUFFIX: Mapping[str, Comparer] = {
    ".csv": compare_csv,
    ".html": compare_pages,
    ".json": compare_json,
    ".parquet": compare_parquet,
    ".png": compare_pictures,
    ".tsv": compare_tsv,
    ".yaml": compare_yaml,
}


@dataclass(frozen=True)
class ComparedFile:
    """One file of an output: its verdict, and where and how far it is off."""

    path: str
    verdict: Verdict
    largest: float | None = 0.0
    place: str = ""


def compare_files(
    committed: Mapping[str, bytes],
    rerun: Mapping[str, bytes],
    tolerances: Tolerances,
    paths: StudyPaths,
) -> list[ComparedFile]:
    """Compare the files of one output, by their path below the root of the repository.

    Args:
        committed: the contents at the verified revision.
        rerun: the contents that the re-run made.
        tolerances: how far each kind of file may be off.
        paths: of the study in the checkout of the re-run, whose test rows graphs are asked about.
    """
    found = []
    for path in sorted(committed.keys() | rerun.keys()):
        if path not in rerun:
            found.append(ComparedFile(path, "different", None, "the re-run does not make it"))
        elif path not in committed:
            found.append(ComparedFile(path, "different", None, "only the re-run makes it"))
        elif committed[path] == rerun[path]:
            found.append(ComparedFile(path, "identical"))
        else:
            found.append(_compare(path, committed[path], rerun[path], tolerances, paths))
    return found


def _compare(
    path: str, committed: bytes, rerun: bytes, tolerances: Tolerances, paths: StudyPaths
) -> ComparedFile:
    named = tolerances.kind_of(path)
    if named is None:
        reason = "no kind of data/tolerances.yaml names it, so its bytes must be the same"
        return ComparedFile(path, "different", None, reason)
    _, kind = named
    if kind.compare == "consequences":
        return ComparedFile(path, "undecided", None, "it is judged by its consequences")
    try:
        comparison = _comparison(path, committed, rerun, kind, paths)
    except Exception as error:  # Whatever a library says of a file that is not what it should be.
        comparison = other(f"cannot be read: {error}")
    verdict: Verdict = "within tolerance" if comparison.agrees else "different"
    return ComparedFile(path, verdict, comparison.largest, comparison.place)


def _comparison(
    path: str, committed: bytes, rerun: bytes, kind: Kind, paths: StudyPaths
) -> Comparison:
    if kind.compare == "answers":
        return compare_graphs(committed, rerun, kind.allowance, paths.prepared_test)
    comparer = BY_SUFFIX.get(PurePosixPath(path).suffix)
    if comparer is None:
        return other("files of this format cannot be compared, so their bytes must be the same")
    return comparer(committed, rerun, kind.allowance)


def files_below(root: Path, path: str) -> dict[str, bytes]:
    """Return the contents of a file, or of all files in a folder, by path below `root`."""
    place = root / path
    files = [place] if place.is_file() else sorted(p for p in place.rglob("*") if p.is_file())
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in files}
