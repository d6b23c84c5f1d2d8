"""What a class file says of its class: name, supertypes, generic signature, fields (JVM Specification, chapter 4)."""

import attrs

from pulsemill.java.annotations import Annotation, read_annotations
from pulsemill.java.class_bytes import ClassBytes
from pulsemill.java.constant_pool import ConstantPool
from pulsemill.java.errors import MalformedClassError

_MAGIC = 0xCAFEBABE
_STATIC = 0x0008


@attrs.frozen
class JavaField:
    """A field with its type as a JVM descriptor, and the annotations that are kept for run time."""

    name: str
    descriptor: str
    is_static: bool = False
    annotations: tuple[Annotation, ...] = ()


@attrs.frozen
class JavaClass:
    """A class with dotted names. `signature` is None for a class without generic types."""

    name: str
    superclass: str | None = None
    interfaces: tuple[str, ...] = ()
    signature: str | None = None
    fields: tuple[JavaField, ...] = ()


def read_class(content: bytes) -> JavaClass:
    """Read a class file; raises MalformedClassError. Methods are skipped."""
    data = ClassBytes(content)
    if data.u4() != _MAGIC:
        raise MalformedClassError("no class file: it does not begin with CAFEBABE")
    data.take(4)
    pool = ConstantPool.read(data)
    data.take(2)
    name, super_index = pool.class_name(data.u2()), data.u2()
    interfaces = tuple(pool.class_name(data.u2()) for _ in range(data.u2()))
    fields = tuple(_read_field(data, pool) for _ in range(data.u2()))
    for _ in range(data.u2()):
        data.take(6)
        _read_attributes(data, pool)
    signature = _read_attributes(data, pool).get("Signature")
    return JavaClass(
        name,
        pool.class_name(super_index) if super_index else None,
        interfaces,
        pool.text(ClassBytes(signature).u2()) if signature is not None else None,
        fields,
    )


def _read_field(data: ClassBytes, pool: ConstantPool) -> JavaField:
    flags, name, descriptor = data.u2(), pool.text(data.u2()), pool.text(data.u2())
    annotations = _read_attributes(data, pool).get("RuntimeVisibleAnnotations")
    kept = read_annotations(annotations, pool) if annotations is not None else ()
    return JavaField(name, descriptor, bool(flags & _STATIC), kept)


def _read_attributes(data: ClassBytes, pool: ConstantPool) -> dict[str, bytes]:
    return {pool.text(data.u2()): data.take(data.u4()) for _ in range(data.u2())}
