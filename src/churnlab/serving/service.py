"""All that requests share in one process."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from starlette.requests import Request

from churnlab.deployments import Deployments
from churnlab.serving.access import may
from churnlab.serving.faults import RequestError
from churnlab.serving.keys import Key, Keys
from churnlab.serving.limits import Limiter, limiter
from churnlab.serving.models import Models
from churnlab.serving.observing import Metrics
from churnlab.serving.settings import Settings

SCHEME = "Bearer "


@dataclass
class Service:
    """Settings, models, keys, limits and measures.

    Attributes:
        settings: as the process was started with.
        metrics: what Prometheus reads.
    """

    settings: Settings
    metrics: Metrics = field(default_factory=Metrics)

    @cached_property
    def deployments(self) -> Deployments:
        """Which versions are in service."""
        return Deployments(self.settings.deployments)

    @cached_property
    def models(self) -> Models:
        """The loaded versions."""
        return Models(
            self.deployments,
            self.settings.range_tolerance,
            self.settings.unknown_categories,
            self.settings.threads,
            on_swap=lambda model: self.metrics.swapped(model.study, model.version),
            on_failure=lambda study: self.metrics.failures.labels(study).inc(),
        )

    @cached_property
    def keys(self) -> Keys:
        """Who may ask."""
        return Keys(self.settings.keys)

    @cached_property
    def limiter(self) -> Limiter:
        """How often."""
        return limiter(self.settings.rate, self.settings.online_store)

    def authorise(self, request: Request, action: str) -> Key:
        """Return the key of a request that may do an action, and count the request.

        Raises:
            RequestError: 401 without a good key, 403 for another role, 429 too often.
        """
        key = self.keys.check(_sent_key(request))
        if key is None:
            raise RequestError(
                401,
                "no_key",
                "no valid key; send 'Authorization: Bearer <key>'",
                headers={"WWW-Authenticate": 'Bearer realm="churnlab"'},
            )
        request.state.key = key
        if not may(key.role, action):
            raise RequestError(403, "not_allowed", f"a {key.role} key may not do this")
        self.count(key)
        return key

    def count(self, key: Key) -> None:
        """Count a request of a key.

        Raises:
            RequestError: 429, with the seconds after which the next one may come.
        """
        if (wait := self.limiter.wait(key.id)) > 0:
            raise RequestError(
                429,
                "too_often",
                f"more than {self.settings.rate:,} requests a minute; try again in {wait:.1f} s",
                headers={"Retry-After": str(max(1, round(wait)))},
            )


def _sent_key(request: Request) -> str:
    sent = request.headers.get("authorization", "")
    if sent.startswith(SCHEME):
        return sent[len(SCHEME) :].strip()
    return request.headers.get("x-api-key", "")


def service_of(request: Request) -> Service:
    """Return the service of the process that answers."""
    return request.app.state.service
