"""The rows and folds that every system gets, and fingerprints of what results were made of."""

from __future__ import annotations

import ast
import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.quality.systems import BUDGETED, OURS, SYSTEMS, Settings
from churnlab.config import Catalog, load_catalog
from churnlab.config.reading import read_yaml_mapping
from churnlab.data.schema import check_enough_rows, outcome, read_table
from churnlab.data.sources import fetch
from churnlab.data.splits import repeated_stratified_folds
from churnlab.errors import ChurnlabError
from churnlab.serialization import write_bytes, write_parquet

FOLDS = 5
FOLD_SEED = 20261122
HERE = Path(__file__).resolve().parent
# What decides the predictions of the recipe.
RECIPE_SECTIONS = ("seed", "prepare", "tune", "cross_validate", "blend", "compare")
RECIPE_SOURCES = ("src/churnlab/features", "src/churnlab/models", "src/churnlab/stages/recipes.py")


def write_rows(root: Path, study: str, folder: Path, size: int | None = None) -> Path:
    """Write `row, fold, id, y` and the inputs of all rows of a study; return the file.

    Identifiers and leaks are left out for every system, and nothing else is.

    Args:
        root: the repository.
        study: name of the study.
        folder: where the published file and the table go.
        size: number of rows of a trial, drawn with the classes' shares; None for all rows.
    """
    catalog = load_catalog(study, root)
    published = folder / catalog.source.file
    write_bytes(published, fetch(catalog, root))
    rows = judged_rows(read_table(published, catalog), catalog, size)
    file = folder / "rows.parquet"
    write_parquet(file, rows)
    return file


def judged_rows(table: pd.DataFrame, catalog: Catalog, size: int | None = None) -> pd.DataFrame:
    """Return the rows with their fold: `StratifiedKFold(5, shuffle=True, random_state=20261122)`.

    Raises:
        ChurnlabError: a trial of more rows than there are, or of so few that a fold lacks a class.
    """
    y = outcome(table, catalog).astype(np.int64)
    ids = table[catalog.id] if catalog.id else pd.Series(table.index, index=table.index)
    rows = pd.DataFrame(
        {"row": np.arange(len(y)), "fold": -1, "id": ids, "y": y, **table[catalog.inputs]}
    )
    if size is not None:
        rows = _sample(rows, size)
    labels = rows["y"].to_numpy()
    check_enough_rows(labels, FOLDS, f"{catalog.name}, {len(rows):,} rows")
    number = np.empty(len(rows), dtype=np.int64)
    for fold in repeated_stratified_folds(labels, FOLDS, 1, FOLD_SEED):
        number[fold.test] = fold.fold
    return rows.assign(fold=number)


def fingerprint(system: str, file: Path, settings: Settings) -> str:
    """Return a digest of what decides the predictions of a system: rows, settings, code."""
    parts = [system, hashlib.sha256(file.read_bytes()).hexdigest()]
    if system == OURS:
        parts += [_recipe_settings(settings), *map(_code, _recipe_files(settings.root))]
    else:
        parts += [str(settings.seed), (HERE / "requirements-peers.txt").read_text()]
        parts.append(_code(HERE / f"{SYSTEMS[system].module}.py"))
    if system in BUDGETED:
        parts += [f"{settings.budget_seconds:g} s", f"{settings.threads} threads"]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _sample(rows: pd.DataFrame, size: int) -> pd.DataFrame:
    from sklearn.model_selection import train_test_split

    if size >= len(rows):
        raise ChurnlabError(f"--rows {size}: there are {len(rows):,} rows; ask for fewer, or none")
    drawn, _ = train_test_split(
        np.arange(len(rows)), train_size=size, random_state=FOLD_SEED, stratify=rows["y"]
    )
    return rows.iloc[np.sort(drawn)].reset_index(drop=True)


def _recipe_settings(settings: Settings) -> str:
    params = read_yaml_mapping(settings.root / "params.yaml")
    chosen = {name: params.get(name) for name in RECIPE_SECTIONS}
    chosen["features"] = params.get("features", {}).get(settings.study)
    chosen["models"] = settings.models
    return json.dumps(chosen, sort_keys=True)


def _recipe_files(root: Path) -> list[Path]:
    files = [HERE / "ours.py"]
    for name in RECIPE_SOURCES:
        path = root / name
        files += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return files


def _code(file: Path) -> str:
    """Return the syntax tree: the same for another layout or other comments."""
    return ast.dump(ast.parse(file.read_text(encoding="utf-8")))
