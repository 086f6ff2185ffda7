"""The registry as a table for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from churnlab.event_features.definitions import Feature
from churnlab.event_features.windows import Window

WINDOWLESS = ("now", "life")


def dictionary(features: Sequence[Feature]) -> str:
    """Return a Markdown table per family, one row for all windows of a feature."""
    parts = ["# Features of event tables", "", _opening(features)]
    for family, listed in groupby(features, key=lambda feature: feature.family):
        parts += ["", f"## {family}", "", "| feature | unit | where empty | meaning |"]
        parts += ["|---|---|---|---|", *_rows(list(listed))]
    return "\n".join(parts) + "\n"


def _opening(features: Sequence[Feature]) -> str:
    windows = [w for w in dict.fromkeys(f.window for f in features) if w not in WINDOWLESS]
    return (
        "`churnlab features STUDY` prints this page. A row counts at a reference date when it "
        "happened before the midnight at which the date begins and was known before it. "
        f"`WINDOW` is {', '.join(f'`{w}`' for w in windows)} or `life` (everything known); "
        f"{len(features)} features in all."
    )


def _rows(features: Iterable[Feature]) -> list[str]:
    rows: dict[str, str] = {}
    for feature in features:
        name = _general(feature.name, feature.window)
        said = feature.description if feature.window == "now" else _without_window(feature)
        rows.setdefault(name, f"| `{name}` | {feature.unit} | {feature.empty} | {said} |")
    return list(rows.values())


def _general(name: str, window: str) -> str:
    return name if window == "now" else name.removesuffix(window) + "WINDOW"


def _without_window(feature: Feature) -> str:
    days = None if feature.window == "life" else int(feature.window.removesuffix("d"))
    return feature.description.removesuffix(Window(days).words).strip(" ,")
