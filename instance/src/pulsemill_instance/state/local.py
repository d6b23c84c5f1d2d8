"""State in a file of this machine, for workers without BookKeeper and the instances that they start.

An SQLite database in WAL mode: several processes read and write it at the same time. What a call wrote outlives any
process; a power failure may take the last moments.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pulsemill_instance.state.errors import StateStoreError, counter_in_the_way, value_in_the_way
from pulsemill_instance.state.store import StateTable
from pulsemill_instance.state.values import StateValue, decode_number, encode_number, wrapped

BUSY_SECONDS = 10.0

_READ = "SELECT value, is_number, version FROM state WHERE tenant = ? AND namespace = ? AND name = ? AND key = ?"
_DELETE = "DELETE FROM state WHERE tenant = ? AND namespace = ? AND name = ? AND key = ?"
_DROP = "DELETE FROM state WHERE tenant = ? AND namespace = ? AND name = ?"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS state (
  tenant TEXT, namespace TEXT, name TEXT, key TEXT, value BLOB, is_number INTEGER, version INTEGER,
  PRIMARY KEY (tenant, namespace, name, key)
) WITHOUT ROWID
"""
_UPSERT = """
INSERT INTO state VALUES (?, ?, ?, ?, ?, ?, 0)
ON CONFLICT DO UPDATE SET value = excluded.value, version = version + 1
"""


class LocalStateStore:
    """See StateStore. One connection, which its lock lends to one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def get(self, table: StateTable, key: str) -> StateValue | None:
        """See StateStore."""
        with self._connected() as connection:
            return _read(connection, table, key)

    def put(self, table: StateTable, key: str, value: bytes) -> None:
        """See StateStore."""
        with self._writing() as connection:
            found = _read(connection, table, key)
            if found and found.is_number:
                raise counter_in_the_way(table, key)
            connection.execute(_UPSERT, (*_row(table, key), value, False))

    def increment(self, table: StateTable, key: str, amount: int) -> None:
        """See StateStore."""
        with self._writing() as connection:
            found = _read(connection, table, key)
            if found and not found.is_number:
                raise value_in_the_way(table, key)
            total = wrapped((decode_number(found.value) if found else 0) + amount)
            connection.execute(_UPSERT, (*_row(table, key), encode_number(total), True))

    def delete(self, table: StateTable, key: str) -> None:
        """See StateStore."""
        with self._connected() as connection:
            connection.execute(_DELETE, _row(table, key))

    def drop(self, table: StateTable) -> None:
        """See StateStore."""
        with self._connected() as connection:
            connection.execute(_DROP, (table.tenant, table.namespace, table.name))

    def close(self) -> None:
        """See StateStore."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection:
                connection.close()

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._lock:
                if self._connection is None:
                    self._connection = _connect(self._path)
                yield self._connection
        except (sqlite3.Error, OSError) as error:
            raise StateStoreError(f"The state file {self._path} cannot be used: {error}") from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A connection that nobody writes beside, from what is read to what is written."""
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                if connection.in_transaction:  # SQLite may have ended it by itself, for example on a full disk
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")


def _read(connection: sqlite3.Connection, table: StateTable, key: str) -> StateValue | None:
    row = connection.execute(_READ, _row(table, key)).fetchone()
    return StateValue(row[0], bool(row[1]), row[2]) if row else None


def _row(table: StateTable, key: str) -> tuple[str, str, str, str]:
    return table.tenant, table.namespace, table.name, key


def _connect(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    """Switch to WAL mode, which nothing else may hinder; of several who begin at once, SQLite refuses all but one."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(_SCHEMA)
