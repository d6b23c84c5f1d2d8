"""What a function does before its first message and after its last output, on a broker."""

import asyncio
from typing import Any

import pytest

from pulsemill_instance.lifecycle import find_lifecycle

pytestmark = pytest.mark.embedded


class Recorder:
    """A function that writes down what happens to it."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def initialize(self, context: Any) -> None:
        self.events.append(f"initialize {context.get_function_name()[:2]}")

    def process(self, value: str, context: Any) -> str:
        self.events.append(value)
        return value

    def close(self) -> None:
        self.events.append("close")


class AsyncRecorder(Recorder):
    async def initialize(self, context: Any) -> None:  # type: ignore[override]  # the test's point
        self.loop = asyncio.get_running_loop()
        self.events.append(f"initialize {context.get_function_name()[:2]}")

    async def process(self, value: str, context: Any) -> str:  # type: ignore[override]
        assert asyncio.get_running_loop() is self.loop
        self.events.append(value)
        return value

    async def close(self) -> None:  # type: ignore[override]
        assert asyncio.get_running_loop() is self.loop
        self.events.append("close")


@pytest.mark.parametrize("function", [Recorder(), AsyncRecorder()])
def test_hooks_are_called_once_around_all_messages(harness: Any, function: Recorder) -> None:
    harness.produce(b"a", b"b", batching=False)
    is_async = isinstance(function, AsyncRecorder)
    running = harness.start(function.process, is_async=is_async, lifecycle=find_lifecycle(function))
    harness.consume(2)
    running.stop()
    assert running.status.numUserExceptions == 0
    assert function.events == ["initialize fn", "a", "b", "close"]
    assert harness.unacknowledged() == []


def test_a_function_that_cannot_prepare_itself_does_not_start_and_says_why(harness: Any) -> None:
    class Unprepared(Recorder):
        def initialize(self, context: Any) -> None:
            raise ConnectionError("no database")

    function = Unprepared()
    harness.produce(b"a")
    running = harness.start(function.process, lifecycle=find_lifecycle(function))
    running.join()
    assert running.status.failureException == "initialize of the function failed: ConnectionError: no database"
    assert function.events == []


def test_initialize_has_no_message_to_ask_about(harness: Any) -> None:
    class Curious(Recorder):
        def initialize(self, context: Any) -> None:
            context.get_message_key()

    function = Curious()
    running = harness.start(function.process, lifecycle=find_lifecycle(function))
    running.join()
    assert "initialize is called before the first message" in running.status.failureException


def test_an_input_that_cannot_be_subscribed_closes_what_was_initialized(harness: Any) -> None:
    function = Recorder()
    running = harness.start(
        function.process, harness.details("persistent://no-topic"), lifecycle=find_lifecycle(function)
    )
    running.join()
    assert running.error is not None
    assert function.events == ["initialize fn", "close"]


def test_a_failing_close_is_counted(harness: Any) -> None:
    class Clumsy(Recorder):
        def close(self) -> None:
            raise ValueError("stuck")

    function = Clumsy()
    harness.produce(b"a")
    running = harness.start(function.process, lifecycle=find_lifecycle(function))
    harness.consume(1)
    running.stop()
    assert running.error is None
    assert "stuck" in running.status.latestUserExceptions[0].exceptionString


@pytest.mark.parametrize("is_async", [False, True])
def test_what_hooks_log_is_in_the_log_topic(harness: Any, is_async: bool) -> None:
    class Talking(Recorder):
        def initialize(self, context: Any) -> None:
            context.get_logger().warning("ready")

        async def initialize_async(self, context: Any) -> None:
            context.get_logger().warning("ready")

    function = Talking()
    if is_async:
        function.initialize = function.initialize_async  # type: ignore[method-assign]
    details = harness.details(logTopic=harness.topic("log"))
    harness.start(function.process, details, lifecycle=find_lifecycle(function))
    (message,) = harness.consume(1, harness.topic("log"))
    assert message.data().decode().endswith("[WARNING]: ready")
