"""The class of a source or sink and what it handles, as read from its package."""

from collections.abc import Callable

import attrs

from pulsemill.errors import PackageError
from pulsemill.java.archive import JavaArchive
from pulsemill.java.service import SERVICE_FILE, ServiceDefinition, read_service
from pulsemill.java.signatures import OBJECT, JavaType
from pulsemill.java.types import type_argument


@attrs.frozen
class Inspected:
    """Class names: the connector's, the type of its records, and a sink's transform function's (empty without)."""

    class_name: str
    type_class_name: str
    transform_class_name: str = ""


def connector_class(
    kind: str, given: str | None, archive: JavaArchive, declared: Callable[[ServiceDefinition], str | None]
) -> str:
    """The class that the configuration gives, else the one in the package's description."""
    if given is not None:
        return given
    service = read_service(archive)
    if service is None:
        raise PackageError(f"{kind} package doesn't contain the {SERVICE_FILE} file.")
    found = declared(service)
    if found is None:
        raise PackageError(f"Failed to extract {kind.lower()} class from archive")
    return found


def handled_type(archive: JavaArchive, class_name: str, interfaces: tuple[str, ...]) -> JavaType:
    """What a connector's records hold; Object when its supertypes are not all in the package."""
    for interface in interfaces:
        found = type_argument(archive, JavaType(class_name), interface)
        if found is not None:
            return found
    return JavaType(OBJECT)
