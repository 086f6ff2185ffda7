"""What a version has to pass before it becomes champion."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from churnlab.errors import ChurnlabError
from churnlab.registry.evidence import FOLDER, read_evidence
from churnlab.registry.latency import one_row_milliseconds
from churnlab.registry.promotion import Registry
from churnlab.registry.publishing import PARITY
from churnlab.registry.schema_change import schema_change
from churnlab.registry.versions import Version
from churnlab.review.paired import (
    WORSE,
    MetricComparison,
    Rules,
    compare_evidence,
    judge,
    samples_for,
)

CALIBRATION = "ece"
FIRST = "there is no champion yet"


@dataclass(frozen=True)
class Bounds:
    """What is asked of a version.

    Attributes:
        parity: largest difference between bundle and trained pipeline, in probability.
        latency: median of one row through ONNX Runtime, in milliseconds.
        alpha: level of the tests, after Holm's adjustment over the two metrics.
        new_inputs: why callers have to send more columns than before; None: they need not.
    """

    parity: float = 1e-5
    latency: float = 2.0
    alpha: float = 0.05
    new_inputs: str | None = None


@dataclass(frozen=True)
class Check:
    """One condition: what was measured, what is asked, and whether that is so."""

    name: str
    measured: str
    bound: str
    passed: bool


def gate(
    registry: Registry, challenger: Version, champion: Version | None, bounds: Bounds
) -> list[Check]:
    """Return every check of a challenger, which is on this machine, against the champion.

    Raises:
        ChurnlabError: what was published is not complete.
    """
    bundle = registry.deployments.bundle(registry.study, challenger.bundle)
    parity = float(registry.tracking.client.get_run(challenger.run).data.metrics[PARITY])
    latency = one_row_milliseconds(bundle)
    return [
        *paired_checks(registry, challenger, champion, bounds),
        schema_check(registry, challenger, champion, bounds),
        Check("parity", f"{parity:.1e}", f"at most {bounds.parity:.0e}", parity <= bounds.parity),
        Check(
            "latency of one row",
            f"{latency:.3f} ms (median)",
            f"at most {bounds.latency:g} ms",
            latency <= bounds.latency,
        ),
    ]


def paired_checks(
    registry: Registry, challenger: Version, champion: Version | None, bounds: Bounds
) -> list[Check]:
    """Return the checks of the primary metric and of the calibration, on the same rows."""
    if champion is None:
        bound = "not significantly worse"
        return [Check(name, FIRST, bound, True) for name in ("comparison", "calibration")]
    with ExitStack() as stack:
        folders = [
            stack.enter_context(registry.versions.files(one, FOLDER))
            for one in (champion, challenger)
        ]
        (one, rows), (two, other_rows) = (
            read_evidence(folder, f"v{version.number}")
            for folder, version in zip(folders, (champion, challenger), strict=True)
        )
    try:
        if rows != other_rows:
            raise ChurnlabError("judged on other customers, so that nothing can be paired")
        rules = Rules(alpha=bounds.alpha, samples=samples_for(bounds.alpha, 1))
        found = {metric.metric: metric for metric in compare_evidence(one, two, rules)}
    except ChurnlabError as reason:
        bound = "the same rows"
        return [Check(name, str(reason), bound, False) for name in ("comparison", "calibration")]
    names = list(dict.fromkeys([one.primary, CALIBRATION]))
    judged = {m.metric: m for m in judge({"": [found[name] for name in names]}, rules)[""]}
    return [
        _check(f"comparison: {one.primary}", judged[one.primary]),
        _check(f"calibration: {CALIBRATION}", judged[CALIBRATION]),
    ]


def schema_check(
    registry: Registry, challenger: Version, champion: Version | None, bounds: Bounds
) -> Check:
    """Return whether rows that the champion takes are taken, and new inputs have a reason."""
    bound = "all that the champion takes"
    if champion is None:
        return Check("schema", FIRST, bound, True)
    registry.obtain(champion)
    one, two = (
        _schema(registry.deployments.bundle(registry.study, version.bundle))
        for version in (champion, challenger)
    )
    change = schema_change(one, two)
    excused = not change.added or bool(bounds.new_inputs)
    reason = f" ({bounds.new_inputs})" if change.added and bounds.new_inputs else ""
    asked = bound if excused else f"{bound}; new inputs need `--new-inputs REASON`"
    return Check("schema", f"{change}{reason}", asked, not change.narrower and excused)


def failed(checks: Sequence[Check]) -> list[str]:
    """Return the names of the checks that did not pass."""
    return [check.name for check in checks if not check.passed]


def _check(name: str, found: MetricComparison) -> Check:
    test = found.test
    measured = (
        f"{found.first:.4f} to {found.second:.4f} "
        f"({test.difference:+.4f} [{test.low:+.4f}, {test.high:+.4f}], "
        f"p {found.adjusted_p_value:.3f})"
    )
    return Check(name, measured, "not significantly worse", found.verdict != WORSE)


def _schema(bundle: Path) -> dict[str, Any]:
    return dict(json.loads((bundle / "schema.json").read_text(encoding="utf-8")))
