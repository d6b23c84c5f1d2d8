"""Messages that fail: called again at once where they must not be overtaken, and given up in the end."""

import asyncio
from types import SimpleNamespace
from typing import Any

import _pulsar
import attrs
import pytest

from pulsemill_instance.call_guard import CURRENT
from pulsemill_instance.proto.Function_pb2 import ConsumerSpec, FunctionDetails, RetryDetails, SourceSpec
from pulsemill_instance.retries import create_dead_letters, with_retries
from pulsemill_instance.spec import InstanceSpec
from pulsemill_instance.stats import Stats
from tests.instance.calls import source_of
from tests.instance.producers import Client


@attrs.define
class Attempts:
    """Counts attempts after the first."""

    count: int = 0

    def attempt(self) -> None:
        self.count += 1


@pytest.fixture
def details() -> FunctionDetails:
    source = SourceSpec(inputSpecs={"in": ConsumerSpec()})
    return FunctionDetails(source=source, retainOrdering=True, retryDetails=RetryDetails(maxMessageRetries=3))


@pytest.fixture
def attempts() -> Any:
    attempts = Attempts()
    token = CURRENT.set(attempts)
    yield attempts
    CURRENT.reset(token)


def fail(_: Any) -> None:
    raise ValueError("poison")


async def fail_later(_: Any) -> None:
    raise ValueError("poison")


def test_each_attempt_has_the_time_of_a_call(details: FunctionDetails, attempts: Attempts) -> None:
    with pytest.raises(ValueError, match="poison"):
        with_retries(fail, details, is_async=False)("x")
    assert attempts.count == 3


def test_so_has_each_of_a_coroutine(details: FunctionDetails, attempts: Attempts) -> None:
    with pytest.raises(ValueError, match="poison"):
        asyncio.run(with_retries(fail_later, details, is_async=True)("x"))
    assert attempts.count == 3


def test_what_succeeds_is_called_once(details: FunctionDetails, attempts: Attempts) -> None:
    assert with_retries(str, details, is_async=False)(5) == "5"
    assert attempts.count == 0


def test_what_the_function_refuses_is_given_up_in_the_engines_turn() -> None:
    client, given = Client(), FunctionDetails(retryDetails=RetryDetails(maxMessageRetries=1, deadLetterTopic="dead"))
    nobody: Any = None
    letters = create_dead_letters(client, InstanceSpec(given, 0, "id", "1", "standalone"), nobody, Stats())  # type: ignore[arg-type]  # a fake
    assert letters
    source = source_of()
    asked_again: list[Any] = []
    source.raw = SimpleNamespace(negative_acknowledge=asked_again.append)
    first, last = refused(0), refused(1)
    for message in (first, last):
        letters.give_up_soon(source, message)
    assert client.producers == []
    letters.turn()
    assert asked_again == [first]
    assert len(client.producers[0].callbacks) == 1


def test_without_an_end_of_retries_there_are_no_dead_letters() -> None:
    nobody: Any = None
    spec = InstanceSpec(FunctionDetails(), 0, "id", "1", "standalone")
    assert create_dead_letters(nobody, spec, nobody, Stats()) is None


def refused(redeliveries: int) -> Any:
    """A message that came again so often."""
    message = _pulsar.MessageBuilder().content(b"x").build()
    return Redelivered(message, redeliveries)


@attrs.frozen(eq=False)
class Redelivered:
    """A message with a count of redeliveries, which only a broker can give it."""

    message: Any
    redeliveries: int

    def redelivery_count(self) -> int:
        return self.redeliveries

    def __getattr__(self, name: str) -> Any:
        return getattr(self.message, name)
