"""Settings of the service, from the environment; a wrong one ends the start with its name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, DirectoryPath, Field, ValidationError

from churnlab.errors import ChurnlabError
from churnlab.serving.schema import Unknown

PREFIX = "CHURNLAB_"
# A variable of this ending names a file that holds the value: secrets of containers are files.
FILE = "_FILE"


class Settings(BaseModel):
    """What operators set; each is the variable of its name in capitals after `CHURNLAB_`.

    Attributes:
        home: folder of deployments, keys and lists of this machine.
        repository: that the feature store is of; where there is none, see `store_root`.
        online_store: Redis of the feature store and of the rate limits; per process without one.
        rate: requests of a key in a minute.
        most_rows, most_bytes: of one request.
        most_reasons: rows of one request whose reasons are told.
        seconds: after which a request is given up.
        threads: that score a large request together; 0: the cores divided by the workers.
        watch_seconds: between two looks for another version.
        range_tolerance: share of a column's range by which a number may be beyond its bound.
        unknown_categories: whether they are refused, or scored as none of those known.
        open_metrics: `/metrics` without a key, for networks where only Prometheus reaches it.
        tls_certificate, tls_key: files; HTTPS where they are set.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path = Path(".churnlab")
    repository: DirectoryPath | None = None
    online_store: str = ""
    rate: Annotated[int, Field(ge=1)] = 60_000
    most_rows: Annotated[int, Field(ge=1)] = 10_000
    most_bytes: Annotated[int, Field(ge=1_000)] = 16 * 2**20
    most_reasons: Annotated[int, Field(ge=0)] = 100
    seconds: Annotated[float, Field(gt=0)] = 30.0
    threads: Annotated[int, Field(ge=0)] = 0
    watch_seconds: Annotated[float, Field(gt=0)] = 1.0
    range_tolerance: Annotated[float, Field(ge=0, le=1)] = 0.0
    unknown_categories: Unknown = "refuse"
    open_metrics: bool = False
    tls_certificate: Path | None = None
    tls_key: Path | None = None

    @property
    def store_root(self) -> Path | None:
        """The repository whose feature store is asked; None where nothing says which it is.

        A home named `.churnlab` is the private folder of the repository around it; one of another
        name may be anywhere.
        """
        home = self.home.resolve()
        return self.repository or (home.parent if home.name == ".churnlab" else None)

    @property
    def deployments(self) -> Path:
        """Versions in service."""
        return self.home / "deployments"

    @property
    def lists(self) -> Path:
        """Lists of customers by risk that were published."""
        return self.home / "lists"

    @property
    def keys(self) -> Path:
        """The file of the hashed keys."""
        return self.home / "keys.db"


def read_settings(environment: Mapping[str, str], **given: Any) -> Settings:
    """Return the settings; what is given comes before the environment.

    Raises:
        ChurnlabError: a setting is wrong; names its variable, the value and what is allowed.
    """
    named = {name: value for name, value in given.items() if value is not None}
    set_here = {
        name: value
        for name in Settings.model_fields
        if (value := _value(PREFIX + name.upper(), environment)) is not None
    }
    try:
        found = Settings(**{**set_here, **named})
    except ValidationError as error:
        lines = [
            f"{PREFIX}{str(wrong['loc'][0]).upper()}: {wrong['msg']}; it is {wrong['input']!r}"
            for wrong in error.errors()
        ]
        raise ChurnlabError("\n".join(lines)) from None
    if (found.tls_certificate is None) != (found.tls_key is None):
        raise ChurnlabError(
            f"{PREFIX}TLS_CERTIFICATE and {PREFIX}TLS_KEY belong together; set both or neither"
        )
    for path in (found.tls_certificate, found.tls_key):
        if path is not None and not path.is_file():
            raise ChurnlabError(f"{path}: there is no such file, and HTTPS needs it")
    return found


def _value(variable: str, environment: Mapping[str, str]) -> str | None:
    """Return what a variable says, or the file that its twin names; None where neither is set."""
    file = environment.get(variable + FILE)
    if variable in environment or file is None:
        return environment.get(variable)
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ChurnlabError(f"{variable}{FILE}: {file} cannot be read: {error}") from None
