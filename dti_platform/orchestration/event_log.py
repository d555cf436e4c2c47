"""Dagster's event log in SQLite with persistent connections; ``dagster.yaml`` configures it.

For each event, Dagster's own event log makes an engine, opens and closes the file, forgets every compiled statement,
and checks for tables and columns that always exist; a run has hundreds of events. Here: one engine for each file in
use, one check for each table and column, and no wait for the disk at each event. A power cut may lose the last events
of the history of runs, but in WAL mode no earlier ones; the platform's data has files and a ledger of its own. Files
and tables are Dagster's. To do without this event log, remove ``storage`` from ``dagster.yaml``.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from sqlalchemy import create_engine, event

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from dagster._core.storage.sqlite_storage import SqliteStorageConfig
    from dagster._serdes import ConfigurableClassData
    from sqlalchemy.engine import Connection, Engine

#: Files kept open: the index of all runs, the current run, and some that are open in the UI.
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
    """Dagster's event log of DAGSTER_HOME; its connections stay open until the instance is disposed of."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self.engines: dict[str, Engine] = {}
        self._existing: set[str] = set()
        super().__init__(base_dir, inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Generator[Connection]:
        with self._db_lock, self._engine(shard).connect() as connection, connection.begin():
            yield connection

    def _engine(self, shard: str) -> Engine:
        """The engine of a file, made on first use; beyond MOST_OPEN, the least recently used one is closed."""
        engine = self.engines.pop(shard, None) or self._new_engine(shard)
        self.engines[shard] = engine
        if len(self.engines) > MOST_OPEN:
            self.engines.pop(next(iter(self.engines))).dispose()
        return engine

    def _new_engine(self, shard: str) -> Engine:
        engine = create_engine(self.conn_string_for_shard(shard), pool_size=1, connect_args={"timeout": PATIENCE})
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = NORMAL"))
        if shard not in self._initialized_dbs:
            self._initdb(engine)
            self._initialized_dbs.add(shard)
        return engine

    def has_table(self, table_name: str) -> bool:
        """Whether the index has this table; a table that exists is not checked again."""
        check = super().has_table
        return self._exists(table_name, lambda: check(table_name))

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        check = super()._has_asset_key_col_on_connection
        return self._exists(f"column {column_name}", lambda: check(conn, column_name))

    def _exists(self, name: str, check: Callable[[], bool]) -> bool:
        """Whether a table or column exists; ``dagster instance migrate`` may add a missing one."""
        if name not in self._existing and check():
            self._existing.add(name)
        return name in self._existing

    def wipe(self) -> None:
        """Close the files before they are removed."""
        self._close()
        self._existing.clear()
        super().wipe()

    def dispose(self) -> None:
        """Close the files when the instance is done."""
        super().dispose()
        self._close()

    def _close(self) -> None:
        with self._db_lock:
            while self.engines:
                self.engines.popitem()[1].dispose()
