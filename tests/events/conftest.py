"""Small tables through the events stage, read back."""

import json

import pandas as pd
import pytest

from churnlab.events.normalising import normalise
from events.tables import sound, write


class Written:
    """What the stage wrote."""

    def __init__(self, folder):
        self.folder = folder
        self.quality = json.loads((folder / "quality.json").read_text())

    def __getitem__(self, table):
        return pd.read_parquet(self.folder / f"{table}.parquet")

    def rule(self, table, name):
        """Return what one rule found."""
        found = [r for r in self.quality["rules"] if (r["table"], r["rule"]) == (table, name)]
        assert len(found) == 1
        return found[0]

    @property
    def files(self):
        return {file.name for file in self.folder.iterdir()}


@pytest.fixture
def run(tmp_path, olist):
    """Run the small tables, changed and with some left out, through the stage."""

    def run_events(change=lambda rows: None, without=(), catalog=olist, into="events"):
        rows = {name: content for name, content in sound().items() if name not in without}
        change(rows)
        raw = write(tmp_path / f"raw-{into}", rows, catalog)
        normalise(catalog, raw, tmp_path / "typed" / into)
        return Written(tmp_path / "typed" / into)

    return run_events
