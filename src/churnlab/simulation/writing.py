"""Tables written part by part, CSV like the published ones or Parquet, the same bytes each time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pyarrow as pa

Format = Literal["csv", "parquet"]
FILES = {
    "orders": "olist_orders_dataset",
    "items": "olist_order_items_dataset",
    "payments": "olist_order_payments_dataset",
    "reviews": "olist_order_reviews_dataset",
    "customers": "olist_customers_dataset",
    "products": "olist_products_dataset",
    "sellers": "olist_sellers_dataset",
    "translation": "product_category_name_translation",
    "tickets": "support_tickets",
    "truth": "truth",
}


class TableFiles:
    """One file per table in a folder, open from the first rows to `close`.

    The truth is Parquet whatever the format: no publisher has such a file.
    """

    def __init__(self, folder: Path, file_format: Format) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.format: Format = file_format
        self.rows: dict[str, int] = {}
        self._writers: dict[str, Any] = {}

    def path(self, name: str) -> Path:
        """Return where a table goes."""
        return self.folder / f"{FILES[name]}.{'parquet' if name == 'truth' else self.format}"

    def append(self, name: str, table: pa.Table) -> None:
        """Add rows to a table."""
        if self.path(name).suffix == ".parquet":
            table = table.cast(_in_microseconds(table.schema))
        if name not in self._writers:
            self._writers[name] = _writer(self._part(name), self.path(name).suffix, table.schema)
        self._writers[name].write_table(table)
        self.rows[name] = self.rows.get(name, 0) + table.num_rows

    def close(self) -> None:
        """Give the files their names, once all rows are in."""
        for name, writer in self._writers.items():
            writer.close()
            self._part(name).replace(self.path(name))

    def discard(self) -> None:
        """Remove what was written, after a failure."""
        for name, writer in self._writers.items():
            writer.close()
            self._part(name).unlink(missing_ok=True)

    def _part(self, name: str) -> Path:
        path = self.path(name)
        return path.with_name(f".{path.name}.part")


def _writer(path: Path, suffix: str, schema: pa.Schema) -> Any:
    import pyarrow.csv
    import pyarrow.parquet as pq

    if suffix == ".csv":
        options = pyarrow.csv.WriteOptions(quoting_style="needed")
        return pyarrow.csv.CSVWriter(str(path), schema, write_options=options)
    return pq.ParquetWriter(
        path,
        schema,
        version="2.6",
        compression="zstd",
        compression_level=1,
        data_page_version="1.0",
        store_schema=False,
    )


def _in_microseconds(schema: pa.Schema) -> pa.Schema:
    import pyarrow as pa

    return pa.schema(
        [
            field.with_type(pa.timestamp("us")) if pa.types.is_timestamp(field.type) else field
            for field in schema
        ]
    )
