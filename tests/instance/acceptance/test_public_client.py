"""The engine on the client's public API alone, for a client that hides its extension module."""

from typing import Any

import pytest
from pulsar.schema import JsonSchema, Record, String

from pulsemill_instance.proto.Function_pb2 import SinkSpec

pytestmark = pytest.mark.embedded


class Name(Record):  # type: ignore[misc]  # the client ships no types
    name = String()


class PublicOnly:
    """Passes public methods on, and shows nothing else."""

    def __init__(self, hidden: Any) -> None:
        self.__hidden = hidden

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.__hidden, name)


class PublicClient(PublicOnly):
    """Its consumers and producers are public only too."""

    def subscribe(self, *arguments: Any, **options: Any) -> PublicOnly:
        return PublicOnly(self.__getattr__("subscribe")(*arguments, **options))

    def create_producer(self, *arguments: Any, **options: Any) -> PublicOnly:
        return PublicOnly(self.__getattr__("create_producer")(*arguments, **options))


@pytest.fixture
def start_publicly(harness: Any) -> Any:
    def start(process: Any, details: Any) -> Any:
        return harness.start(process, details, client=PublicClient(harness.connect()), kind="native")

    return start


def test_outputs_are_confirmed_and_inputs_acknowledged(harness: Any, start_publicly: Any, until: Any) -> None:
    harness.produce(*(str(number).encode() for number in range(300)))
    running = start_publicly(lambda value: value + 1, harness.details())
    assert [message.data() for message in harness.consume(300)] == [str(n + 1).encode() for n in range(300)]
    until(lambda: running.status.numSuccessfullyProcessed == 300)
    running.stop()
    assert harness.unacknowledged() == []


def test_failed_inputs_come_again(harness: Any, start_publicly: Any, until: Any) -> None:
    harness.produce(b"0")
    running = start_publicly(lambda value: 1 / value, harness.details())
    until(lambda: running.status.numUserExceptions == 1)
    running.stop()
    assert harness.unacknowledged() == [b"0"]


def test_schemas_convert(harness: Any, start_publicly: Any) -> None:
    harness.client.create_producer(harness.input, schema=JsonSchema(Name)).send(Name(name="Ada"))
    details = harness.details(sink=SinkSpec(schemaType="string"))
    details.source.inputSpecs[harness.input].schemaType = "string"
    start_publicly(lambda value: value.lower(), details)
    (message,) = harness.consume(1)
    assert message.data().split() == [b"{", b'"name":', b'"ada"', b"}"]
