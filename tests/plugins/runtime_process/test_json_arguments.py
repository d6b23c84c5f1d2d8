"""JSON on a command line: what the instance reads is what was meant, and no quote ends it early."""

import json

from google.protobuf.json_format import Parse
from hypothesis import given
from hypothesis import strategies as st

from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_process.command_line import message_to_json, quoted, to_json

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
)
# protobuf strings hold no lone surrogates
strings = st.text(st.characters(exclude_categories=["Cs"]))


def strip_as_instances_do(argument: str) -> str:
    argument = argument[1:] if argument[0] == "'" else argument
    return argument[:-1] if argument[-1] == "'" else argument


@given(json_values)
def test_any_value_survives_quoting(value: object) -> None:
    assert json.loads(strip_as_instances_do(quoted(to_json(value)))) == value


@given(json_values)
def test_nothing_in_it_needs_a_shell_or_a_locale(value: object) -> None:
    text = to_json(value)
    assert text.isascii()
    assert not set("'=<>&\0\n") & set(text)


@given(strings, strings, st.integers(0, 2**31 - 1))
def test_details_survive_quoting(user_config: str, topic: str, ram: int) -> None:
    details = FunctionDetails(name="f", userConfig=user_config)
    details.source.inputSpecs[topic].schemaType = "string"
    details.resources.ram = ram
    read = FunctionDetails()
    Parse(strip_as_instances_do(quoted(message_to_json(details))), read)
    assert read == details


def test_the_form_is_javas() -> None:
    details = FunctionDetails(
        tenant="public", runtime=FunctionDetails.GO, userConfig='{"a<b":"it\'s=&"}', parallelism=2, autoAck=False
    )
    details.resources.ram = 1073741824
    assert message_to_json(details) == (
        '{"tenant":"public","userConfig":"{\\"a\\u003cb\\":\\"it\\u0027s\\u003d\\u0026\\"}","runtime":"GO",'
        '"parallelism":2,"resources":{"ram":"1073741824"}}'
    )
