"""What tenants, namespaces and functions may be called: names become folders, topics and keys."""

from pulsemill.errors import PulsemillError
from pulsemill.names import FunctionName

_MAX_BYTES = 255


class InvalidNameError(PulsemillError):
    """A tenant, namespace or function has a name that could lead elsewhere."""


def check_name(name: FunctionName) -> None:
    """Raise InvalidNameError unless each part is usable as a single folder name."""
    for kind, part in (("Tenant", name.tenant), ("Namespace", name.namespace), ("Function name", name.name)):
        check_part(kind, part)


def check_part(kind: str, part: str) -> None:
    """Raise InvalidNameError with the kind of name and what is wrong with it."""
    problem = _problem(part)
    if problem:
        raise InvalidNameError(f"{kind} {part!r} is invalid: {problem}")


def _problem(part: str) -> str | None:
    if not part.strip():
        return "it is empty"
    if part in {".", ".."}:
        return "it names a folder"
    if "/" in part or "\\" in part:
        return "it contains a path separator"
    if not part.isprintable():
        return "it contains control characters"
    if len(part.encode()) > _MAX_BYTES:
        return f"it is longer than {_MAX_BYTES} bytes"
    return None
