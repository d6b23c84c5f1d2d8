"""The thread runtime's hook."""

from collections.abc import Iterable

from pulsemill.hookspecs import hookimpl
from pulsemill.runtime import RuntimeFactory
from pulsemill_runtime_thread.factory import ThreadRuntimeFactory


@hookimpl
def pulsemill_runtime_factories() -> Iterable[type[RuntimeFactory]]:
    """The thread runtime."""
    return (ThreadRuntimeFactory,)
