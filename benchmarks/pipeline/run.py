"""Measure time and memory of the pipeline, from nothing and with nothing to do.

For each study: a clone of the checked-out commit with an empty DVC cache, one full
`dvc repro --force report@STUDY`, then runs that find nothing changed, beside an empty pipeline of
as many stages. What is not committed is not measured. Needs Linux, and a machine without other
work.

Writes docs/benchmarks/pipeline.md.
"""

from __future__ import annotations

import argparse
import logging
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Started as a file: the package that it is part of, and that of the pipeline, are found from here.
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.pipeline import measure  # noqa: E402
from benchmarks.pipeline.page import Shares, page  # noqa: E402
from churnlab.config import load_params  # noqa: E402
from churnlab.errors import ChurnlabError  # noqa: E402
from churnlab.serialization import write_text  # noqa: E402

log = logging.getLogger("benchmarks.pipeline")
OUTPUT = ROOT / "docs" / "benchmarks" / "pipeline.md"


def measure_study(
    study: str, stage: str, rounds: int, root: Path = ROOT
) -> tuple[measure.PipelineRun, measure.NoChange]:
    """Return a full run of one study, up to `stage`, and the runs with nothing to do."""
    target = f"{stage}@{study}"
    variables = measure.environment(root)
    with tempfile.TemporaryDirectory(prefix="churnlab-bench-") as name:
        folder = Path(name)
        repository = measure.clone(root, folder)
        log.info("%s: running everything", target)
        run = measure.run_pipeline(repository, target, variables, folder)
        shares = Shares.of(run)
        log.info("%s: %.0f s, %.0f%% no work", target, shares.total, 100 * shares.overhead)
        log.info("%s: running %d times with nothing changed", target, rounds)
        idle = measure.compare_no_change(
            repository, target, len(run.stages), variables, folder, rounds
        )
    return run, idle


def _command(studies: list[str], given: argparse.Namespace) -> str:
    stage = "" if given.stage == "report" else f" --stage {given.stage}"
    return f"python benchmarks/pipeline/run.py --study {','.join(studies)}{stage}"


def _machine(root: Path = ROOT) -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    system = f"{platform.system()} {platform.machine()}"
    return (
        f"Commit {commit.stdout.strip()}, {os.cpu_count()} cores, {system}, "
        f"Python {platform.python_version()}, DVC {version('dvc')}. Times are of this machine; the "
        "shares and ratios are of one run on it."
    )


def _parser(studies: list[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--study", help=f"studies, by comma (default: {','.join(studies)})")
    add("--stage", default="report", help="last stage, for a short trial (default: report)")
    add("--rounds", type=int, default=5, help="runs with nothing changed (default: 5)")
    add("--output", type=Path, default=OUTPUT, help="page to write (default: docs/benchmarks)")
    return parser


def _chosen(text: str | None, known: list[str]) -> list[str]:
    studies = known if text is None else text.split(",")
    if unknown := [study for study in studies if study not in known]:
        raise ChurnlabError(
            f"--study: unknown {', '.join(unknown)}; params.yaml has {', '.join(known)}"
        )
    return studies


def main() -> int:
    """Run what the command line asks for."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    try:
        known = list(load_params(ROOT / "params.yaml").studies)
        given = _parser(known).parse_args()
        if sys.platform != "linux":
            raise ChurnlabError("process times are read from /proc: run this on Linux")
        if given.rounds < 1:
            raise ChurnlabError(f"--rounds {given.rounds}: give 1 or more")
        studies = _chosen(given.study, known)
        found = {study: measure_study(study, given.stage, given.rounds) for study in studies}
        write_text(given.output, page(_command(studies, given), _machine(), found, given.rounds))
        log.info("wrote %s", given.output)
    except ChurnlabError as mistake:
        log.error("error: %s", mistake)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
