"""The Markdown page of one study."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from benchmarks.quality.cache import Cached
from benchmarks.quality.results import JUDGED, Means
from benchmarks.quality.systems import SYSTEMS
from churnlab.evaluation.metrics import HIGHER_IS_BETTER
from churnlab.evaluation.significance import PairedTest

METHOD = """\
- Folds: `StratifiedKFold(5, shuffle=True, random_state=20261122)` on all {rows:,} rows. Intervals \
({confidence:.0%}) are corrected for the overlap of training sets (Nadeau & Bengio, 2003).
- Every system gets the published columns without identifiers and leaks. Churnlab adds the study's \
features; all that it chooses (columns, parameters, blend, calibration, champion, threshold) it \
chooses inside the fold, as the stages of the pipeline do.
- The threshold of f1 and accuracy is chosen by one rule for all, on predictions of training rows \
by models that did not see them: 5 inner folds for Churnlab and the default libraries, 5 refits of \
the configuration that FLAML found, and AutoGluon's own out-of-fold predictions.
- Default libraries: category columns one-hot for Random Forest, native for the others. FLAML and \
AutoGluon optimise log loss and have {budget:g} s per fold to search; refits and predictions come \
on top. AutoGluon runs without torch and ray: no neural networks, folds one after the other.
"""


def page(
    study: str,
    command: str,
    found: Means,
    paired: Mapping[str, Mapping[str, PairedTest]],
    cached: Mapping[str, Cached],
    earlier: Sequence[str],
    *,
    rows: int,
    budget: float,
    threads: int,
    confidence: float,
) -> str:
    """Return the page: command, means, paired differences, method, and what it took."""
    method = METHOD.format(rows=rows, budget=budget, confidence=confidence)
    sections = [
        f"# Quality on {study}\n",
        "The whole recipe, tuned inside every fold, beside other tools on the same rows.\n",
        f"```\n{command}\n```\n",
        f"## Means over 5 folds\n\n{_means_table(found)}",
        _paired_section(paired),
        _missing(list(found)),
        _earlier(earlier),
        f"## How it was measured\n\n{method}",
        f"## What it took\n\n{_effort_table(cached)}",
        f"\nSeconds are wall time with {threads} threads, thresholds included.\n",
    ]
    return "\n".join(section for section in sections if section)


def _means_table(found: Means) -> str:
    best = {
        name: (max if HIGHER_IS_BETTER[name] else min)(m[name]["mean"] for m in found.values())
        for name in JUDGED
    }
    rows = []
    for system, metrics in found.items():
        cells = []
        for name in JUDGED:
            value = metrics[name]
            mean = f"{value['mean']:.4f}"
            shown = f"**{mean}**" if value["mean"] == best[name] else mean
            cells.append(f"{shown} [{value['low']:.4f}, {value['high']:.4f}]")
        rows.append([SYSTEMS[system].title, *cells])
    return _table(["system", *JUDGED], rows)


def _paired_section(paired: Mapping[str, Mapping[str, PairedTest]]) -> str:
    if not paired:
        return ""
    rows = [
        [SYSTEMS[system].title, *(_difference(name, tests[name]) for name in JUDGED)]
        for system, tests in paired.items()
    ]
    return (
        "## Churnlab minus the other, paired by fold\n\n"
        "Above 0 is better, but for log loss and Brier, where below 0 is. `ahead` and `behind`: "
        f"the interval excludes 0.\n\n{_table(['system', *JUDGED], rows)}"
    )


def _difference(name: str, test: PairedTest) -> str:
    shown = f"{test.difference:+.4f} [{test.low:+.4f}, {test.high:+.4f}]"
    if test.low <= 0 <= test.high:
        return shown
    return f"{shown} {'ahead' if (test.difference > 0) == HIGHER_IS_BETTER[name] else 'behind'}"


def _missing(present: Sequence[str]) -> str:
    absent = [f"`{name}`" for name in SYSTEMS if name not in present]
    return f"Not run with these rows, settings and code: {', '.join(absent)}.\n" if absent else ""


def _earlier(systems: Sequence[str]) -> str:
    names = ", ".join(f"`{system}`" for system in systems)
    return f"By an earlier state of the code or its settings: {names}.\n" if names else ""


def _effort_table(cached: Mapping[str, Cached]) -> str:
    rows = []
    for system, results in cached.items():
        notes = [results.notes[fold] for fold in sorted(results.notes)]
        seconds = ", ".join(f"{note['seconds']:.0f}" for note in notes)
        chosen = Counter(note["model"] for note in notes if "model" in note)
        models = ", ".join(f"{model} ({count})" for model, count in chosen.most_common())
        versions = ", ".join(f"{name} {number}" for name, number in results.versions.items())
        title = SYSTEMS[system].title
        rows.append([title, seconds, models or "", versions])
    return _table(["system", "seconds per fold", "chosen model (folds)", "versions"], rows)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
