"""Tables in databases: how they are named on the command line, and connections to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from churnlab.config.validation import nearest
from churnlab.errors import ChurnlabError

if TYPE_CHECKING:
    import sqlalchemy as sa

SQLITE = "sqlite"
DRIVERS = {SQLITE: "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
EXAMPLES = "sqlite:///crm.db#customers or postgresql+psycopg://me@host/crm#sales.customers"
# Seconds for which SQLite waits for another process that writes.
PATIENCE = 60


def is_table(address: str) -> bool:
    """Return whether an address is that of a table in a database, and not of a file."""
    return "://" in address


@dataclass(frozen=True)
class TableAddress:
    """Where a table is.

    Attributes:
        url: of the database.
        schema: of the table; None for the one that the database takes by default.
        table: its name.
    """

    url: sa.URL
    schema: str | None
    table: str

    @classmethod
    def parse(cls, text: str) -> TableAddress:
        """Return the address that `URL#table` or `URL#schema.table` stands for.

        Raises:
            ChurnlabError: SQLAlchemy is not installed, or the text is no such address.
        """
        with _installed():
            import sqlalchemy as sa
        url_text, _, name = text.partition("#")
        schema, _, table = name.rpartition(".")
        try:
            url = sa.make_url(url_text)
        except sa.exc.ArgumentError:
            raise ChurnlabError(f"'{url_text}': no URL of a database, as {EXAMPLES}") from None
        if not table:
            raise ChurnlabError(f"{hidden(url)}: which table? Write it behind a #, as {EXAMPLES}")
        if (kind := url.drivername.partition("+")[0]) not in DRIVERS:
            raise ChurnlabError(f"{hidden(url)}: no database of a known kind; write {EXAMPLES}")
        if url.drivername != DRIVERS[kind]:
            url = url.set(drivername=DRIVERS[kind])
        return cls(url, schema or None, table)

    @property
    def name(self) -> str:
        """What people call it; no password is in it."""
        return f"{hidden(self.url)}#{self.full}"

    @property
    def full(self) -> str:
        """The table's name, behind its schema's where there is one."""
        return f"{self.schema}.{self.table}" if self.schema else self.table


def hidden(url: sa.URL) -> str:
    """Return the URL without its password."""
    return url.render_as_string().replace(":***@", "@")


@dataclass
class Connections:
    """Connections of one run; a file of SQLite has one, since its readers hold up its writers."""

    stack: ExitStack
    of_files: dict[str, sa.Connection] = field(default_factory=dict)

    def to(self, address: TableAddress, reads: bool) -> sa.Connection:
        """Return a connection to a database.

        A reader of PostgreSQL sees it as it is at its first look, whatever others write meanwhile.

        Raises:
            ChurnlabError: the driver is not installed, or there is no such database.
        """
        if address.url.get_backend_name() == SQLITE:
            return self._to_file(address, reads)
        found = self._connected(address)
        if reads:
            found.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        return found

    def _to_file(self, address: TableAddress, reads: bool) -> sa.Connection:
        path = Path(address.url.database or "")
        if reads and not path.is_file():
            raise ChurnlabError(f"{address.name}: there is no such file as {path}")
        key = str(path.resolve())
        if key not in self.of_files:
            self.of_files[key] = self._connected(address, timeout=PATIENCE)
        return self.of_files[key]

    def _connected(self, address: TableAddress, **options: object) -> sa.Connection:
        with _installed(), told(address.name):
            import sqlalchemy as sa

            engine = sa.create_engine(address.url, poolclass=sa.NullPool, connect_args=options)
            return self.stack.enter_context(engine.connect())


@contextmanager
def connections() -> Iterator[Connections]:
    """Yield connections that are closed in the end."""
    with ExitStack() as stack:
        yield Connections(stack)


def reflected(connection: sa.Connection, address: TableAddress) -> sa.Table:
    """Return a table or view with its columns.

    Raises:
        ChurnlabError: there is none of this name.
    """
    import sqlalchemy as sa

    with told(address.name):
        try:
            return sa.Table(
                address.table, sa.MetaData(), schema=address.schema, autoload_with=connection
            )
        except sa.exc.NoSuchTableError:
            inspector = sa.inspect(connection)
            names = [
                *inspector.get_table_names(schema=address.schema),
                *inspector.get_view_names(schema=address.schema),
            ]
    meant = nearest(address.table, names)
    hint = f"is it '{meant}'?" if meant else f"there are: {', '.join(names[:8]) or 'none'}"
    raise ChurnlabError(f"{address.name}: there is no such table; {hint}")


@contextmanager
def told(name: str) -> Iterator[None]:
    """Tell what a database complains of in one line, with the name of the table."""
    import sqlalchemy as sa

    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        raise ChurnlabError(f"{name}: {str(cause).strip().splitlines()[0]}") from error


@contextmanager
def _installed() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as missing:
        raise ChurnlabError(
            f"{missing.name} is not installed; pip install 'churnlab[database]' brings it"
        ) from None
