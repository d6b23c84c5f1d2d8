"""Annotations in class files (Java Virtual Machine Specification, 4.7.16)."""

import attrs

from pulsemill.java.class_bytes import ClassBytes
from pulsemill.java.constant_pool import ConstantPool
from pulsemill.java.errors import MalformedClassError

_MAX_DEPTH = 16
_TEXT, _BOOLEAN, _ENUM, _CLASS, _ANNOTATION, _ARRAY = b"s", b"Z", b"e", b"c", b"@", b"["
_CONSTANTS = (b"B", b"C", b"D", b"F", b"I", b"J", b"S", _TEXT, _BOOLEAN)


@attrs.frozen
class Annotation:
    """An annotation's type as a descriptor, and its texts and booleans; other kinds of values are left out."""

    descriptor: str
    values: dict[str, str | bool]


def read_annotations(content: bytes, pool: ConstantPool) -> tuple[Annotation, ...]:
    """Read the content of a RuntimeVisibleAnnotations attribute."""
    data = ClassBytes(content)
    return tuple(_read_annotation(data, pool, 0) for _ in range(data.u2()))


def _read_annotation(data: ClassBytes, pool: ConstantPool, depth: int) -> Annotation:
    descriptor = pool.text(data.u2())
    values: dict[str, str | bool] = {}
    for _ in range(data.u2()):
        name = pool.text(data.u2())
        value = _read_value(data, pool, depth)
        if value is not None:
            values[name] = value
    return Annotation(descriptor, values)


def _read_value(data: ClassBytes, pool: ConstantPool, depth: int) -> str | bool | None:
    if depth > _MAX_DEPTH:
        raise MalformedClassError("a class file nests annotations too deeply")
    tag = data.take(1)
    if tag in _CONSTANTS:
        return _constant(tag, data.u2(), pool)
    if tag == _ENUM:
        data.take(4)
    elif tag == _CLASS:
        data.take(2)
    elif tag == _ANNOTATION:
        _read_annotation(data, pool, depth + 1)
    elif tag == _ARRAY:
        for _ in range(data.u2()):
            _read_value(data, pool, depth + 1)
    else:
        raise MalformedClassError(f"a class file has an annotation value of the unknown kind {tag!r}")
    return None


def _constant(tag: bytes, index: int, pool: ConstantPool) -> str | bool | None:
    if tag == _TEXT:
        return pool.text(index)
    return bool(pool.numbers.get(index)) if tag == _BOOLEAN else None
