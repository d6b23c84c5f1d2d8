"""Who is asked for again, and who is given up."""

import logging
from typing import Any

import attrs
import pytest

from pulsemill_instance.consumers import Input
from pulsemill_instance.emitter import Emitter
from pulsemill_instance.errors import InstanceError
from pulsemill_instance.guarantees import ack_policy
from pulsemill_instance.outcomes import Outcomes
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_instance.stats import Stats


@attrs.define
class Consumer:
    """Keeps what it was asked for again."""

    again: list[Any] = attrs.field(factory=list)

    def negative_acknowledge(self, message: Any) -> None:
        self.again.append(message)


class Message:
    def message_id(self) -> Any:
        return self

    def serialize(self) -> bytes:
        return b"id"

    def topic_name(self) -> str:
        return "in"


class Refused:
    """Outputs whose topic takes no producer."""

    def send(self, *_: Any) -> None:
        raise InstanceError("the topic is terminated")


@pytest.fixture
def outcomes() -> Outcomes:
    return Outcomes(ack_policy(FunctionDetails(autoAck=True)), Stats(), logging.getLogger("function"))


@pytest.fixture
def given_up() -> list[Any]:
    return []


@pytest.fixture
def source(given_up: list[Any]) -> Input:
    consumer = Consumer()
    return Input("in", None, consumer, consumer, str, give_up=lambda _, message: given_up.append(message))


def test_a_message_that_the_function_fails_on_is_given_up(
    outcomes: Outcomes, source: Input, given_up: list[Any]
) -> None:
    outcomes.user_failed(source, "message", ValueError())  # type: ignore[arg-type]  # nobody looks at it
    assert (given_up, source.raw.again) == (["message"], [])


def test_one_whose_output_is_rejected_is_asked_for_again(
    outcomes: Outcomes, source: Input, given_up: list[Any]
) -> None:
    outcomes.rejected([(source, "message", b"")], "no permission")  # type: ignore[list-item]  # nobody looks at it
    assert (given_up, source.raw.again) == ([], ["message"])


def test_one_whose_output_nobody_would_ever_store_is_given_up(
    outcomes: Outcomes, source: Input, given_up: list[Any]
) -> None:
    outcomes.rejected([(source, "message", b"")], "MessageTooBig", for_good=True)  # type: ignore[list-item]  # see above
    assert (given_up, source.raw.again) == (["message"], [])


def test_one_whose_output_has_no_producer_is_asked_for_again(
    outcomes: Outcomes, source: Input, given_up: list[Any]
) -> None:
    refused: Any = Refused()
    emitter, message = Emitter(refused, outcomes, str.encode, False, None), Message()
    emitter.emit(source, message, "result")  # type: ignore[arg-type]  # a fake
    assert (given_up, source.raw.again) == ([], [message])
