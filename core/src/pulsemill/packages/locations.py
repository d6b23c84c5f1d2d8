"""The forms that a package's location may take beside an upload: URLs, the broker's package service, built-ins."""

from pulsemill.errors import PackageError
from pulsemill.functions.conversion import BUILTIN

_MANAGED = ("function://", "source://", "sink://")


def check_reference(location: str) -> str:
    """Return a location that can be read as a URL; raises PackageError for what this worker cannot provide."""
    if location.startswith(BUILTIN):
        raise PackageError(f"No Function {location.removeprefix(BUILTIN)} found")
    if location.startswith(_MANAGED):
        raise PackageError(f"Function Package management service is disabled. Please enable it to use {location}")
    if "://" not in location:
        raise PackageError(f"The package {location!r} is not in this worker's store; register the function again")
    return location
