"""The process runtime's hook."""

from collections.abc import Iterable

from pulsemill.hookspecs import hookimpl
from pulsemill.runtime import RuntimeFactory
from pulsemill_runtime_process.factory import ProcessRuntimeFactory


@hookimpl
def pulsemill_runtime_factories() -> Iterable[type[RuntimeFactory]]:
    """The process runtime."""
    return (ProcessRuntimeFactory,)
