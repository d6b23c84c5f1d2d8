"""The configuration that a connector takes, from the annotations of its configuration class."""

from typing import Any

from pulsemill.java.annotations import Annotation
from pulsemill.java.archive import JavaArchive
from pulsemill.java.class_file import JavaField
from pulsemill.java.hierarchy import supertypes
from pulsemill.java.signatures import JavaType, read_descriptor

_FIELD_DOC = "Lorg/apache/pulsar/io/core/annotations/FieldDoc;"
_DEFAULTS: dict[str, str | bool] = {"help": "", "defaultValue": "", "sensitive": False, "required": False}


def config_fields(archive: JavaArchive, class_name: str) -> list[dict[str, Any]]:
    """The fields of a class and its superclasses, as ConfigFieldDefinition JSON."""
    found = [archive.find_class(each.name) for each in supertypes(archive, JavaType(class_name))]
    return [_definition(field) for each in found if each for field in each.fields if not field.is_static]


def _definition(field: JavaField) -> dict[str, Any]:
    documented = next((each for each in field.annotations if each.descriptor == _FIELD_DOC), None)
    return {
        "fieldName": field.name,
        "typeName": read_descriptor(field.descriptor).type_name,
        "attributes": _attributes(documented) if documented else {},
    }


def _attributes(documented: Annotation) -> dict[str, str]:
    attributes = {name: documented.values.get(name, default) for name, default in _DEFAULTS.items()}
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in attributes.items()}
