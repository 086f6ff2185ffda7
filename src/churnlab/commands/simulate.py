"""`churnlab simulate`: a marketplace of any size, of which the truth is known."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import yaml

from churnlab.errors import ChurnlabError

if TYPE_CHECKING:
    from churnlab.simulation.market import Market


class Format(StrEnum):
    """Formats of the tables."""

    csv = "csv"
    parquet = "parquet"


Kind = Annotated[str, typer.Argument(metavar="KIND", help="What to simulate: olist.")]
Sellers = Annotated[int, typer.Option(help="Number of sellers.")]
Months = Annotated[int, typer.Option(help="Number of months from January 2017 on.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same bytes.")]
Output = Annotated[Path, typer.Option(help="Folder that receives the tables.")]
Orders = Annotated[
    int | None, typer.Option(help="Expected number of orders; about 20 per seller by default.")
]
Study = Annotated[
    str | None,
    typer.Option(help="Write the catalog of a study of this name too, for the pipeline."),
]
FileFormat = Annotated[Format, typer.Option("--format", help="CSV as published, or Parquet.")]


def simulate(
    kind: Kind,
    sellers: Sellers,
    months: Months,
    output: Output,
    seed: Seed = 42,
    orders: Orders = None,
    file_format: FileFormat = Format.csv,
    study: Study = None,
) -> None:
    """Write made-up tables of a marketplace, and the true chance of churn of each seller and month.

    `churnlab simulate olist --sellers 300 --months 20 --seed 1 --output simulated` writes the eight
    published tables of olist, support tickets, and truth.parquet: state, hazard and probability of
    no sale within 45 days, per seller and first day of a month.
    """
    from churnlab.simulation.market import Market
    from churnlab.simulation.marketplace import simulate as simulate_market

    if kind != "olist":
        raise ChurnlabError(f"simulate: unknown kind '{kind}'; only olist can be simulated")
    if study is not None:
        _check_name(study)
    market = Market(sellers, months, seed, orders)
    rows = simulate_market(market, output, file_format.value)
    for name, number in rows.items():
        typer.echo(f"{name:12} {number:>13,} rows")
    if study is not None:
        _write_catalog(study, market, output, file_format)


def _check_name(study: str) -> None:
    from churnlab.paths import catalog_path, find_root

    path = catalog_path(find_root(Path.cwd()), study)
    if not study.isidentifier() or path.exists():
        reason = "exists already" if path.exists() else "needs letters, digits and _ as its name"
        raise ChurnlabError(f"{path}: the study {reason}; choose another name")


def _write_catalog(study: str, market: Market, output: Path, file_format: Format) -> None:
    from churnlab.config import load_event_catalog
    from churnlab.paths import catalog_path, find_root
    from churnlab.serialization import write_text
    from churnlab.simulation.catalog import as_document, simulated_catalog

    root = find_root(Path.cwd())
    published = load_event_catalog("olist", root)
    catalog = simulated_catalog(published, study, market, output, file_format.value)
    text = yaml.safe_dump(as_document(catalog), sort_keys=False, allow_unicode=True, width=100)
    write_text(catalog_path(root, study), text)
    typer.echo(
        f"\nWritten: data/catalog/{study}.yaml. Add {study} to studies: and event_studies: of "
        f"params.yaml and give it an entry in events: (olist's is a start); then dvc repro "
        f"events@{study}"
    )
