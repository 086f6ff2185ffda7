"""One way to score a folder of Parquet files, in a process of its own; prints rows and seconds.

python benchmarks/batch/worker.py WAY STUDY FOLDER OUTPUT
"""

from __future__ import annotations

import datetime
import json
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from churnlab.environment import settle  # noqa: E402

settle()


def by_pipeline(study: str, folder: Path, output: Path) -> None:
    """Score all rows at once with the fitted estimators, as a notebook would."""
    import pandas as pd

    from churnlab.config import load_params
    from churnlab.stages.champions import load_champion
    from churnlab.stages.context import StudyContext

    context = StudyContext.load(ROOT, study, load_params(ROOT / "params.yaml"))
    rows = pd.read_parquet(folder)
    pd.DataFrame({"id": rows["id"], "p": load_champion(context).predict(rows)}).to_parquet(output)


def by_bundle(study: str, folder: Path, output: Path, threads: int) -> None:
    """Score batch by batch with the exported bundle."""
    from churnlab.batch.local import opened, score_table

    scorer = _scorer(study)
    with opened(scorer, str(folder), str(output), "id") as (source, target):
        score_table(scorer, source, target, study, threads)


def by_spark(study: str, folder: Path, output: Path) -> None:
    """Score with the exported bundle on two workers of Spark, whose start is not counted."""
    from churnlab.batch.cluster import score_on_spark

    score_on_spark(_scorer(study), str(folder), str(output), threads=2)


def _scorer(study: str) -> Any:
    from churnlab.batch.scorer import Scorer
    from churnlab.config import load_params

    groups = load_params(ROOT / "params.yaml").score.groups
    return Scorer.load(ROOT / "bundles" / study, groups, datetime.date.today())


WAYS: dict[str, Any] = {
    "pipeline": by_pipeline,
    "bundle, 1 thread": partial(by_bundle, threads=1),
    "bundle, 2 threads": partial(by_bundle, threads=2),
    "Spark, 2 workers": by_spark,
}


def main() -> None:
    """Run the way that the command line names."""
    way, study, folder, output = sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])
    if way.startswith("Spark"):
        from churnlab.event_features.engines import spark_session

        spark_session(2).range(1).count()
    begin = time.monotonic()
    WAYS[way](study, folder, output)
    sys.stdout.write(json.dumps({"seconds": time.monotonic() - begin}) + "\n")


if __name__ == "__main__":
    main()
