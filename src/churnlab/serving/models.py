"""The versions that answer, swapped while requests run."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from churnlab.deployments import Deployments
from churnlab.errors import ChurnlabError
from churnlab.serving.faults import RequestError
from churnlab.serving.model import ServedModel
from churnlab.serving.schema import Unknown

log = logging.getLogger(__name__)


@dataclass
class Models:
    """One model per study. A request keeps the one that it began with.

    Attributes:
        deployments: says which version answers.
        tolerance, unknown: of every schema.
        threads: that score a large request together.
        on_swap, on_failure: told of the study (and version) after a swap, and one that failed.
        errors: why the version in service could not be loaded, by study.
    """

    deployments: Deployments
    tolerance: float = 0.0
    unknown: Unknown = "refuse"
    threads: int = 1
    on_swap: Callable[[ServedModel], None] = lambda _: None
    on_failure: Callable[[str], None] = lambda _: None
    errors: dict[str, str] = field(default_factory=dict)
    _loaded: dict[str, ServedModel] = field(default_factory=dict)
    _seen: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def studies(self) -> list[str]:
        """The studies that are answered for."""
        return sorted(self._loaded)

    def of(self, study: str) -> ServedModel:
        """Return the version that answers for a study.

        Raises:
            RequestError: 404; names the studies that there are, or 503 where it failed to load.
        """
        if found := self._loaded.get(study):
            return found
        if study in self.errors:
            message = f"{study}: the version in service could not be loaded; ask an operator"
            raise RequestError(503, "not_loaded", message)
        known = ", ".join(self.studies) or "none yet; `churnlab promote` puts one into service"
        raise RequestError(404, "unknown_study", f"no study of this name; known: {known}")

    def refresh(self) -> None:
        """Load what was put into service since; the version before answers until it is there.

        What could not be loaded is tried again each time: its files may have been mended since.
        """
        for study in self.deployments.studies():
            try:
                found = self.deployments.record_path(study).stat()
            except FileNotFoundError:
                continue
            stamp = (found.st_mtime_ns, found.st_ino)
            if self._seen.get(study) != stamp or study in self.errors:
                self._swap(study)
                self._seen[study] = stamp

    async def watch(self, seconds: float) -> None:
        """Refresh for ever, without holding requests up."""
        while True:
            await asyncio.sleep(seconds)
            try:
                await asyncio.to_thread(self.refresh)
            except Exception:
                # A folder that cannot be read now may be readable again in a moment.
                log.exception("deployments could not be read")

    def _swap(self, study: str) -> None:
        present = self.deployments.current(study)
        before = self._loaded.get(study)
        if present is None or (before and before.version == present.version):
            self.errors.pop(study, None)
            return
        folder = self.deployments.bundle(study, present.version)
        try:
            model = ServedModel.load(study, folder, self.tolerance, self.unknown, self.threads)
            if model.version != present.version:
                raise ChurnlabError(f"{folder}: the bundle there is version {model.version}")
        except (ChurnlabError, OSError, ValueError, KeyError) as error:
            self._failed(study, f"{present.version} stays out of service: {error}")
            return
        # The reader is made before the first request needs it.
        _ = model.json_reader, model.headers
        self.errors.pop(study, None)
        self._loaded[study] = model
        log.info("%s: version %s answers", study, model.version)
        self.on_swap(model)

    def _failed(self, study: str, why: str) -> None:
        """Keep why a version did not load, and tell of it once, not each time that it is tried."""
        if self.errors.get(study) != why:
            log.error("%s: %s", study, why)
            self.on_failure(study)
        self.errors[study] = why
