"""One study in Feast: registered, brought online, looked up, joined for training."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass, replace
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from churnlab.errors import ChurnlabError
from churnlab.serialization import write_arrow
from churnlab.store.document import MOMENT, StoreDocument, read_document
from churnlab.store.lookup import Answer, answers
from churnlab.store.moments import fresh_until, moment
from churnlab.store.online import Redis, online_setting
from churnlab.store.pseudonyms import PseudonymKey, load_key
from churnlab.store.registration import REGISTRY, objects, open_store, service
from churnlab.store.state import Applied, Online, State, read_state

if TYPE_CHECKING:
    from feast import FeatureStore

    from churnlab.paths import StudyPaths

log = logging.getLogger(__name__)
ROWS, STATE, VALUES, KEY = "rows.parquet", "state.json", "online.db", "pseudonym.key"
SHOWN_DAYS = 8


@dataclass(frozen=True)
class ServedStudy:
    """A study as the feature store serves it on this machine."""

    document: StoreDocument
    paths: StudyPaths
    online: Redis | None
    environment: Mapping[str, str]

    @classmethod
    def load(cls, paths: StudyPaths, declared: str, environment: Mapping[str, str]) -> ServedStudy:
        """Return the study whose rows the `store` stage wrote.

        Args:
            paths: of the study.
            declared: `store.online` of params.yaml.
            environment: may hold the address of the online store and the key of pseudonyms.

        Raises:
            ChurnlabError: the stage has not run, or the setting of the online store is wrong.
        """
        document = read_document(paths.store_views, paths.study)
        return cls(document, paths, online_setting(declared, environment), environment)

    @property
    def folder(self) -> Path:
        """Registry, rows under the ids that are served, and local values."""
        return self.paths.served_dir

    @property
    def state(self) -> State:
        """What has been registered and brought online."""
        return read_state(self.folder / STATE)

    @property
    def where(self) -> str:
        """The online store, without credentials."""
        return self.online.shown if self.online else "sqlite"

    def key(self, create: bool = False) -> PseudonymKey | None:
        """Return the key of the study's pseudonyms, or None where ids are as published.

        Raises:
            ChurnlabError: as `load_key`.
        """
        if self.document.ids == "published":
            return None
        return load_key(self.folder.parent.parent / KEY, self.environment, create)

    def apply(self) -> Applied:
        """Register the views, and put the rows under the ids that are served.

        Raises:
            ChurnlabError: the rows are not those of the views, Feast is missing, or the online
                store cannot be reached.
        """
        import pyarrow.parquet as pq

        self._check_online()
        key = self.key(create=True)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.chmod(0o700)
        rows = pq.read_table(self.paths.store_rows)
        write_arrow(self.folder / ROWS, _under(key, rows, self.document))
        # Registering anew, so that nothing stays of views that are gone.
        (self.folder / REGISTRY).unlink(missing_ok=True)
        with _quiet():
            self._store().apply(objects(self.document, self.folder / ROWS))
        applied = Applied(
            self.document.rows.sha256, self.document.versions, key.name if key else None
        )
        replace(self.state, applied=applied).write(self.folder / STATE)
        return applied

    def materialise(self, as_of: date | None = None) -> Online:
        """Bring the values as of a day online, in place of what is there.

        Args:
            as_of: a day; the latest one of the rows by default.

        Raises:
            ChurnlabError: the views are not registered as they are now, no values are fresh at the
                day, or the online store cannot be reached.
        """
        applied = self._registered()
        day = as_of or date.fromisoformat(self.document.rows.days[-1])
        self._check_some_fresh(day)
        self._check_online()
        until = moment(day, self.document.timezone)
        fresh_file = self.folder / f".{VALUES}.part"
        fresh_file.unlink(missing_ok=True)
        with _quiet(), self._reached():
            store = self._store(fresh_file)
            self._prepare_tables(store)
            for view in self.document.online_views:
                since = until - timedelta(days=view.freshness_days)
                store.materialize(since, until, feature_views=[view.name])
            if self.online is None:
                store._get_provider().online_store._get_conn(store.config).close()
                fresh_file.replace(self.folder / VALUES)
        found = Online(self.where, str(day), applied.rows, applied.versions, applied.key)
        replace(self.state, online=found).write(self.folder / STATE)
        return found

    def lookup(self, ids: Sequence[str], as_of: date | None = None) -> list[Answer]:
        """Return the online values of entities: what the models see, in the order of the ids.

        Args:
            ids: as they are served: pseudonyms, or ids as published.
            as_of: the day on which values must be fresh; that of the values by default.

        Raises:
            UnknownIdsError: an id is unknown.
            ChurnlabError: nothing is online, the day is before that of the values, or the online
                store cannot be reached.
        """
        self._registered()
        online = self._brought_online()
        day = as_of or online.day
        if day < online.day:
            raise ChurnlabError(
                f"{self.document.study}: values are online as of {online.as_of}, after {day}; run "
                f"`churnlab store materialise {self.document.study} --as-of {day}` first"
            )
        self._check_online()
        store = self._store()
        entity = self.document.entity
        with _quiet(), self._reached():
            found = store.get_online_features(
                features=store.get_feature_service(service(self.document.study)),
                entity_rows=[{entity: one} for one in ids],
            )
        return answers(self.document, list(ids), found.to_dict(True), day)

    def training(self, entities: pd.DataFrame) -> pd.DataFrame:
        """Return `entities` with the inputs as of each row's day, in the given order.

        Args:
            entities: the study's entity (ids as they are served) and `day`; other columns stay.

        Raises:
            ChurnlabError: the views are not registered as they are now, or a pair is there twice.
        """
        self._registered()
        entity = self.document.entity
        if (again := entities.duplicated([entity, "day"])).any():
            raise ChurnlabError(
                f"{int(again.sum()):,} rows repeat {entity} and day; keep one of each"
            )
        asked = pd.DataFrame({"row": range(len(entities)), entity: entities[entity].astype(str)})
        asked[MOMENT] = pd.to_datetime(
            [moment(day, self.document.timezone) for day in entities["day"]], utc=True
        ).astype("datetime64[us, UTC]")
        store = self._store()
        with _quiet():
            joined = store.get_historical_features(
                entity_df=asked,
                features=store.get_feature_service(service(self.document.study)),
            ).to_df()
        inputs = joined.sort_values("row")[list(self.document.inputs)]
        return pd.concat([entities.reset_index(drop=True), inputs.reset_index(drop=True)], axis=1)

    def _store(self, values: Path | None = None) -> FeatureStore:
        local = values or self.folder / VALUES
        return open_store(self.folder, self.document.study, self.online or local)

    def _check_online(self) -> None:
        if self.online is not None:
            self.online.check()

    def _reached(self) -> AbstractContextManager[None]:
        return self.online.reached() if self.online else nullcontext()

    def _registered(self) -> Applied:
        study, applied = self.document.study, self.state.applied
        again = f"run `churnlab store apply {study}` first"
        if applied is None:
            raise ChurnlabError(f"{study}: its views are not registered here; {again}")
        if (applied.rows, applied.versions) != (self.document.rows.sha256, self.document.versions):
            raise ChurnlabError(f"{study}: other views or rows are registered here; {again}")
        return applied

    def _brought_online(self) -> Online:
        study, online, applied = self.document.study, self.state.online, self._registered()
        again = f"run `churnlab store materialise {study}` first"
        if online is None:
            raise ChurnlabError(f"{study}: no values are online; {again}")
        if online.where != self.where:
            raise ChurnlabError(
                f"{study}: values are online in {online.where}, and {self.where} is asked; {again}"
            )
        if (online.rows, online.versions, online.key) != (
            applied.rows,
            applied.versions,
            applied.key,
        ):
            raise ChurnlabError(f"{study}: the values online are of other views or rows; {again}")
        return online

    def _check_some_fresh(self, day: date) -> None:
        longest = max(view.freshness_days for view in self.document.online_views)
        days = [date.fromisoformat(each) for each in self.document.rows.days]
        zone = self.document.timezone
        if not any(each <= day <= fresh_until(each, longest, zone) for each in days):
            shown = ", ".join(map(str, days[-SHOWN_DAYS:]))
            raise ChurnlabError(
                f"{self.document.study}: there are no values of the {longest} days up to {day}; "
                f"the {'latest ' if len(days) > SHOWN_DAYS else ''}days are {shown}"
            )

    def _prepare_tables(self, store: FeatureStore) -> None:
        """Empty the online store of this study, and make the tables that SQLite needs."""
        views = [store.get_feature_view(view.name) for view in self.document.online_views]
        entities = [store.get_entity(self.document.entity)]
        provider = store._get_provider()
        if self.online is not None:
            provider.teardown_infra(store.project, views, entities)
        provider.update_infra(store.project, [], views, [], entities, partial=True)


def _under(key: PseudonymKey | None, rows: Any, document: StoreDocument) -> Any:
    """Return the rows by pseudonym, in place and order, so that the order tells nothing."""
    import pyarrow as pa

    if key is None:
        return rows
    pseudonyms = key.pseudonyms(document.study, rows[document.entity].to_pylist())
    position = rows.column_names.index(document.entity)
    replaced = rows.set_column(position, document.entity, pa.array(pseudonyms, pa.string()))
    return replaced.sort_by([(MOMENT, "ascending"), (document.entity, "ascending")])


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what Feast prints out of our output, and in the log for who looks for it."""
    said = StringIO()
    with redirect_stdout(said):
        yield
    for line in said.getvalue().splitlines():
        log.debug("feast: %s", line)
