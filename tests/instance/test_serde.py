from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pulsar.functions import serde as client_serde

from pulsemill_instance.serde import IdentitySerDe, create_serde, deserialize_identity, serialize_identity

NUMBER_LIKE = st.text("0123456789+-._eEjJ()infatyINFATY \t\n\u00a0\u0661", max_size=8)


def same(ours: Any, theirs: Any) -> bool:
    return type(ours) is type(theirs) and repr(ours) == repr(theirs)


@given(st.one_of(st.binary(), st.text().map(str.encode), NUMBER_LIKE.map(str.encode)))
@example(b"")
@example(b"1_000")
@example(b" 7 ")
@example(b"infinity")
@example(b"-nanj")
@example(b"(1+2j)")
@example(b"\xd9\xa3")
@example(b"9" * 5000)
def test_deserialize_gives_what_upstream_gives(data: bytes) -> None:
    assert same(deserialize_identity(data), client_serde.IdentitySerDe().deserialize(data))


@given(st.one_of(st.integers(), st.floats(), st.complex_numbers(), st.text(st.characters(codec="utf-8")), st.binary()))
def test_serialize_gives_what_upstream_gives(value: Any) -> None:
    assert serialize_identity(value) == client_serde.IdentitySerDe().serialize(value)


@pytest.mark.parametrize("value", [True, None, [], {}, bytearray(b"x"), type("Text", (str,), {})("x")])
def test_serialize_refuses_what_upstream_refuses(value: Any) -> None:
    with pytest.raises(TypeError):
        client_serde.IdentitySerDe().serialize(value)
    with pytest.raises(TypeError, match="IdentitySerDe cannot serialize"):
        serialize_identity(value)


class Package:
    """A package with one SerDe."""

    kind, process, is_async = "class", None, False

    def import_class(self, name: str) -> type:
        return {"mod.Own": Own}[name]


class Own:
    """A SerDe of the package."""


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("", IdentitySerDe),
        ("serde.IdentitySerDe", IdentitySerDe),
        ("pulsar.functions.serde.IdentitySerDe", IdentitySerDe),
        ("serde.PickleSerDe", client_serde.PickleSerDe),
        ("mod.Own", Own),
    ],
)
def test_names_of_serdes(name: str, kind: type) -> None:
    serde: Any = create_serde(name, Package())  # type: ignore[arg-type]  # a stand-in without a function
    assert type(serde) is kind
