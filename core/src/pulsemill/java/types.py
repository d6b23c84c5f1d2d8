"""The types that functions, sources and sinks take and give (upstream's FunctionCommon.getFunctionTypes)."""

from pulsemill.errors import PackageError
from pulsemill.java.archive import JavaArchive
from pulsemill.java.hierarchy import as_type
from pulsemill.java.known import COLLECTION, COMPLETABLE_FUTURE, FUNCTION, JAVA_FUNCTION, RECORD, WINDOW_FUNCTION
from pulsemill.java.signatures import OBJECT, JavaType


def type_argument(archive: JavaArchive, java_type: JavaType, interface: str, index: int = 0) -> JavaType | None:
    """A type's argument for one of its interfaces; Object for a raw one, None when it has no such interface."""
    found = as_type(archive, java_type, interface)
    if found is None:
        return None
    return found.arguments[index] if index < len(found.arguments) else JavaType(OBJECT)


def function_types(archive: JavaArchive, class_name: str, *, windowed: bool) -> tuple[JavaType, JavaType] | None:
    """A function's input and raw output; None when the class is no function of this kind.

    Raises PackageError for a windowed java.util.function.Function that takes no collection.
    """
    java_type = JavaType(class_name)
    for interface in (WINDOW_FUNCTION, JAVA_FUNCTION) if windowed else (FUNCTION, JAVA_FUNCTION):
        taken = type_argument(archive, java_type, interface)
        given = type_argument(archive, java_type, interface, 1)
        if taken is not None and given is not None:
            return _collected(archive, taken) if windowed and interface == JAVA_FUNCTION else taken, given
    return None


def unwrapped_output(archive: JavaArchive, output: JavaType) -> JavaType:
    """What a function's output is once records and futures are taken off."""
    for wrapper in (RECORD, COMPLETABLE_FUTURE):
        output = type_argument(archive, output, wrapper) or output
    return output


def _collected(archive: JavaArchive, java_type: JavaType) -> JavaType:
    held = type_argument(archive, java_type, COLLECTION)
    if held is None:
        raise PackageError("Window function must take a collection as input")
    return held
