"""Which types a class is of, and with which type arguments.

A supertype that is neither in the package nor known here may be anything: what it would have told stays open.
"""

from collections.abc import Iterator

from pulsemill.java.archive import JavaArchive
from pulsemill.java.class_file import JavaClass
from pulsemill.java.signatures import JavaType, read_class_signature

_MAX_SUPERTYPES = 1000


def supertypes(archive: JavaArchive, start: JavaType) -> Iterator[JavaType]:
    """A type and all its supertypes as far as they can be found, each with its actual type arguments."""
    seen: set[str] = set()
    waiting = [start]
    while waiting and len(seen) < _MAX_SUPERTYPES:
        current = waiting.pop(0)
        if current.name in seen:
            continue
        seen.add(current.name)
        yield current
        found = archive.find_class(current.name)
        if found is not None:
            waiting += _direct_supertypes(found, current)


def as_type(archive: JavaArchive, start: JavaType, wanted: str) -> JavaType | None:
    """The type as one of its supertypes, None when it is not known to be one."""
    return next((each for each in supertypes(archive, start) if each.name == wanted), None)


def is_open(archive: JavaArchive, start: JavaType) -> bool:
    """Whether some supertype cannot be found, so that the type may also be of others."""
    return any(archive.find_class(each.name) is None for each in supertypes(archive, start))


def _direct_supertypes(found: JavaClass, current: JavaType) -> list[JavaType]:
    if found.signature is None:
        names = [found.superclass] if found.superclass else []
        return [JavaType(name) for name in (*names, *found.interfaces)]
    signature = read_class_signature(found.signature)
    variables = dict(signature.parameters)
    if len(current.arguments) == len(variables):
        variables = dict(zip(variables, current.arguments, strict=True))
    return [each.replacing(variables) for each in signature.supertypes]
