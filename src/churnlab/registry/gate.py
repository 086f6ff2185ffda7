"""What a version has to pass before it becomes champion."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from churnlab.errors import ChurnlabError
from churnlab.evaluation.metrics import HIGHER_IS_BETTER
from churnlab.evaluation.significance import holm
from churnlab.registry.evidence import FOLDER, read_evidence
from churnlab.registry.latency import one_row_milliseconds
from churnlab.registry.promotion import Registry
from churnlab.registry.publishing import PARITY
from churnlab.registry.schema_change import schema_change
from churnlab.registry.versions import Version
from churnlab.review.evidence import Evidence
from churnlab.review.paired import (
    WORSE,
    MetricComparison,
    Rules,
    compare_evidence,
    judge,
    samples_for,
)
from churnlab.review.pairing import check_same_folds

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
    latency: float = 1.0
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
    if rows["test"] != other_rows["test"]:
        reason, bound = "judged on other customers: nothing to pair", "the same test rows"
        return [Check(name, reason, bound, False) for name in ("comparison", "calibration")]
    rules = Rules(
        alpha=bounds.alpha,
        samples=samples_for(bounds.alpha, 1),
        test_only=not _same_folds(one, two),
    )
    found = {metric.metric: metric for metric in compare_evidence(one, two, rules)}
    names = list(dict.fromkeys([one.primary, CALIBRATION]))
    judged = {m.metric: m for m in judge({"": [found[name] for name in names]}, rules)[""]}
    worse = _worse_out_of_fold([judged[name] for name in names], bounds.alpha)
    return [
        _check(f"{label}: {name}", judged[name], name in worse)
        for label, name in (("comparison", one.primary), ("calibration", CALIBRATION))
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


def _same_folds(one: Evidence, two: Evidence) -> bool:
    try:
        check_same_folds(one, two)
    except ChurnlabError:
        return False
    return True


def _worse_out_of_fold(found: Sequence[MetricComparison], alpha: float) -> set[str]:
    """Return the metrics that are worse on the folds, Holm-adjusted over those that were tested."""
    tested = [(one.metric, one.held_out) for one in found if one.held_out is not None]
    adjusted = holm(np.array([test.p_value for _, test in tested]))
    return {
        name
        for (name, test), p_value in zip(tested, adjusted, strict=True)
        if p_value < alpha and (test.difference < 0) == HIGHER_IS_BETTER[name]
    }


def _check(name: str, found: MetricComparison, worse_out_of_fold: bool) -> Check:
    test, folds = found.test, found.held_out
    measured = (
        f"{found.first:.4f} to {found.second:.4f}: {test.difference:+.4f} "
        f"[{test.low:+.4f}, {test.high:+.4f}], p {found.adjusted_p_value:.3f}; out of fold "
    )
    measured += "not paired" if folds is None else f"{folds.difference:+.4f}, p {folds.p_value:.3f}"
    passed = found.verdict != WORSE and not worse_out_of_fold
    return Check(name, measured, "not significantly worse", passed)


def _schema(bundle: Path) -> dict[str, Any]:
    return dict(json.loads((bundle / "schema.json").read_text(encoding="utf-8")))
