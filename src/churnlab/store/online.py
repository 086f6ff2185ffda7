"""Where online values are: a SQLite file of this machine, or a Redis server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from churnlab.config.store_params import SCHEMES, SQLITE
from churnlab.errors import ChurnlabError

VARIABLE = "CHURNLAB_ONLINE_STORE"
PORT = 6379
SECONDS_TO_CONNECT = 5


@dataclass(frozen=True)
class Redis:
    """A Redis server; user and password come from the environment and are never shown."""

    host: str
    port: int
    database: int
    encrypted: bool
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        """The address without user and password."""
        return f"redis{'s' if self.encrypted else ''}://{self.host}:{self.port}/{self.database}"

    def connection_string(self) -> str:
        """Return the address as Feast reads it: parts between commas, values as JSON."""
        parts: dict[str, Any] = {
            "db": self.database,
            "ssl": self.encrypted,
            "socket_connect_timeout": SECONDS_TO_CONNECT,
        }
        if self.user:
            parts["username"] = self.user
        if self.password:
            parts["password"] = self.password
        named = [f"{name}={_json_without_commas(value)}" for name, value in parts.items()]
        return ",".join([f"{self.host}:{self.port}", *named])

    def check(self) -> None:
        """Ask the server whether it is there.

        Raises:
            ChurnlabError: it is not, or does not let us in.
        """
        import redis

        client = redis.Redis(
            host=self.host,
            port=self.port,
            db=self.database,
            ssl=self.encrypted,
            username=self.user,
            password=self.password,
            socket_connect_timeout=SECONDS_TO_CONNECT,
            socket_timeout=SECONDS_TO_CONNECT,
        )
        with self.reached(), closing(client):
            client.ping()

    @contextmanager
    def reached(self) -> Iterator[None]:
        """Tell in words what the server says to the work inside.

        Raises:
            ChurnlabError: it cannot be reached, does not let us in, or refuses a command.
        """
        import redis

        try:
            yield
        except (redis.AuthenticationError, redis.exceptions.NoPermissionError) as error:
            raise ChurnlabError(
                f"{self.shown}: the server refuses us ({error}); put user and password into "
                f"{VARIABLE}, as redis://user:password@{self.host}:{self.port}/{self.database}"
            ) from None
        except redis.ResponseError as error:
            raise ChurnlabError(
                f"{self.shown}: the server refuses what it is asked ({error}); see its log, and "
                "run the command again once it is mended"
            ) from None
        except redis.RedisError as error:
            raise ChurnlabError(
                f"{self.shown}: the online store cannot be reached ({error}); start the server, "
                f"correct the address in {VARIABLE} or store.online of params.yaml, or write "
                "sqlite there to do without one"
            ) from None


def online_setting(declared: str, environment: Mapping[str, str]) -> Redis | None:
    """Return the Redis server to use, or None for SQLite; the environment comes first.

    Args:
        declared: `store.online` of params.yaml.
        environment: may hold another address, with user and password, in `CHURNLAB_ONLINE_STORE`.

    Raises:
        ChurnlabError: the setting is neither sqlite nor the address of a Redis server.
    """
    chosen = environment.get(VARIABLE) or declared
    if chosen == SQLITE:
        return None
    where = VARIABLE if environment.get(VARIABLE) else "params.yaml: store.online"
    # What is wrong may hold a password: it is not repeated.
    wrong = ChurnlabError(
        f"{where}: neither sqlite nor the address of a Redis server; "
        "write redis://host:6379/0, or rediss:// for an encrypted connection"
    )
    try:
        address = urlsplit(chosen)
        port = address.port or PORT
        database = int(address.path.strip("/") or 0)
    except ValueError:
        raise wrong from None
    if address.scheme not in SCHEMES or not address.hostname:
        raise wrong
    return Redis(
        address.hostname,
        port,
        database,
        address.scheme == "rediss",
        unquote(address.username) if address.username else None,
        unquote(address.password) if address.password else None,
    )


def _json_without_commas(value: Any) -> str:
    """Return JSON in which a comma is written as its number; Feast cuts the text at commas."""
    return json.dumps(value).replace(",", "\\u002c")
