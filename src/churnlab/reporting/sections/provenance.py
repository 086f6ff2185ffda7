"""The section on provenance: what the page was made from, so that it can be made again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from churnlab.config.params import Split
from churnlab.reporting.blocks import Aside, Block, Paragraph, Section, Table, code, sentence
from churnlab.reporting.results import StudyResults
from churnlab.reporting.wording import count


def provenance_section(results: StudyResults) -> Section:
    """Return hashes, seeds and every parameter that this study was run with."""
    source, params = results.catalog.source, results.params
    rows: list[list[Any]] = [
        ["published file", code(source.file)],
        ["SHA-256", code(source.sha256)],
        ["size", f"{count(source.bytes)} bytes"],
        ["seed of everything", str(params.seed)],
        ["seed of the split", str(params.split.seed)],
    ]
    if results.has_metrics("export"):
        parity = results.metrics("export")
        rows.append(
            [
                "exported champion",
                f"at most {parity['largest_difference']:.1e} from the trained one in probability "
                f"on {count(parity['rows'])} test rows",
            ]
        )
    blocks: list[Block] = [
        Table("Made from", ["what", "value"], rows, frozenset({1})),
        Aside("Every parameter", [_parameters(results)]),
        Paragraph(
            sentence(
                "The same commit gives this page byte for byte: {}. No time, host or machine is in "
                "it, and no single customer.",
                code(f"dvc repro --force report@{results.study}"),
            )
        ),
    ]
    return Section("provenance", "Provenance", blocks)


def _parameters(results: StudyResults) -> Table:
    content = results.params.model_dump(mode="json")
    # Which other studies there are and how many threads run change nothing here.
    named = {*content.pop("studies"), *content["features"], *content["split"]}
    del content["threads"]
    others = named - {*Split.model_fields, results.study}
    rows = [
        [code(name), value]
        for name, value in _flat(content)
        if not others.intersection(name.split("."))
    ]
    return Table("params.yaml", ["parameter", "value"], rows, frozenset({1}))


def _flat(content: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in content.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, list):
            yield f"{prefix}{name}", ", ".join(map(str, value))
        elif value is not None:
            yield f"{prefix}{name}", str(value)
