"""The function's state, as `Context` offers it."""

import logging
from typing import Protocol

from pulsemill_instance.errors import InstanceError

_LOGGER = logging.getLogger(__name__)


class StateError(InstanceError):
    """The function used state that this instance cannot keep."""


class State(Protocol):
    """Counters and values shared by all instances of a function."""

    def incr_counter(self, key: str, amount: int) -> None:
        """Add to a counter."""

    def get_counter(self, key: str) -> int | None:
        """A counter's value, None when it was never counted."""

    def del_counter(self, key: str) -> None:
        """Forget a counter."""

    def put_state(self, key: str, value: str) -> None:
        """Store a value; None deletes it."""

    def get_state(self, key: str) -> bytes | None:
        """A stored value, None when there is none."""


class NoState:
    """Reads nothing, as upstream's; refuses to write what nobody would ever read."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def incr_counter(self, key: str, amount: int) -> None:
        """StateError."""
        raise self._refused("incr_counter", key)

    def get_counter(self, key: str) -> int | None:
        """None."""
        return None

    def del_counter(self, key: str) -> None:
        """StateError."""
        raise self._refused("del_counter", key)

    def put_state(self, key: str, value: str) -> None:
        """StateError."""
        raise self._refused("put_state", key)

    def get_state(self, key: str) -> bytes | None:
        """None."""
        return None

    def _refused(self, call: str, key: str) -> StateError:
        return StateError(f"{call}({key!r}): {self._reason}")


def open_state(service_url: str | None) -> State:
    """The state behind a `--state_storage_serviceurl`."""
    if service_url:
        reason = "this version cannot use the state store that the instance was started with"
        _LOGGER.warning("State is not available: %s", reason)
        return NoState(reason)
    return NoState("state is not enabled: configure stateStorageServiceUrl in the worker")
