"""Checks of the classes that a configuration names (upstream's ValidatorUtils), with its texts."""

from pulsemill.errors import PackageError
from pulsemill.java.archive import JavaArchive
from pulsemill.java.hierarchy import as_type, is_open
from pulsemill.java.known import CRYPTO_KEY_READER, SCHEMA, SERDE
from pulsemill.java.signatures import OBJECT, JavaType
from pulsemill.java.types import type_argument

DEFAULT_SERDE = "org.apache.pulsar.functions.api.utils.DefaultSerDe"

_BUILTIN_SCHEMAS = {
    "",
    *("NONE", "STRING", "JSON", "PROTOBUF", "AVRO", "BOOLEAN", "INT8", "INT16", "INT32", "INT64", "FLOAT", "DOUBLE"),
    *("DATE", "TIME", "TIMESTAMP", "KEY_VALUE", "INSTANT", "LOCAL_DATE", "LOCAL_TIME", "LOCAL_DATE_TIME"),
    *("PROTOBUF_NATIVE", "BYTES", "AUTO", "AUTO_CONSUME", "AUTO_PUBLISH"),
}


def require_type(archive: JavaArchive, class_name: str, interfaces: tuple[str, ...], missing: str, wrong: str) -> None:
    """Raise PackageError unless the class is there and of one of the types, or may be of one."""
    if archive.find_class(class_name) is None:
        raise PackageError(missing)
    java_type = JavaType(class_name)
    known = any(as_type(archive, java_type, interface) for interface in interfaces)
    if not known and not is_open(archive, java_type):
        raise PackageError(wrong)


def check_serde(archive: JavaArchive, class_name: str | None, handled: JavaType | None, *, is_input: bool) -> None:
    """Check a SerDe class, and that it handles what the function takes (or gives)."""
    if not class_name or class_name == DEFAULT_SERDE:
        return
    _require(archive, class_name, SERDE, f"The input serialization/deserialization class {class_name} does not exist")
    argument = type_argument(archive, JavaType(class_name), SERDE)
    _require_match(archive, "Serializer", handled, argument, is_input=is_input)


def check_schema(archive: JavaArchive, schema: str | None, handled: JavaType | None, *, is_input: bool) -> None:
    """Check a schema class; the names of schemas that every client has are no classes."""
    if schema is None or schema.upper() in _BUILTIN_SCHEMAS:
        return
    _require(archive, schema, SCHEMA, f"The schema class {schema} does not exist")
    argument = type_argument(archive, JavaType(schema), SCHEMA)
    _require_match(archive, "Schema", handled, argument, is_input=is_input)


def check_crypto_key_reader(archive: JavaArchive, class_name: str | None) -> None:
    """Check the class that reads encryption keys."""
    if class_name:
        _require(archive, class_name, CRYPTO_KEY_READER, f"The crypto key reader class {class_name} does not exist")


def _require(archive: JavaArchive, class_name: str, interface: str, missing: str) -> None:
    require_type(archive, class_name, (interface,), missing, f"{class_name} does not implement {interface}")


def _require_match(
    archive: JavaArchive, what: str, handled: JavaType | None, argument: JavaType | None, *, is_input: bool
) -> None:
    if handled is None or argument is None or OBJECT in {handled.type_name, argument.type_name}:
        return
    narrow, wide = (argument, handled) if is_input else (handled, argument)
    if narrow.dimensions or wide.dimensions:
        fits = narrow.type_name == wide.type_name
    else:
        fits = as_type(archive, narrow, wide.name) is not None or is_open(archive, narrow)
    if not fits:
        raise PackageError(f"{what} type mismatch {handled.type_name} vs {argument.type_name}")
