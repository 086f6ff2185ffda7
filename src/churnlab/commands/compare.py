"""`churnlab compare`: is one revision better than another, on the same customers?"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from churnlab.errors import ChurnlabError

if TYPE_CHECKING:
    from churnlab.review.paired import Rules
    from churnlab.review.rendering import StudyComparison
    from churnlab.review.revisions import Revision

GATE_STATUS = 3


class Format(StrEnum):
    """How the comparison is printed."""

    table = "table"
    markdown = "markdown"
    json = "json"


def compare(
    first: Annotated[str, typer.Argument(metavar="REV_A", help="The revision to compare with.")],
    second: Annotated[
        str, typer.Argument(metavar="[REV_B]", help="The revision in question.")
    ] = "workspace",
    study: Annotated[
        list[str] | None,
        typer.Option(help="A study; may be repeated. By default all that both revisions have."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Model of both sides, such as xgb; by default each champion.")
    ] = None,
    model_b: Annotated[
        str | None, typer.Option("--model-b", help="Model of the second side, if another.")
    ] = None,
    output: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.table,
    rope: Annotated[
        float, typer.Option(min=0, help="Region of practical equivalence, share of the metric.")
    ] = 0.01,
    alpha: Annotated[float, typer.Option(min=0.001, max=1, help="Level of the tests.")] = 0.05,
    test_only: Annotated[
        bool,
        typer.Option("--test-only", help="Leave the folds out: where they differ, as by `seed`."),
    ] = False,
    gate: Annotated[
        bool,
        typer.Option("--gate", help="End with status 3 if a primary metric is worse."),
    ] = False,
) -> None:
    """Compare the predictions of two revisions: paired, with intervals and a verdict in words.

    REV_A and REV_B are branches, tags, commits, experiments of `dvc exp`, or `workspace`. Nothing
    is checked out: predictions come from DVC's cache or remote.

    `churnlab compare main HEAD` compares the champions; `churnlab compare HEAD HEAD --model
    xgb_baseline --model-b xgb` two models of one revision; `churnlab compare main --gate` fails
    when the workspace is significantly worse, by the primary metric of REV_A.

    Another `seed` draws other folds, which cannot be paired: `churnlab compare HEAD my-seed-7
    --test-only` compares what both say of the same test rows.
    """
    from churnlab.review import rendering
    from churnlab.review.paired import Rules

    rules = Rules(alpha=alpha, rope=rope, test_only=test_only)
    found, rules = _compared((first, second), study or [], (model, model_b or model), rules)
    if output is Format.table:
        from rich.console import Console

        Console(highlight=False).print(rendering.as_terminal(found, rules))
    else:
        render = rendering.as_markdown if output is Format.markdown else rendering.as_json
        typer.echo(render(found, rules))
    if gate and any(one.decisive.verdict == "worse" for one in found):
        typer.echo("gate: a primary metric is significantly worse", err=True)
        raise typer.Exit(GATE_STATUS)


def _compared(
    names: tuple[str, str], studies: list[str], models: tuple[str | None, str | None], rules: Rules
) -> tuple[list[StudyComparison], Rules]:
    """Return the comparisons, and the rules with as many resamples as their number needs."""
    from churnlab.paths import find_root
    from churnlab.review.evidence import load_evidence
    from churnlab.review.paired import compare_evidence, judge, samples_for
    from churnlab.review.rendering import StudyComparison
    from churnlab.review.revisions import Revision

    root = find_root(Path.cwd())
    sides = Revision(root, names[0]), Revision(root, names[1])
    evidence = {
        study: (
            load_evidence(sides[0], study, models[0]),
            load_evidence(sides[1], study, models[1]),
        )
        for study in studies or _common_studies(root, sides)
    }
    rules = replace(rules, samples=samples_for(rules.alpha, len(evidence)))
    compared = {study: compare_evidence(one, two, rules) for study, (one, two) in evidence.items()}
    found = [
        StudyComparison(study, one.label, two.label, one.primary, metrics)
        for (study, metrics), (one, two) in zip(
            judge(compared, rules).items(), evidence.values(), strict=True
        )
    ]
    return found, rules


def _common_studies(root: Path, sides: tuple[Revision, Revision]) -> list[str]:
    """Return the studies of params.yaml that have been judged in both revisions."""
    from churnlab.config import load_params
    from churnlab.paths import StudyPaths
    from churnlab.review.revisions import MissingFileError

    def judged(study: str, side: Revision) -> bool:
        try:
            side.read(StudyPaths(Path(), study).metrics("comparison"))
        except MissingFileError:
            return False
        return True

    studies = load_params(root / "params.yaml").studies
    common = [study for study in studies if all(judged(study, side) for side in sides)]
    if not common:
        raise ChurnlabError(
            f"{' and '.join(side.name for side in sides)} have no judged study in common; "
            f"params.yaml names {', '.join(studies)}; run `dvc repro` and commit, or name another "
            "revision"
        )
    return common
