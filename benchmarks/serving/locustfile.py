"""500 users who score one row nine times of ten, and 100 rows otherwise."""

from __future__ import annotations

import json
import os
from pathlib import Path

from locust import FastHttpUser, between, task

ASKED = json.loads(Path(os.environ["SERVING_LOAD"]).read_text())


class Caller(FastHttpUser):
    """A system that asks about once in a second, and keeps its connection."""

    host = ASKED["host"]
    wait_time = between(0.5, 1.5)
    connection_timeout = 60.0
    network_timeout = 60.0

    @task(9)
    def one(self) -> None:
        """Score one row."""
        self._post("1 row", ASKED["one"])

    @task(1)
    def hundred(self) -> None:
        """Score a hundred rows."""
        self._post("100 rows", ASKED["hundred"])

    def _post(self, name: str, body: str) -> None:
        self.client.post(ASKED["path"], data=body, headers=ASKED["headers"], name=name)
