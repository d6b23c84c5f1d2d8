"""Acceptance cases 1 to 8: what the function is given, and what becomes of its result."""

import base64
from typing import Any

import pulsar
import pytest

pytestmark = pytest.mark.embedded


def test_case_1_native_function_names_its_input_on_the_output(harness: Any) -> None:
    harness.produce(b"7")
    harness.start(lambda value: str(value) + "?", kind="native")
    (message,) = harness.consume(1)
    assert message.data() == b"7?"
    assert message.properties()["__pfn_input_topic__"] == harness.input


def test_case_2_output_carries_the_input_id_in_the_standard_alphabet(harness: Any) -> None:
    harness.produce(b"x")
    (given,) = harness.consume(1, harness.input)
    harness.start(lambda value, context: value)
    (message,) = harness.consume(1)
    encoded = message.properties()["__pfn_input_msg_id__"]
    assert pulsar.MessageId.deserialize(base64.b64decode(encoded, validate=True)) == given.message_id()
