"""What every store of state can do, for instances and workers alike."""

from typing import Protocol

import attrs

from pulsemill_instance.state.urls import StateFile, parse_state_url
from pulsemill_instance.state.values import StateValue

PATIENCE_SECONDS = 30.0


@attrs.frozen
class StateTable:
    """Where one function keeps its state."""

    tenant: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.tenant}/{self.namespace}/{self.name}"


class StateStore(Protocol):
    """The state of all functions. Calls block, each for a bounded time; any thread may call.

    All raise StateStoreError when the store fails. A table is made by the first write to it.
    """

    def get(self, table: StateTable, key: str) -> StateValue | None:
        """What a key holds, None for nothing."""

    def put(self, table: StateTable, key: str, value: bytes) -> None:
        """Store a value; StateKindError when the key holds a counter."""

    def increment(self, table: StateTable, key: str, amount: int) -> None:
        """Add to a counter of 64 bits, which begins at 0; StateKindError when the key holds a value."""

    def delete(self, table: StateTable, key: str) -> None:
        """Forget a key, if it is there."""

    def drop(self, table: StateTable) -> None:
        """Forget everything of a function."""

    def close(self) -> None:
        """Let go of connections and files. Idempotent."""


def open_store(url: str, *, remember_tables: bool, patience_seconds: float = PATIENCE_SECONDS) -> StateStore:
    """The store behind a URL; StateError when there is none of that kind. It connects when it is first used.

    `remember_tables` saves a question per call, for who lives no longer than its function. A call to a service that
    does not answer is given up some time after `patience_seconds`.
    """
    place = parse_state_url(url)
    # Neither library belongs to the start of a function or a worker that keeps no state.
    if isinstance(place, StateFile):
        from pulsemill_instance.state.local import LocalStateStore  # noqa: PLC0415 - see above

        return LocalStateStore(place.path)
    from pulsemill_instance.state.bookkeeper import BookKeeperStateStore  # noqa: PLC0415 - see above
    from pulsemill_instance.state.table_service import Patience, TableService  # noqa: PLC0415 - see above

    return BookKeeperStateStore(TableService(place.hosts, Patience(patience_seconds)), remember_tables=remember_tables)
