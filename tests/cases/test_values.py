"""Acceptance cases 1 to 8: what goes into a function and what comes out."""

import base64
from typing import Any

import pulsar
import pytest
from pulsar.schema import AvroSchema, Integer, JsonSchema, Record, String

from pulsemill_instance.proto.Function_pb2 import ConsumerSpec, SinkSpec, SourceSpec
from tests.cases.world import World, admin_path

pytestmark = pytest.mark.pulsar

EXCLAIM = "def process(x): return str(x) + '?'"
RECORDS = """
    from pulsar.schema import Integer, Record, String

    class Person(Record):
        name = String()
        age = Integer()

    class Fn:
        def process(self, person, context):
            assert isinstance(person, Person), person
            return Person(name=person.name.upper(), age=person.age + 1)
"""


class Person(Record):  # type: ignore[misc]  # the client ships no types
    """As in RECORDS."""

    name = String()
    age = Integer()


def test_case_01_a_native_function_answers_with_the_inputs_topic(world: World) -> None:
    world.start(EXCLAIM)
    world.produce(b"7")
    (message,) = world.consume(1)
    assert message.data() == b"7?"
    assert message.properties()["__pfn_input_topic__"] == world.input


def _decoded(message: Any, alphabet: bytes) -> pulsar.MessageId:
    text = message.properties()["__pfn_input_msg_id__"]
    return pulsar.MessageId.deserialize(base64.b64decode(text, alphabet, validate=True))


def test_case_02_the_output_tells_its_inputs_id(world: World) -> None:
    world.start(EXCLAIM)
    (sent,) = world.produce(b"7")
    (message,) = world.consume(1)
    text = message.properties()["__pfn_input_msg_id__"].replace("-", "+").replace("_", "/")
    assert pulsar.MessageId.deserialize(base64.b64decode(text, validate=True)) == sent


def test_case_02_the_id_is_in_the_alphabet_that_the_worker_decodes(world: World) -> None:
    sent = world.produce(*(b"x" for _ in range(254)), batch=127)
    world.start(EXCLAIM)
    messages = world.consume(254)
    assert any(set("+/") & set(message.properties()["__pfn_input_msg_id__"]) for message in messages)
    assert [_decoded(message, b"+/") for message in messages] == sent


def test_case_03_payloads_arrive_as_numbers_text_or_bytes(world: World) -> None:
    world.start("def process(x): return type(x).__name__")
    world.produce(b"42", b"4.5", b"1j", b"abc", b"\xff\xfe", b" 7 ", b"nan")
    assert world.values(7) == ["int", "float", "complex", "str", "bytes", "int", "float"]


def test_case_04_all_results_but_none_are_sent(world: World) -> None:
    world.start("def process(x): return [5, 1.5, '', b'', None, 'end'][x]")
    world.produce(*(str(number).encode() for number in range(6)))
    assert world.values(5) == ["5", "1.5", "", "", "end"]
    world.acknowledged()


def test_case_05_a_result_that_no_serde_takes_is_a_system_exception(world: World) -> None:
    details = world.details()
    details.source.negativeAckRedeliveryDelayMs = 60_000
    program = world.start("def process(x): return {'x': x}", details)
    world.produce(b"1")
    program.met(received=1, processed_successfully=0, user_exceptions=0, system_exceptions=1)
    assert world.stored() == []
    assert world.backlog() == 1


def test_case_06_without_output_topic_any_result_is_fine(world: World) -> None:
    details = world.details()
    details.sink.topic = ""
    program = world.start("def process(x): return {'x': x}", details)
    world.produce(b"1")
    program.met(received=1, processed_successfully=1, user_exceptions=0, system_exceptions=0)
    world.acknowledged()


def test_case_07_serdes_of_the_package_convert_both_ways(world: World) -> None:
    details = world.details(sink=SinkSpec(serDeClassName="userfn.Upper"))
    details.source.inputSpecs[world.input].CopyFrom(ConsumerSpec(serdeClassName="userfn.Words"))
    source = """
        from pulsar import SerDe

        class Words(SerDe):
            def serialize(self, x): raise NotImplementedError
            def deserialize(self, data):
                if data == b"bad":
                    raise ValueError("no words")
                return data.decode().split()

        class Upper(SerDe):
            def serialize(self, x): return x.upper().encode()
            def deserialize(self, data): raise NotImplementedError

        class Fn:
            def process(self, words, context): return "-".join(words)
    """
    program = world.start(source, details)
    world.produce(b"a b", b"bad", b"c d")
    assert world.values(2) == ["A-B", "C-D"]
    program.met(processed_successfully=2, user_exceptions=0, system_exceptions=1)
    world.acknowledged(left=1)


def _sends_records(world: World, kind: str, schema: Any) -> None:
    details = world.details(
        source=SourceSpec(typeClassName="userfn.Person"),
        sink=SinkSpec(typeClassName="userfn.Person", schemaType=kind),
    )
    details.source.inputSpecs[world.input].schemaType = kind
    world.produce(Person(name="ada", age=36), schema=schema)
    world.start(RECORDS, details)
    (message,) = world.consume(1)
    answer = schema.decode(message.data())
    assert (answer.name, answer.age) == ("ADA", 37)
    registered = world.shared.admin.get(f"schemas/{admin_path(world.output).partition('/')[2]}/schema").json()
    assert registered["type"] == kind.upper()


def test_case_08_json_records_go_in_and_out(world: World) -> None:
    _sends_records(world, "json", JsonSchema(Person))


def test_case_08_avro_records_go_in_and_out(world: World) -> None:
    _sends_records(world, "avro", AvroSchema(Person))


def test_case_08_an_unknown_schema_ends_the_start_with_its_name(world: World) -> None:
    details = world.details()
    details.source.inputSpecs[world.input].schemaType = "protobuf"
    program = world.start(EXCLAIM, details)
    assert program.ended() == 1
    reason = program.output.strip().splitlines()
    assert len(reason) == 1
    assert "protobuf" in reason[0]
