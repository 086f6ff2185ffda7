"""A comparison as a table, as Markdown, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from churnlab.evaluation.metrics import HIGHER_IS_BETTER
from churnlab.review.paired import BETTER, EQUAL, WORSE, MetricComparison, Rules

if TYPE_CHECKING:
    from rich.console import Group

HEADINGS = ("metric", "first", "second", "difference", "p (Holm)", "verdict", "out of fold")
DIGITS = 4


@dataclass(frozen=True)
class StudyComparison:
    """The comparison of one study.

    Attributes:
        study: its name.
        first, second: revision and model of each side.
        primary: the metric that decides.
        metrics: every metric, judged.
    """

    study: str
    first: str
    second: str
    primary: str
    metrics: Sequence[MetricComparison]

    @property
    def decisive(self) -> MetricComparison:
        """The comparison of the primary metric."""
        return next(one for one in self.metrics if one.metric == self.primary)


def sentence(found: StudyComparison) -> str:
    """Return the outcome by the primary metric, in words."""
    one = found.decisive
    words = {
        BETTER: "is better than",
        WORSE: "is worse than",
        EQUAL: "is equivalent to",
    }.get(one.verdict, "cannot be told from")
    return (
        f"{found.study}: {found.second} {words} {found.first} by {found.primary} "
        f"({one.first:.{DIGITS}f} to {one.second:.{DIGITS}f}, difference {_interval(one)}, "
        f"adjusted p {_p_value(one.adjusted_p_value)})."
    )


def footnote(rules: Rules) -> str:
    """Return what the figures are."""
    folds = (
        "Out of fold: left out, as asked."
        if rules.test_only
        else "Out of fold: corrected resampled t-test over the folds, p not adjusted."
    )
    return (
        f"Second minus first on the same test rows, with {rules.confidence:.0%} intervals; ↑ "
        f"higher is better, ↓ lower is. Adjusted over every row of every table (Holm, level "
        f"{rules.alpha:g}); equivalent: the whole interval within {rules.rope:.1%} of the first. "
        f"{folds}"
    )


def as_markdown(found: Sequence[StudyComparison], rules: Rules) -> str:
    """Return the comparison for a pull request."""
    blocks = []
    for study in found:
        rows = [HEADINGS, ["---"] * len(HEADINGS), *_rows(study)]
        table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        blocks.append(f"**{sentence(study)}**\n\n{table}")
    return "\n\n".join([*blocks, footnote(rules)])


def as_json(found: Sequence[StudyComparison], rules: Rules) -> str:
    """Return everything, keys sorted, for a program."""
    content = {
        "rules": asdict(rules),
        "studies": {
            study.study: {
                "first": study.first,
                "second": study.second,
                "primary": study.primary,
                "verdict": study.decisive.verdict,
                "metrics": {one.metric: _plain(one) for one in study.metrics},
            }
            for study in found
        },
    }
    return json.dumps(content, indent=2, sort_keys=True)


def as_terminal(found: Sequence[StudyComparison], rules: Rules) -> Group:
    """Return the comparison for a rich console."""
    from rich import box
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    styles = {BETTER: "bold green", WORSE: "bold red"}
    parts: list[Any] = []
    for study in found:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
        table.add_column("metric", no_wrap=True)
        for heading in ("first\nsecond", "difference", "p (Holm)"):
            table.add_column(heading, justify="right")
        table.add_column("verdict", no_wrap=True)
        table.add_column("out of fold", justify="right")
        for one, cells in zip(study.metrics, _rows(study), strict=True):
            metric, first, second, difference, p_value, verdict, held_out = cells
            # Two short lines each, so that the table fits the 80 columns of a log.
            table.add_row(
                metric,
                f"{first}\n{second}",
                difference.replace(" [", "\n\\["),
                p_value,
                Text(verdict, styles.get(one.verdict, "")),
                held_out.replace(" (", "\n("),
            )
        parts += [Text(sentence(study), "bold"), table]
    return Group(*parts, Text(footnote(rules), "dim"))


def _rows(study: StudyComparison) -> Iterator[list[str]]:
    for one in study.metrics:
        arrow = "↑" if HIGHER_IS_BETTER[one.metric] else "↓"
        yield [
            f"{one.metric} {arrow}",
            f"{one.first:.{DIGITS}f}",
            f"{one.second:.{DIGITS}f}",
            _interval(one),
            _p_value(one.adjusted_p_value),
            one.verdict,
            _held_out(one),
        ]


def _interval(one: MetricComparison) -> str:
    test = one.test
    return f"{test.difference:+.{DIGITS}f} [{test.low:+.{DIGITS}f}, {test.high:+.{DIGITS}f}]"


def _held_out(one: MetricComparison) -> str:
    if one.held_out is None:
        return "-"
    return f"{one.held_out.difference:+.{DIGITS}f} (p {_p_value(one.held_out.p_value)})"


def _p_value(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _plain(one: MetricComparison) -> Mapping[str, Any]:
    content = {name: value for name, value in asdict(one).items() if name != "metric"}
    return _rounded(content)


def _rounded(content: Any) -> Any:
    if isinstance(content, dict):
        return {name: _rounded(value) for name, value in content.items()}
    return round(content, 6) if isinstance(content, float) else content
