from typing import Any

import attrs
import pytest
from pulsar import schema as client_schema

from pulsemill_instance.errors import InstanceError
from pulsemill_instance.schema import create_schema, message_decoder


class Person(client_schema.Record):  # type: ignore[misc]  # the client ships no types
    name = client_schema.String()


class NoArguments:
    """A schema class without arguments."""


@attrs.define
class OneArgument:
    """A schema class of one argument."""

    given: Any


@attrs.define
class TwoArguments:
    """A schema class of two."""

    record: Any
    properties: Any


class Package:
    """A package with classes."""

    kind, process, is_async = "class", None, False

    def import_class(self, name: str) -> type:
        classes = {c.__name__: c for c in (Person, NoArguments, OneArgument, TwoArguments)}
        try:
            return classes[name.rpartition(".")[2]]
        except KeyError:
            raise InstanceError(f"no class {name}") from None


def create(schema_type: str, type_class_name: str = "", **properties: str) -> Any:
    return create_schema(schema_type, type_class_name, properties, Package())  # type: ignore[arg-type]


def test_built_in_names_in_any_case() -> None:
    assert create("") is None
    assert isinstance(create("STRING"), client_schema.StringSchema)
    assert isinstance(create("bytes"), client_schema.BytesSchema)
    assert isinstance(create("Json", "mod.Person"), client_schema.JsonSchema)
    assert isinstance(create("avro", "mod.Person"), client_schema.AvroSchema)


def test_own_schema_classes_get_as_many_arguments_as_they_take() -> None:
    assert isinstance(create("mod.NoArguments"), NoArguments)
    assert create("mod.OneArgument", "mod.Person").given is Person
    assert create("mod.OneArgument", "java.lang.String", p="1").given == {"p": "1"}
    both = create("mod.TwoArguments", "mod.Person", p="1")
    assert (both.record, both.properties) == (Person, {"p": "1"})


@pytest.mark.parametrize("name", ["PROTOBUF", "KEY_VALUE", "AUTO_CONSUME", "nonsense"])
def test_other_names_are_an_error_that_lists_the_known_ones(name: str) -> None:
    with pytest.raises(InstanceError, match=f"{name}.*avro, bytes, json, string"):
        create(name)


@pytest.mark.parametrize("type_class_name", ["mod.Missing", "mod.NoArguments"])
def test_a_record_schema_needs_a_record_class(type_class_name: str) -> None:
    with pytest.raises(InstanceError, match=type_class_name):
        create("json", type_class_name)


@attrs.frozen
class Message:
    """A message of the client's extension module."""

    version: int

    def data(self) -> bytes:
        return b'{"name": "Ada"}'

    def int_schema_version(self) -> int:
        return self.version


def test_a_message_without_schema_version_is_read_without_asking_the_broker() -> None:
    class Schema:
        def decode_message(self, message: Any) -> str:
            return "asked"

        def decode(self, data: bytes) -> bytes:
            return data

    decode = message_decoder(Schema())
    assert decode(Message(-1)) == b'{"name": "Ada"}'
    assert decode(Message(0)) == "asked"
