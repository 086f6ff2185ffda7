"""A small study whose table is written as text, so that each test can spoil one thing."""

import pytest

from churnlab.config import Catalog
from churnlab.data.sources import sha256
from data.tables import table


@pytest.fixture(scope="session")
def small():
    """The catalog of the small study."""
    content = table().encode()

    def column(kind, role, privacy="behavioural", **more):
        return {"type": kind, "role": role, "privacy": privacy, "description": "-", **more}

    return Catalog.model_validate(
        {
            "name": "small",
            "title": "Small",
            "source": {
                "file": "small.csv",
                "sha256": sha256(content),
                "bytes": len(content),
                "licence": "MIT",
                "citation": "made for tests",
            },
            "id": "number",
            "target": {"column": "left", "positive": "yes", "negative": "no"},
            "split": {"published_train_rows": 28},
            "columns": {
                "number": column("numeric", "identifier", "identifier", integer=True),
                "plan": column("categorical", "input", categories=["basic", "family", "premium"]),
                "minutes": column("numeric", "input", min=0.0, max=100.0),
                "calls": column("numeric", "input", min=0.0, integer=True),
                "left": column("categorical", "target", "label", categories=["no", "yes"]),
            },
        }
    )


@pytest.fixture
def write(tmp_path):
    """Write the text of a table to a file."""

    def write(text):
        file = tmp_path / "small.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    return write
