"""Functions whose messages must not be overtaken: they are called again at once."""

import asyncio
from typing import Any

import attrs
import pytest

from pulsemill_instance.call_guard import CURRENT
from pulsemill_instance.proto.Function_pb2 import ConsumerSpec, FunctionDetails, RetryDetails, SourceSpec
from pulsemill_instance.retries import with_retries


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
