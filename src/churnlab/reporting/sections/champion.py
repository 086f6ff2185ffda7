"""The choice of the champion in words, and what it is good for."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from churnlab.reporting.blocks import (
    Cell,
    Figure,
    Figures,
    Paragraph,
    Section,
    Table,
    bold,
    sentence,
)
from churnlab.reporting.results import StudyResults
from churnlab.reporting.wording import (
    LOWER_IS_BETTER,
    interval_text,
    metric_text,
    metric_title,
    model_title,
    number,
    p_value,
    percent,
    signed,
)

HEADLINE = ("roc_auc", "average_precision", "log_loss", "f1", "accuracy")


def headline(results: StudyResults) -> Section:
    """Return the champion, its metrics and what they mean for a campaign."""
    champion = results.champion
    intervals = results.metrics("intervals")
    primary = results.metrics("comparison")["primary"]
    chosen_by = intervals["cv"][champion][primary]
    test = intervals["test"][champion]
    return Section(
        "summary",
        "In short",
        (
            Figures(
                [
                    Figure("champion", model_title(champion)),
                    _figure(f"{metric_title(primary)}, cross-validated", primary, chosen_by),
                    *(
                        _figure(f"{metric_title(name)}, test", name, test[name])
                        for name in HEADLINE
                    ),
                ]
            ),
            Paragraph(_use(results, test)),
            Paragraph(choice(results)),
        ),
    )


def _figure(label: str, metric: str, value: dict[str, float]) -> Figure:
    return Figure(label, metric_text(metric, value["estimate"]), interval_text(metric, value))


def _use(results: StudyResults, test: dict[str, dict[str, float]]) -> Markup:
    threshold = results.metrics("thresholds")[results.champion]
    estimates = {name: value["estimate"] for name, value in test.items()}
    return sentence(
        "On {} that it did not learn from, at the threshold {} it finds {} of those who churn, and "
        "{} of those it flags do churn. Calling the tenth with the highest risk reaches {} of the "
        "churners, {} times as many as by chance.",
        results.subjects,
        number(threshold, 2),
        bold(percent(estimates["recall"], 0)),
        bold(percent(estimates["precision"], 0)),
        bold(percent(0.1 * estimates["top_decile_lift"], 0)),
        metric_text("top_decile_lift", estimates["top_decile_lift"]),
    )


def choice(results: StudyResults) -> Markup:
    """Return the rule that chose the champion, and how it came out, in words."""
    comparison = results.metrics("comparison")
    metric = comparison["primary"]
    cv = results.metrics("cv")
    best, champion = comparison["best"], comparison["champion"]
    rule = sentence(
        "The champion is the best model by cross-validated {}, unless a simpler tuned one loses at "
        "most {} of it and is not significantly worse (corrected resampled t-test, Holm-adjusted, "
        "level {}). The best is {} ({})",
        metric_title(metric).lower(),
        percent(comparison["margin"], 1),
        f"{comparison['alpha']:g}",
        bold(model_title(best)),
        metric_text(metric, cv[best][metric]),
    )
    if champion == best:
        return rule + "; no simpler model comes as close."
    return rule + sentence(
        "; {} ({}) is simpler and as good, and so is the champion.",
        bold(model_title(champion)),
        metric_text(metric, cv[champion][metric]),
    )


def comparison_section(results: StudyResults) -> Section:
    """Return the paired comparisons of the best model with every other."""
    comparison = results.metrics("comparison")
    primary = comparison["primary"]
    words = sentence(
        "Differences in {} {} 0 speak for {}. The cross-validated tests correct for folds that "
        "share training rows (Nadeau & Bengio, 2003); the p-values are Holm-adjusted over the "
        "table. Only these choose the champion; the test part confirms: ROC AUC after DeLong, and "
        "McNemar's count of rows that only the first or only the second model gets right.",
        metric_title(primary).lower(),
        "below" if primary in LOWER_IS_BETTER else "above",
        model_title(comparison["best"]),
    )
    blocks = (Paragraph(choice(results)), comparison_table(results), Paragraph(words))
    return Section("comparison", "Paired comparison", blocks)


def comparison_table(results: StudyResults) -> Table:
    """Return the differences of the best model from every other, with tests and verdict."""
    comparison = results.metrics("comparison")
    best = model_title(comparison["best"])
    metrics = list(dict.fromkeys((comparison["primary"], "roc_auc", "f1")))
    confidence = f"{100 * results.params.evaluate.confidence:g} %"
    return Table(
        f"{best} less the other model, on the same rows, with {confidence} intervals",
        [
            "against",
            *(f"{metric_title(name)}, CV" for name in metrics),
            "p (Holm)",
            "ROC AUC, test",
            "only one right, test",
            "verdict",
        ],
        [_pair(pair, metrics) for pair in comparison["pairs"]],
        texts=frozenset({len(metrics) + 4}),
    )


def _pair(pair: dict[str, Any], metrics: list[str]) -> list[Cell | str]:
    worse = pair["verdict"] == "significantly worse"
    auc, decided = pair["test"]["roc_auc"], pair["test"]["decisions"]
    return [
        model_title(pair["other"]),
        *(_difference(pair["cv"][name]) for name in metrics),
        p_value(pair["adjusted_p_value"]),
        _difference(auc, f"p {_equals(auc['p_value'])}"),
        Cell(
            f"{decided['only_first_right']} : {decided['only_second_right']}",
            f"p {_equals(decided['p_value'])}",
        ),
        Cell(pair["verdict"], tone="quiet" if worse else "good"),
    ]


def _equals(value: float) -> str:
    words = p_value(value)
    return words if words.startswith("<") else f"= {words}"


def _difference(found: dict[str, float], note: str = "") -> Cell:
    bounds = f"{signed(found['low'])} to {signed(found['high'])}"
    return Cell(signed(found["difference"]), note or bounds)
