"""Why state could not be read or written."""

from pulsemill_instance.errors import InstanceError


class StateError(InstanceError):
    """State that this instance cannot keep; user code sees it as the exception of its call."""


class StateStoreError(StateError):
    """The store cannot be reached, or failed."""


class StateKindError(StateError):
    """A counter was written as a value or a value counted; nothing changed."""


def counter_in_the_way(table: object, key: str) -> StateKindError:
    """The error of who stores a value over a counter."""
    return StateKindError(f"The key {key!r} of {table} holds a counter: delete it before storing a value there")


def value_in_the_way(table: object, key: str) -> StateKindError:
    """The error of who counts with a value."""
    return StateKindError(f"The key {key!r} of {table} holds a value and no counter: delete it before counting there")
