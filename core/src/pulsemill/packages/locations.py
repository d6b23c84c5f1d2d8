"""Locations that are not stored packages: URLs, names in the packages service, built-ins."""

from urllib.parse import urlsplit, urlunsplit

from pulsemill.errors import PackageError
from pulsemill.functions.conversion import BUILTIN
from pulsemill.packages.names import is_managed


def shown_location(location: str) -> str:
    """A location as logs and errors show it: without user-info, query (where signatures stand) and fragment."""
    try:
        parts = urlsplit(location)
        _ = parts.port  # what is no port is the rest of a password with a special character
    except ValueError:
        return "(a malformed URL, not shown because a password may be in it)"
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))


def check_reference(location: str) -> str:
    """Return a location that can be read as a URL; raises PackageError for what this worker cannot provide."""
    if location.startswith(BUILTIN):
        raise PackageError(f"No Function {location.removeprefix(BUILTIN)} found")
    if is_managed(location):
        raise PackageError(f"Function Package management service is disabled. Please enable it to use {location}")
    return location
