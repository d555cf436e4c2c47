"""Dagster's event log in SQLite, with connections that are kept: ``dagster.yaml`` names it.

Dagster's own makes an engine, opens the file, closes it and forgets every compiled statement for each event, and looks
for tables and columns that were always there; a run has hundreds. Here: one engine for each file in use, what stands is
looked for once, and there is no wait for the disk at each event. A power cut may lose the last
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
    from collections.abc import Callable, Generator

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
        self._standing: set[str] = set()
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

    def has_table(self, table_name: str) -> bool:
        """Whether the index has this table; one that stands is not looked for again."""
        look = super().has_table
        return self._stands(table_name, lambda: look(table_name))

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        look = super()._has_asset_key_col_on_connection
        return self._stands(f"column {column_name}", lambda: look(conn, column_name))

    def _stands(self, name: str, look: Callable[[], bool]) -> bool:
        """Whether a table or column stands; what is missing may be added by ``dagster instance migrate``."""
        if name not in self._standing and look():
            self._standing.add(name)
        return name in self._standing

    def wipe(self) -> None:
        """Close the files before they are removed."""
        self._close()
        self._standing.clear()
        super().wipe()

    def dispose(self) -> None:
        """Close the files when the instance is done."""
        super().dispose()
        self._close()

    def _close(self) -> None:
        with self._db_lock:
            while self.engines:
                self.engines.popitem()[1].dispose()
