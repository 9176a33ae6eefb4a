"""Dagster's event log in SQLite, with its connections kept.

Named in `dagster_home/dagster.yaml`. A night writes about a thousand events (each dbt test is an
asset check with a planned and an evaluated event). The inherited storage makes a new engine for
each, which costs 20 ms of CPU: with 300 checks 18 s a night against 6 s with kept engines. Were
the overridden method renamed, the inherited one would serve, only slower.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

#: The index and the run at hand; pages of older runs come and go.
KEPT_ENGINES = 4
BUSY_TIMEOUT_S = 300


class KeptSqliteEventLogStorage(SqliteEventLogStorage):
    """SqliteEventLogStorage, but an engine per shard lives longer than an event."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> Self:
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def _engine(self, shard: str) -> Engine:
        engine = self._engines.get(shard)
        if engine is None:
            engine = create_engine(
                self.conn_string_for_shard(shard),
                poolclass=QueuePool,
                connect_args={"timeout": BUSY_TIMEOUT_S},
            )
            event.listen(engine, "connect", _sync_less)
            self._engines[shard] = engine
        self._engines.move_to_end(shard)
        while len(self._engines) > KEPT_ENGINES:
            self._engines.popitem(last=False)[1].dispose()
        return engine

    def dispose(self) -> None:
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
        super().dispose()


def _sync_less(connection: object, _: object) -> None:
    # In WAL mode `normal` cannot corrupt; a power cut may lose the last events of a history.
    connection.execute("pragma synchronous = normal")  # type: ignore[attr-defined]
