"""The hook of this distribution."""

from collections.abc import Iterable

from pulsemill.auth import FunctionAuthProvider
from pulsemill.hookspecs import hookimpl


@hookimpl
def pulsemill_function_auth_providers() -> Iterable[type[FunctionAuthProvider]]:
    """The providers of tokens for pods."""
    return ()
