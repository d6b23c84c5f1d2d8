"""Acceptance cases 38 and 39, as far as one instance goes: how it ends."""

import asyncio
import threading
import time
from typing import Any

import pytest

from pulsemill_instance.errors import InstanceFatalError

pytestmark = pytest.mark.embedded


def test_case_38_an_idle_instance_stops_at_once(harness: Any, until: Any) -> None:
    harness.produce(b"x")
    running = harness.start(lambda value: value, kind="native")
    harness.consume(1)
    started = time.monotonic()
    running.stop()
    assert time.monotonic() - started < 2
    assert running.error is None
    assert harness.unacknowledged() == []


def test_case_38_stopping_under_a_backlog_stores_and_acknowledges_what_was_processed(harness: Any, until: Any) -> None:
    payloads = [f"n{number}".encode() for number in range(20_000)]
    harness.produce(*payloads, batching=True)
    calls: list[Any] = []

    def slow(value: Any, context: Any) -> Any:
        calls.append(value)
        return value

    running = harness.start(slow)
    until(lambda: running.status.numSuccessfullyProcessed > 1000)
    started = time.monotonic()
    running.stop(5)
    assert time.monotonic() - started < 5
    status = running.status
    assert (status.numSystemExceptions, status.numUserExceptions) == (0, 0)
    assert status.numSuccessfullyProcessed == status.numReceived == len(calls)
    assert len(harness.all_of()) == len(calls)
    left = set(payloads) - {call.encode() for call in calls}
    until(lambda: left <= set(harness.unacknowledged()), seconds=60.0)


def test_sys_exit_in_a_task_of_the_functions_own_ends_the_instance(harness: Any) -> None:
    async def leave() -> None:
        raise SystemExit(3)

    async def process(value: str, context: Any) -> str:
        await asyncio.gather(leave())
        return value

    harness.produce(b"x")
    running = harness.start(process, is_async=True)
    running.join()
    assert isinstance(running.error, InstanceFatalError)
    assert "SystemExit(3)" in running.status.failureException
    assert harness.unacknowledged() == [b"x"]


@pytest.mark.parametrize("fatal", [SystemExit(3), MemoryError("no more"), KeyboardInterrupt()])
@pytest.mark.parametrize("is_async", [False, True])
def test_case_39_what_user_code_cannot_survive_ends_the_instance_with_its_name(
    harness: Any, fatal: BaseException, is_async: bool
) -> None:
    def end(value: str, context: Any) -> str:
        if value == "end":
            raise fatal
        return value

    async def end_async(value: str, context: Any) -> str:
        return end(value, context)

    harness.produce(b"fine", b"end", batching=False)
    running = harness.start(end_async if is_async else end, is_async=is_async)
    running.join()
    assert isinstance(running.error, InstanceFatalError)
    assert type(fatal).__name__ in str(running.error)
    assert not running.status.running
    assert running.status.failureException == str(running.error)
    assert harness.all_of() == [b"fine"]
    assert harness.unacknowledged() == [b"end"]


def test_request_stop_returns_although_the_function_blocks(harness: Any, until: Any) -> None:
    entered, leave = threading.Event(), threading.Event()

    def block(value: Any, context: Any) -> Any:
        entered.set()
        leave.wait(30)
        return value

    harness.produce(b"1", b"2", batching=False)
    running = harness.start(block)
    assert entered.wait(10)
    started = time.monotonic()
    running.instance.request_stop()
    assert time.monotonic() - started < 0.1
    leave.set()
    running.join()
    assert harness.all_of() == [b"1"]
    assert harness.unacknowledged() == [b"2"]


def test_coroutines_run_concurrently_and_keep_their_order(harness: Any) -> None:
    async def wait(value: Any, context: Any) -> Any:
        await asyncio.sleep(0.05)
        return value

    payloads = [str(number).encode() for number in range(200)]
    harness.produce(*payloads)
    started = time.monotonic()
    harness.start(wait, is_async=True)
    assert [message.data() for message in harness.consume(200)] == payloads
    assert time.monotonic() - started < 5
