"""The hook. A worker imports this module to learn the names, so it should cost little."""

from collections.abc import Iterable

from acme_runtime_limited.factory import LimitedRuntimeFactory
from pulsemill.hookspecs import hookimpl
from pulsemill.runtime import RuntimeFactory


@hookimpl
def pulsemill_runtime_factories() -> Iterable[type[RuntimeFactory]]:
    """The one class of this distribution."""
    return [LimitedRuntimeFactory]
