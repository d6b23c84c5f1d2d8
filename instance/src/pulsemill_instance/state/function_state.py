"""The function's state, as `Context` offers it."""

import threading
from collections.abc import Callable
from operator import index
from typing import Protocol

from pulsemill_instance.spec import InstanceSpec
from pulsemill_instance.state.errors import StateError, StateKindError
from pulsemill_instance.state.store import StateStore, StateTable, open_store
from pulsemill_instance.state.urls import parse_state_url
from pulsemill_instance.state.values import StateValue, decode_number

MAX_COUNT = 2**63


class State(Protocol):
    """Counters and values shared by all instances of a function."""

    def incr_counter(self, key: str, amount: int) -> None:
        """Add to a counter."""

    def get_counter(self, key: str) -> int | None:
        """A counter's value, None when it was never counted."""

    def del_counter(self, key: str) -> None:
        """Forget a counter, or a value."""

    def put_state(self, key: str, value: str | bytes | None) -> None:
        """Store a value; None deletes it."""

    def get_state(self, key: str) -> bytes | None:
        """A stored value, None when there is none."""

    def close(self) -> None:
        """Let go of the store."""


class NoState:
    """Reads nothing, as upstream's; refuses to write what nobody would ever read."""

    def incr_counter(self, key: str, amount: int) -> None:
        """StateError."""
        raise self._refused("incr_counter", key)

    def get_counter(self, key: str) -> int | None:
        """None."""
        return None

    def del_counter(self, key: str) -> None:
        """StateError."""
        raise self._refused("del_counter", key)

    def put_state(self, key: str, value: str | bytes | None) -> None:
        """StateError."""
        raise self._refused("put_state", key)

    def get_state(self, key: str) -> bytes | None:
        """None."""
        return None

    def close(self) -> None:
        """Nothing was opened."""

    def _refused(self, call: str, key: str) -> StateError:
        return StateError(f"{call}({key!r}): state is not enabled: configure stateStorageServiceUrl in the worker")


class FunctionState:
    """State in a store that is opened by the first call: most functions keep none. Any thread may call."""

    def __init__(self, open_it: Callable[[], StateStore], table: StateTable) -> None:
        self._open = open_it
        self._table = table
        self._store: StateStore | None = None
        self._lock = threading.Lock()

    def incr_counter(self, key: str, amount: int) -> None:
        """See State. TypeError and ValueError for what is no 64-bit number."""
        try:
            number = index(amount)  # of NumPy's integers too
        except TypeError:
            raise TypeError(f"incr_counter({key!r}): the amount must be int, not {type(amount).__name__}") from None
        if not -MAX_COUNT <= number < MAX_COUNT:
            raise ValueError(f"incr_counter({key!r}): {number} does not fit into 64 bits")
        self._opened(key).increment(self._table, key, number)

    def get_counter(self, key: str) -> int | None:
        """See State. StateKindError when the key holds a value."""
        found = self._get(key)
        if found is None:
            return None
        if not found.is_number:
            raise StateKindError(f"The key {key!r} of {self._table} holds a value and no counter: use get_state")
        return decode_number(found.value)

    def del_counter(self, key: str) -> None:
        """See State."""
        self._opened(key).delete(self._table, key)

    def put_state(self, key: str, value: str | bytes | None) -> None:
        """See State. StateKindError when the key holds a counter."""
        if value is None:
            self.del_counter(key)
            return
        if not isinstance(value, str | bytes):
            raise TypeError(f"put_state({key!r}): the value must be str or bytes, not {type(value).__name__}")
        self._opened(key).put(self._table, key, value.encode() if isinstance(value, str) else value)

    def get_state(self, key: str) -> bytes | None:
        """See State. A counter's value is its number in eight bytes, as in Java."""
        found = self._get(key)
        return found.value if found else None

    def close(self) -> None:
        """See State."""
        with self._lock:
            if self._store:
                self._store.close()

    def _get(self, key: str) -> StateValue | None:
        return self._opened(key).get(self._table, key)

    def _opened(self, key: str) -> StateStore:
        if not isinstance(key, str):
            raise TypeError(f"a key of the state must be str, not {type(key).__name__}")
        with self._lock:
            if self._store is None:
                self._store = self._open()
            return self._store


def open_state(spec: InstanceSpec) -> State:
    """The state of an instance's function. StateError when its URL is no place for state; connects to nothing yet."""
    url, details = spec.state_storage_service_url, spec.function_details
    if not url:
        return NoState()
    parse_state_url(url)
    table = StateTable(details.tenant, details.namespace, details.name)
    return FunctionState(lambda: open_store(url, remember_tables=True), table)
