"""Acceptance cases 1 to 8 and 30: what the function is given, and what becomes of its result."""

import base64
from typing import Any

import pulsar
import pytest
from pulsar.schema import AvroSchema, Integer, JsonSchema, Record, String

from pulsemill_instance.proto.Function_pb2 import SinkSpec

pytestmark = pytest.mark.embedded


class Person(Record):  # type: ignore[misc]  # the client ships no types
    name = String()
    age = Integer()


class Reversed:
    """A SerDe that turns bytes around, and refuses some."""

    def serialize(self, value: str) -> bytes:
        return value[::-1].encode()

    def deserialize(self, data: bytes) -> str:
        if data == b"refused":
            raise ValueError("refused by the SerDe")
        return data.decode()[::-1]


def echo(value: Any, context: Any) -> Any:
    return value


def test_case_1_native_function_names_its_input_on_the_output(harness: Any) -> None:
    harness.produce(b"7")
    harness.start(lambda value: str(value) + "?", kind="native")
    (message,) = harness.consume(1)
    assert message.data() == b"7?"
    assert message.properties()["__pfn_input_topic__"] == harness.input


def test_case_2_output_carries_the_input_id_in_the_standard_alphabet(harness: Any) -> None:
    harness.produce(b"x")
    (given,) = harness.consume(1, harness.input)
    harness.start(echo)
    (message,) = harness.consume(1)
    encoded = message.properties()["__pfn_input_msg_id__"]
    assert pulsar.MessageId.deserialize(base64.b64decode(encoded, validate=True)) == given.message_id()


def test_case_3_inputs_arrive_as_the_type_they_look_like(harness: Any) -> None:
    harness.produce(b"42", b"4.5", b"1j", b"abc", b"\xff\xfe", b" 7 ", b"nan")
    harness.start(lambda value: type(value).__name__, kind="native")
    kinds = [message.data().decode() for message in harness.consume(7)]
    assert kinds == ["int", "float", "complex", "str", "bytes", "int", "float"]


def test_case_4_falsy_results_are_sent_and_none_is_not(harness: Any) -> None:
    results = {1: 5, 2: 1.5, 3: "", 4: b"", 5: None, 6: "end"}
    harness.produce(*(str(key).encode() for key in results))
    running = harness.start(lambda value: results[value], kind="native")
    assert [message.data() for message in harness.consume(5)] == [b"5", b"1.5", b"", b"", b"end"]
    running.stop()
    assert harness.all_of() == [b"5", b"1.5", b"", b"", b"end"]
    assert harness.unacknowledged() == []


def test_case_5_unserializable_result_is_a_system_exception_and_comes_again(harness: Any, until: Any) -> None:
    harness.produce(b"x")
    details = harness.details()
    details.source.negativeAckRedeliveryDelayMs = 200
    running = harness.start(lambda value: {"not": value}, details, kind="native")
    until(lambda: running.status.numSystemExceptions >= 2)
    running.stop()
    status = running.status
    assert (status.numUserExceptions, status.numSuccessfullyProcessed) == (0, 0)
    assert "IdentitySerDe cannot serialize" in status.latestSystemExceptions[0].exceptionString
    assert harness.all_of() == []
    assert harness.unacknowledged() == [b"x"]


def test_case_6_without_output_topic_any_result_is_a_success(harness: Any, until: Any) -> None:
    harness.produce(b"x")
    details = harness.details()
    details.sink.topic = ""
    running = harness.start(lambda value: {"not": value}, details, kind="native")
    until(lambda: running.status.numSuccessfullyProcessed == 1)
    running.stop()
    assert harness.unacknowledged() == []


def test_case_7_own_serdes_convert_both_ways_and_may_raise(harness: Any, until: Any) -> None:
    harness.produce(b"cba", b"refused", b"fed", batching=False)
    details = harness.details(sink=SinkSpec(serDeClassName="mod.Reversed"))
    details.source.inputSpecs[harness.input].serdeClassName = "mod.Reversed"
    running = harness.start(lambda value: value + "!", details, kind="native", classes={"mod.Reversed": Reversed})
    assert [message.data() for message in harness.consume(2)] == [b"!cba", b"!fed"]
    until(lambda: running.status.numSuccessfullyProcessed == 2)
    assert "refused by the SerDe" in running.status.latestSystemExceptions[0].exceptionString
    running.stop()
    assert harness.unacknowledged() == [b"refused"]


@pytest.mark.parametrize(("schema_type", "schema"), [("JSON", JsonSchema), ("avro", AvroSchema)])
def test_case_8_records_go_in_and_out_by_their_schema(harness: Any, schema_type: str, schema: Any) -> None:
    producer = harness.client.create_producer(harness.input, schema=schema(Person))
    producer.send(Person(name="Ada", age=36))
    details = harness.details(sink=SinkSpec(schemaType=schema_type, typeClassName="mod.Person"))
    details.source.typeClassName = "mod.Person"
    details.source.inputSpecs[harness.input].schemaType = schema_type

    def birthday(person: Person, context: Any) -> Person:
        return Person(name=person.name, age=person.age + 1)

    harness.start(birthday, details, classes={"mod.Person": Person})
    (message,) = harness.consume(1)
    older = schema(Person).decode(message.data())
    assert (older.name, older.age) == ("Ada", 37)


def test_case_8_unsupported_schema_ends_the_start_with_one_clear_error(harness: Any) -> None:
    details = harness.details(sink=SinkSpec(schemaType="PROTOBUF"))
    running = harness.start(echo, details)
    running.join()
    assert "schemaType 'PROTOBUF' is not supported by Python functions" in str(running.error)


@pytest.mark.parametrize(("forward", "expected"), [(True, {"color": "red"}), (False, {})])
def test_case_30_source_properties_are_forwarded_when_flagged(harness: Any, forward: bool, expected: Any) -> None:
    harness.produce(b"x", properties={"color": "red", "__pfn_input_topic__": "other"})
    harness.start(echo, harness.details(sink=SinkSpec(forwardSourceMessageProperty=forward)))
    (message,) = harness.consume(1)
    properties = message.properties()
    assert properties.pop("__pfn_input_topic__") == harness.input
    assert properties.pop("__pfn_input_msg_id__")
    assert properties == expected
