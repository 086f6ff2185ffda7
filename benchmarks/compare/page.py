"""The page of the benchmark: shares of trials with a finding, with their intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from churnlab.evaluation.intervals import wilson_interval

PRIMARY = "log_loss"
VERDICT = "`churnlab compare`: any of 13 metrics called better or worse (Holm)"
TESTS = {
    "verdict": VERDICT,
    "bootstrap": f"paired bootstrap on the test part, {PRIMARY} alone",
    "corrected": f"corrected resampled t-test over the folds, {PRIMARY} alone",
    "naive": f"naive paired t-test over the folds, {PRIMARY} alone",
}
AS_FITTED = {
    "fitted_verdict": VERDICT,
    "fitted_primary": f"`churnlab compare`: {PRIMARY} called better or worse, as `--gate` asks",
    "fitted_and_folds": "any of 13 metrics, by test part and folds both (larger p-value, Holm)",
}


def page(found: pd.DataFrame, command: str) -> str:
    """Return the page.

    Args:
        found: one row per trial, a boolean column per test.
        command: what was run.
    """
    lines = [
        "# False findings of `churnlab compare`",
        "",
        f"```\n{command}\n```",
        "",
        f"{len(found)} trials on new tables, in which neither recipe is better (logistic "
        "regressions on one of two columns that say equally much), and neither fitted model (their "
        "predictions of each test row change places at random, and both use one threshold). At "
        "level 0.05 a sound test finds a difference in at most 5 % of them, give or take what "
        "chance does to such a share.",
        "",
        *_table(found, TESTS, "false findings"),
        "",
        "## Equal recipes, as fitted",
        "",
        "The same trials without the exchange: each model keeps its own predictions and threshold. "
        "The recipes are still equal, the two fitted models no longer: another threshold catches "
        "another share of the churners, and the verdict is about the fitted models. So a verdict "
        "on recall, precision or accuracy alone does not say that a recipe is better. Look at the "
        "primary metric, and at whether the folds agree.",
        "",
        *_table(found, AS_FITTED, "trials with a finding"),
    ]
    return "\n".join(lines) + "\n"


def _table(found: pd.DataFrame, titles: Mapping[str, str], heading: str) -> Iterator[str]:
    yield f"| test | {heading} | 95 % interval |"
    yield "|---|---|---|"
    for name, title in titles.items():
        low, high = wilson_interval(float(found[name].sum()), float(len(found)), 0.95)
        yield f"| {title} | {found[name].mean():.1%} | {low:.1%} to {high:.1%} |"
