"""`churnlab verify`: whether what is committed is what the committed code computes."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from churnlab.verification.verifying import Request, Verification, Watch

STATUS = {"reproduced": 0, "different": 3, "stale": 4}
INTERRUPTED = 130


def verify(
    studies: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[STUDY]...",
            help="Names of studies; by default all that dvc.lock of the revision records.",
        ),
    ] = None,
    revision: Annotated[
        str,
        typer.Option("--from", metavar="REV", help="Branch, tag, commit or DVC experiment."),
    ] = "HEAD",
    exact: Annotated[
        bool, typer.Option("--exact", help="Accept the same bytes only, no tolerance.")
    ] = False,
    repeat: Annotated[
        bool,
        typer.Option(
            "--repeat",
            help="Where bytes differ, run once more: this machine must repeat its own bytes.",
        ),
    ] = False,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep-outputs",
            help="Once reproduced, put what was computed into this repository's DVC cache, so that "
            "`dvc repro` need not compute it again.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Run studies again in a clean checkout and hold every output against what is committed.

    The checkout is temporary, has no cache, and runs with this Python environment; nothing of this
    repository is changed. `churnlab verify telecom` verifies HEAD, `churnlab verify telecom --from
    v1.2` a tag. Each output is identical, within the tolerance that data/tolerances.yaml states and
    justifies, accepted (its bytes say nothing, or are not at hand, but everything made with it
    agrees), or different.

    Status 0: reproduced. 1: could not be verified (no such study or revision, a stage failed).
    3: an output is different. 4: outputs agree, but dvc.lock records other inputs (code, data,
    parameters) than the revision has. 130: interrupted; nothing is left behind.
    """
    from churnlab.paths import find_root
    from churnlab.verification.verifying import Request

    root = find_root(Path.cwd())
    request = Request(root, tuple(studies or ()), revision, exact, repeat)
    result = _verified(request, keep)
    if as_json:
        from churnlab.verification.wording import as_values

        typer.echo(json.dumps(as_values(result), indent=2, ensure_ascii=False))
    else:
        from churnlab.verification.wording import as_text

        typer.echo(as_text(result))
    raise typer.Exit(STATUS[result.outcome])


def _verified(request: Request, keep: bool) -> Verification:
    """Return the verification, showing stages as they run; Ctrl-C ends it with nothing left."""
    from churnlab.verification.revision import uncommitted
    from churnlab.verification.verifying import verify as verify_request

    if request.revision == "HEAD" and (files := uncommitted(request.root)):
        shown = ", ".join(files[:3]) + (f" and {len(files) - 3} more" if len(files) > 3 else "")
        typer.echo(f"warning: HEAD is verified, without what is not committed: {shown}", err=True)
    try:
        with _ended_by_signals(), _progress(request.root, keep) as watch:
            return verify_request(request, watch)
    except KeyboardInterrupt:
        typer.echo("interrupted; the temporary checkout is removed", err=True)
        raise typer.Exit(INTERRUPTED) from None


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and a closed terminal clean up as Ctrl-C does, also in the background."""

    def interrupt(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    names = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {name: signal.signal(name, interrupt) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


@contextmanager
def _progress(root: Path, keep: bool) -> Iterator[Watch]:
    """Yield who shows the stage that runs, on a terminal only."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from churnlab.verification.keeping import keep_outputs
    from churnlab.verification.verifying import Watch

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    quiet = not sys.stderr.isatty()
    with Progress(*columns, console=Console(stderr=True), disable=quiet, transient=True) as bar:
        task = bar.add_task("clean checkout")

        def begin(stages: int) -> None:
            bar.reset(task, total=stages, completed=-1)

        def stage(name: str) -> None:
            bar.update(task, description=name, advance=1)

        def finished(checkout: Path) -> None:
            if keep:
                keep_outputs(checkout, root)

        yield Watch(begin, stage, finished)
