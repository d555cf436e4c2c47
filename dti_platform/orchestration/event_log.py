"""Dagster's event log in SQLite, with connections that are kept: ``dagster.yaml`` names it.

Dagster's own makes an engine, opens the file, closes it and forgets every compiled statement for each event; a run has
hundreds. Here: one engine for each file in use, and no wait for the disk at each event. A power cut may lose the last
events of the history of runs, in WAL mode never what stands before them; data of the platform has files and a ledger of
its own. Files and tables are Dagster's. To do without: remove ``storage`` from ``dagster.yaml``.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from sqlalchemy import create_engine, event

if TYPE_CHECKING:
    from collections.abc import Generator

    from dagster._core.storage.sqlite_storage import SqliteStorageConfig
    from dagster._serdes import ConfigurableClassData
    from sqlalchemy.engine import Connection, Engine

#: Files kept open: the index of all runs, the run at work, and some that somebody looks at.
MOST_OPEN = 8
#: Seconds to wait for another process that writes, as Dagster's own log does.
PATIENCE = 30


class KeptStorage(DagsterSqliteStorage):
    """Dagster's SQLite storage with another event log."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        self._event_log_storage = KeptEventLog(str(Path(base_dir, "history", "runs")))

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: SqliteStorageConfig
    ) -> KeptStorage:
        """As configured in ``dagster.yaml``."""
        return cls.from_local(config_value["base_dir"], inst_data)


class KeptEventLog(SqliteEventLogStorage):
    """Dagster's event log of DAGSTER_HOME, its connections kept until the instance is disposed of."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self.engines: dict[str, Engine] = {}
        super().__init__(base_dir, inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Generator[Connection]:
        with self._db_lock, self._engine(shard).connect() as connection, connection.begin():
            yield connection

    def _engine(self, shard: str) -> Engine:
        """The engine of a file, made on first use; of too many the one used longest ago is closed."""
        engine = self.engines.pop(shard, None) or self._opened(shard)
        self.engines[shard] = engine
        if len(self.engines) > MOST_OPEN:
            self.engines.pop(next(iter(self.engines))).dispose()
        return engine

    def _opened(self, shard: str) -> Engine:
        engine = create_engine(self.conn_string_for_shard(shard), pool_size=1, connect_args={"timeout": PATIENCE})
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = NORMAL"))
        if shard not in self._initialized_dbs:
            self._initdb(engine)
            self._initialized_dbs.add(shard)
        return engine

    def wipe(self) -> None:
        """Close the files before they are removed."""
        self._close()
        super().wipe()

    def dispose(self) -> None:
        """Close the files when the instance is done."""
        super().dispose()
        self._close()

    def _close(self) -> None:
        with self._db_lock:
            while self.engines:
                self.engines.popitem()[1].dispose()
