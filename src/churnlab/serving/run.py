"""Worker processes behind one port; one that dies is replaced."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import uvicorn

from churnlab.serving.observing import FOLDER
from churnlab.serving.settings import PREFIX, Settings

GRACE_SECONDS = 30
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
        "audit": {"format": "%(asctime)s audit %(message)s"},
    },
    "handlers": {
        "text": {"class": "logging.StreamHandler", "formatter": "text"},
        "audit": {"class": "logging.StreamHandler", "formatter": "audit"},
    },
    "loggers": {
        "churnlab": {"handlers": ["text"], "level": "INFO", "propagate": False},
        "churnlab.audit": {"handlers": ["audit"], "level": "INFO", "propagate": False},
        "uvicorn": {"handlers": ["text"], "level": "INFO", "propagate": False},
    },
}


def run(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve until a signal: the requests that have begun are answered before the end."""
    threads = settings.threads or max(1, (os.cpu_count() or 1) // workers)
    # Workers are new processes: they read the settings from their environment.
    for name, value in {**settings.model_dump(mode="json"), "threads": threads}.items():
        if value is not None:
            os.environ[PREFIX + name.upper()] = str(value)
    measures = Path(tempfile.mkdtemp(prefix="churnlab-metrics-")) if workers > 1 else None
    if measures:
        # New processes: each reads this before it makes a measure, and writes into the folder.
        os.environ[FOLDER] = str(measures)
    # Uvicorn raises the signal again when it is done, which would leave the folder behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        uvicorn.run(
            "churnlab.serving.application:from_environment",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            loop="uvloop" if os.name == "posix" else "auto",
            http="httptools",
            ws="none",
            access_log=False,
            server_header=False,
            log_config=LOGGING,
            timeout_graceful_shutdown=GRACE_SECONDS,
            ssl_certfile=settings.tls_certificate,
            ssl_keyfile=settings.tls_key,
        )
    finally:
        if measures:
            shutil.rmtree(measures, ignore_errors=True)
