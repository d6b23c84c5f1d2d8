"""Class files: what they tell, and that none of any content does harm."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulsemill.java.class_file import JavaClass, read_class
from pulsemill.java.errors import MalformedClassError
from pulsemill.java.signatures import JavaType, read_class_signature, read_descriptor


def test_names_supertypes_and_signature(java: Any) -> None:
    content = java.class_file("a.B", superclass="a.C", interfaces=("a.D", "a.E"), signature="La/C;")
    assert read_class(content) == JavaClass("a.B", "a.C", ("a.D", "a.E"), "La/C;")


def test_fields_with_their_annotations(java: Any) -> None:
    (field,) = read_class(java.class_file("a.B", documented={"host": "Where"})).fields
    assert (field.name, field.descriptor, field.is_static) == ("host", "Ljava/lang/String;", False)
    assert field.annotations[0].values == {"help": "Where", "required": True}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\xca\xfe\xba\xbe\0\0\0\x3d\0\x02\xff"])
def test_refuses_what_is_no_class(content: bytes) -> None:
    with pytest.raises(MalformedClassError):
        read_class(content)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_damaged_class_is_refused_or_read(data: st.DataObject) -> None:
    content = bytearray(_SAMPLE)
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(content)))
    with suppress(MalformedClassError):
        read_class(bytes(content[:end]))


@pytest.mark.parametrize(
    ("text", "supertypes"),
    [
        ("Ljava/lang/Object;", ["java.lang.Object"]),
        ("La/B<Lc/D;>;La/I<[B[[Lx/Y;*+Lu/V;-Lw/W;>;", ["a.B", "a.I"]),
        ("La/O<TT;>.Inner<Lx/Y;>;", ["a.O$Inner"]),
    ],
)
def test_signatures(text: str, supertypes: list[str]) -> None:
    assert [each.name for each in read_class_signature(text).supertypes] == supertypes


def test_type_arguments_of_every_kind() -> None:
    (found,) = read_class_signature("La/I<[B[[Lx/Y;*+Lu/V;-Lw/W;TT;>;").supertypes
    names = [argument.type_name for argument in found.arguments]
    assert names == ["[B", "[[Lx.Y;", "java.lang.Object", "u.V", "java.lang.Object", "java.lang.Object"]


def test_type_parameters_stand_for_their_bounds() -> None:
    signature = read_class_signature("<T:Ljava/lang/Number;U::La/I;V:TT;>Ljava/lang/Object;La/J<[TT;TU;>;")
    types = [each.replacing(signature.parameters) for each in signature.supertypes]
    assert [argument.type_name for argument in types[1].arguments] == ["[Ljava.lang.Number;", "a.I"]


@given(text=st.text(alphabet="L;<>TIB[*+-:/.ab", max_size=60) | st.just("La<" * 500))
def test_a_malformed_signature_is_refused_or_read(text: str) -> None:
    for read in (read_class_signature, read_descriptor):
        with suppress(MalformedClassError):
            read(text)


def test_a_variable_that_is_not_declared_is_any_object() -> None:
    assert JavaType("T", is_variable=True).replacing({}).type_name == "java.lang.Object"


_SAMPLE = bytes.fromhex(
    "cafebabe0000003d000901000361 2f42070001010010 6a6176612f6c616e672f4f626a656374 07000301000001000001000001000001"
    "0000 0021 0002 0004 0000 0000 0000 0000".replace(" ", "")
)
