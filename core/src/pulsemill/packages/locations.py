"""Locations that are not stored packages: URLs, names in the packages service, built-ins."""

from pulsemill.errors import PackageError
from pulsemill.functions.conversion import BUILTIN
from pulsemill.packages.names import is_managed


def check_reference(location: str) -> str:
    """Return a location that can be read as a URL; raises PackageError for what this worker cannot provide."""
    if location.startswith(BUILTIN):
        raise PackageError(f"No Function {location.removeprefix(BUILTIN)} found")
    if is_managed(location):
        raise PackageError(f"Function Package management service is disabled. Please enable it to use {location}")
    return location
