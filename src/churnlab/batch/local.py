"""Scores of a table on this machine, in batches, so that its length does not matter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from tqdm import tqdm

from churnlab.batch.bad_rows import BadRows
from churnlab.batch.database import TableAddress, connections, is_table
from churnlab.batch.file_target import FileTarget
from churnlab.batch.progress import Progress, State, Target
from churnlab.batch.scorer import Scorer
from churnlab.batch.sources import FileSource, Source
from churnlab.batch.streaming import Scored, output_schema, scored_batches
from churnlab.batch.table_source import TableSource
from churnlab.batch.table_target import TableTarget
from churnlab.errors import ChurnlabError

BATCH_ROWS = 65_536


@dataclass(frozen=True)
class Outcome:
    """What became of a run.

    Attributes:
        progress: rows read, scored and bad.
        was_there: whether the target had all of it before.
    """

    progress: Progress
    was_there: bool


@contextmanager
def opened(
    scorer: Scorer, source: str, target: str, id_column: str
) -> Iterator[tuple[Source, Target]]:
    """Yield the source and the target that two addresses stand for, files or tables.

    Raises:
        ChurnlabError: there is no such source, it lacks columns, or the target cannot be one.
    """
    with connections() as connected:
        columns = scorer.columns
        rows: Source
        if is_table(source):
            address = TableAddress.parse(source)
            rows = TableSource(connected.to(address, reads=True), address, columns, id_column)
        else:
            rows = FileSource(Path(source), columns, id_column)
        scorer.check_names(rows.schema.names, rows.name)
        if is_table(target):
            address = TableAddress.parse(target)
            yield rows, TableTarget(connected.to(address, reads=False), address, id_column)
        else:
            with closing(FileTarget(Path(target))) as file:
                yield rows, file


def score_table(
    scorer: Scorer,
    source: Source,
    target: Target,
    study: str,
    threads: int,
    bad_rows: BadRows | None = None,
    batch_rows: int = BATCH_ROWS,
    tell: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Write what the model does not read of every row, and the answers, in the source's order.

    A run that was cut short goes on where it stopped; one that is complete changes nothing.

    Args:
        scorer: the version.
        source: rows.
        target: where they go.
        study: whose champion it is.
        threads: batches scored at the same time.
        bad_rows: where rows go that cannot be scored; None: the first batch with some is the end.
        batch_rows: rows of a batch.
        tell: hears why what is there is of no use to this run.

    Raises:
        ChurnlabError: there are no rows, one cannot be scored, or source or target fail. What was
            written before stays, to be gone on with.
    """
    if bad_rows:
        bad_rows.check()
    run = _run(scorer, source, study, batch_rows)
    state, why = _usable(target, run, bad_rows)
    if why:
        tell(f"{target.name}: {why}; scored anew")
    if state and state.finished:
        return Outcome(state.progress, was_there=True)
    progress = state.progress if state else Progress()
    batches = scored_batches(
        scorer, source, progress.read, batch_rows, threads, leave_out=bad_rows is not None
    )
    first = list(islice(batches, 1))
    if not first and not progress.read:
        raise ChurnlabError(f"{source.name}: there are no rows")
    if state is None:
        target.start(run, output_schema(source, scorer))
    progress = _write(chain(first, batches), target, progress, bad_rows, source.rows)
    target.finish(progress)
    return Outcome(progress, was_there=False)


def _run(scorer: Scorer, source: Source, study: str, batch_rows: int) -> dict[str, Any]:
    """Return what makes a run this one: with the same, the same rows are written."""
    return {
        "study": study,
        "model_version": scorer.version,
        "date": scorer.date.isoformat(),
        "groups": dict(scorer.groups),
        "id": source.id,
        "input_sha256": source.fingerprint(),
        "batch_rows": batch_rows,
    }


def _usable(
    target: Target, run: dict[str, Any], bad_rows: BadRows | None
) -> tuple[State | None, str]:
    state, why = target.state(run)
    if state and state.progress.bad and not (bad_rows and bad_rows.has(state.progress)):
        return None, f"{state.progress.bad:,} rows were left out, and no --bad-rows tells of them"
    return state, why


def _write(
    batches: Iterable[Scored],
    target: Target,
    progress: Progress,
    bad_rows: BadRows | None,
    total: int | None,
) -> Progress:
    bad_bytes = bad_rows.start(progress.bad_bytes) if bad_rows else 0
    begun = progress.read
    with tqdm(total=total, initial=begun, unit="row", unit_scale=True, disable=None) as bar:
        for batch in batches:
            if bad_rows and batch.bad:
                bad_bytes = bad_rows.append(batch.bad)
            progress = Progress(
                progress.read + batch.read,
                progress.scored + batch.rows.num_rows,
                progress.bad + batch.read - batch.rows.num_rows,
                bad_bytes,
            )
            target.write(batch.rows, progress)
            bar.update(batch.read)
    return progress
