"""JSON on a command line: what the instance reads is what was meant, and no quote ends it early."""

import json

import pytest
from google.protobuf.json_format import Parse
from hypothesis import given
from hypothesis import strategies as st

from pulsemill.instance_commands.options import quoted
from pulsemill.java_json import java_double, message_json, plain_json, to_ascii_json, to_json
from pulsemill_instance.proto.Function_pb2 import FunctionDetails

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
    for write in (to_json, to_ascii_json):
        assert json.loads(strip_as_instances_do(quoted(write(value)))) == value
    assert json.loads(plain_json(value)) == value


@given(json_values)
def test_no_quote_ends_it_early(value: object) -> None:
    for text in (to_json(value), to_ascii_json(value)):
        assert not set("'=<>&\0\n\u2028\u2029") & set(text)


@given(json_values)
def test_the_ascii_form_needs_no_locale(value: object) -> None:
    assert to_ascii_json(value).isascii()
    assert plain_json(value, ascii_only=True).isascii()


@given(strings, strings, st.integers(0, 2**31 - 1))
def test_details_survive_quoting(user_config: str, topic: str, ram: int) -> None:
    details = FunctionDetails(name="f", userConfig=user_config)
    details.source.inputSpecs[topic].schemaType = "string"
    details.resources.ram = ram
    read = FunctionDetails()
    Parse(strip_as_instances_do(quoted(message_json(details))), read)
    assert read == details


def test_the_form_is_javas() -> None:
    details = FunctionDetails(
        tenant="public", runtime=FunctionDetails.GO, userConfig='{"a<b":"it\'s=&"}', parallelism=2, autoAck=False
    )
    details.resources.ram = 1073741824
    assert message_json(details) == (
        '{"tenant":"public","userConfig":"{\\"a\\u003cb\\":\\"it\\u0027s\\u003d\\u0026\\"}","runtime":"GO",'
        '"parallelism":2,"resources":{"ram":"1073741824"}}'
    )


def test_other_characters_stand_as_they_are() -> None:
    assert to_json("grüße 🎉") == '"grüße 🎉"'
    assert to_ascii_json("ü") == '"\\u00fc"'


def test_maps_are_in_the_order_of_their_keys() -> None:
    details = FunctionDetails()
    for topic in "zaymb":
        details.source.inputSpecs[topic].schemaProperties.update({"2": "", "1": ""})
    properties = '{"schemaProperties":{"1":"","2":""}}'
    assert message_json(details) == (
        f'{{"source":{{"inputSpecs":{{{",".join(f"{json.dumps(topic)}:{properties}" for topic in "abmyz")}}}}}}}'
    )


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0.0"),
        (1.0, "1.0"),
        (0.5, "0.5"),
        (0.001, "0.001"),
        (0.0005, "5.0E-4"),
        (9999999.5, "9999999.5"),
        (1e7, "1.0E7"),
        (-123456789.25, "-1.2345678925E8"),
        (1e23, "1.0E23"),
    ],
)
def test_numbers_are_javas(number: float, text: str) -> None:
    assert java_double(number) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_keep_their_value(number: float) -> None:
    assert float(java_double(number)) == number
