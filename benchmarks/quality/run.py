"""Compare the whole recipe with other tools: same rows, same folds, paired intervals.

Every system runs in a process of its own and keeps its predictions fold by fold in
benchmarks/quality/.cache, so that a run which was stopped goes on where it was, and systems can be
run one at a time. The tables hold every system whose predictions are complete and were made with
the present rows, settings and code.

Writes docs/benchmarks/quality-STUDY.json, {system: {metric: {mean, low, high}}}, and the page
quality-STUDY.md beside it.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Container, Sequence
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
# Started as a file: the package that it is part of, and that of the pipeline, are found from here.
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.quality import environment, results, table  # noqa: E402
from benchmarks.quality.cache import Cached, load  # noqa: E402
from benchmarks.quality.page import page  # noqa: E402
from benchmarks.quality.systems import BUDGETED, OURS, SYSTEMS, Settings  # noqa: E402
from churnlab.config import Params, load_params  # noqa: E402
from churnlab.environment import SINGLE_THREADED  # noqa: E402
from churnlab.errors import ChurnlabError  # noqa: E402
from churnlab.serialization import write_json, write_text  # noqa: E402

log = logging.getLogger("benchmarks.quality")
CACHE = table.HERE / ".cache"
DIGITS = 4


def run_study(study: str, chosen: list[str], params: Params, given: argparse.Namespace) -> bool:
    """Run the chosen systems on one study and write its results; False if a system failed."""
    folder = CACHE / (f"{study}-{given.rows}" if given.rows else study)
    settings = Settings(
        ROOT, study, params.seed, params.threads, given.budget_seconds, tuple(given.models)
    )
    rows = table.write_rows(ROOT, study, folder, given.rows)
    finished = [system for system in chosen if _run_system(system, rows, settings)]
    cached = complete(rows, settings)
    earlier = complete_earlier(rows, cached) if given.earlier else {}
    cached = {
        system: (cached | earlier)[system] for system in SYSTEMS if system in cached | earlier
    }
    if cached:
        output = given.output or (folder if given.rows else ROOT / "docs" / "benchmarks")
        command = _command(settings, given.rows)
        confidence = params.evaluate.confidence
        write_results(output, cached, list(earlier), command, settings, confidence)
    return finished == chosen


def complete(rows: Path, settings: Settings) -> dict[str, Cached]:
    """Return the systems with valid predictions of every fold."""
    found = {}
    for system in SYSTEMS:
        expected = table.fingerprint(system, rows, settings)
        cached = load(rows.with_name(f"{system}.parquet"), expected)
        if cached and len(cached.notes) == table.FOLDS:
            found[system] = cached
    return found


def complete_earlier(rows: Path, present: Container[str]) -> dict[str, Cached]:
    """Return the other systems with predictions of the same rows by earlier code or settings."""
    keys = ["row", "fold", "y"]
    expected = pd.read_parquet(rows)[keys].sort_values(keys, ignore_index=True)
    found = {}
    for system in SYSTEMS:
        cached = load(rows.with_name(f"{system}.parquet"), None)
        if system in present or cached is None or len(cached.notes) != table.FOLDS:
            continue
        test = cached.predictions.query("part == 'test'")[keys]
        if test.sort_values(keys, ignore_index=True).equals(expected):
            found[system] = cached
    return found


def write_results(
    output: Path,
    cached: dict[str, Cached],
    earlier: Sequence[str],
    command: str,
    settings: Settings,
    confidence: float,
) -> None:
    """Write the JSON and the Markdown page of one study."""
    folds = results.fold_metrics(cached)
    means = results.means(folds, confidence)
    text = page(
        settings.study,
        command,
        means,
        results.differences(folds, confidence),
        cached,
        earlier,
        rows=int((next(iter(cached.values())).predictions["part"] == "test").sum()),
        budget=settings.budget_seconds,
        threads=settings.threads,
        confidence=confidence,
    )
    write_json(output / f"quality-{settings.study}.json", means, digits=DIGITS)
    write_text(output / f"quality-{settings.study}.md", text)
    log.info("wrote %s", output / f"quality-{settings.study}.md")


def _command(settings: Settings, size: int | None) -> str:
    options = (
        f"--study {settings.study} --models {','.join(settings.models)} "
        f"--budget-seconds {settings.budget_seconds:g}"
    )
    return f"python benchmarks/quality/run.py {options}{f' --rows {size}' if size else ''}"


def _run_system(system: str, rows: Path, settings: Settings) -> bool:
    python = sys.executable if system == OURS else str(environment.peers_python())
    paths = [ROOT, ROOT / "src"] if system == OURS else [ROOT]
    limits = dict.fromkeys(SINGLE_THREADED, "1") if system == OURS else {}
    arguments = {
        "system": system,
        "study": settings.study,
        "fingerprint": table.fingerprint(system, rows, settings),
        "root": ROOT,
        "rows": rows,
        "predictions": rows.with_name(f"{system}.parquet"),
        "seed": settings.seed,
        "threads": settings.threads,
        "budget-seconds": settings.budget_seconds,
        "models": ",".join(settings.models),
    }
    options = [text for name, value in arguments.items() for text in (f"--{name}", str(value))]
    log.info("%s, %s: starting", settings.study, system)
    done = subprocess.run(
        [python, "-m", "benchmarks.quality.worker", *options],
        # Some tools write logs into the folder that they are started in.
        cwd=rows.parent,
        env={**os.environ, **limits, "PYTHONPATH": os.pathsep.join(map(str, paths))},
        check=False,
    )
    if done.returncode:
        log.error("%s, %s: ended with %d", settings.study, system, done.returncode)
    return done.returncode == 0


def _parser(params: Params) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--study", help=f"studies, by comma (default: {','.join(params.studies)})")
    add("--systems", help=f"systems, by comma (default: {','.join(SYSTEMS)}); none: tables only")
    add("--models", help=f"families of our recipe, by comma (default: {','.join(params.models)})")
    add(
        "--budget-seconds",
        type=_positive,
        default=300.0,
        help=f"of search per fold for {' and '.join(BUDGETED)} (default: 300)",
    )
    add(
        "--earlier",
        action="store_true",
        help="also show predictions of the same rows by an earlier state of the code, named so",
    )
    add("--rows", type=int, help="a trial on so many rows; its results stay in the cache")
    add("--output", type=Path, help="folder of the results (default: docs/benchmarks)")
    return parser


def _positive(text: str) -> float:
    if (value := float(text)) <= 0:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def _names(text: str | None, known: list[str], what: str) -> list[str]:
    chosen = known if text is None else [name for name in text.split(",") if name != "none"]
    if unknown := [name for name in chosen if name not in known]:
        raise ChurnlabError(f"unknown {what} {', '.join(unknown)}; known are {', '.join(known)}")
    return chosen


def main() -> int:
    """Run what the command line asks for; 1 where a system failed."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    # Like Ctrl-C: an exception, on which the running worker is ended too.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        params = load_params(ROOT / "params.yaml")
        given = _parser(params).parse_args()
        given.models = (
            list(params.models)
            if given.models is None
            else _names(given.models, list(params.tune.space), "model")
        )
        studies = _names(given.study, list(params.studies), "study")
        systems = _names(given.systems, list(SYSTEMS), "system")
        # All of them, also where a system of the first one failed.
        succeeded = [run_study(study, systems, params, given) for study in studies]
        return 0 if all(succeeded) else 1
    except ChurnlabError as mistake:
        log.error("error: %s", mistake)
        return 1


if __name__ == "__main__":
    sys.exit(main())
