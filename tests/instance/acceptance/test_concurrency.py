"""Several calls at a time, on a broker: coroutines and threads."""

import asyncio
import json
import threading
import time
from typing import Any

import pytest

from pulsemill_instance.errors import InstanceFatalError
from pulsemill_instance.proto.Function_pb2 import EFFECTIVELY_ONCE

pytestmark = pytest.mark.embedded


def concurrent(harness: Any, calls: int, order: str = "input", **fields: Any) -> Any:
    config = {"pulsemill.concurrency": calls, "pulsemill.order": order}
    return harness.details(userConfig=json.dumps(config), **fields)


class Overlap:
    """A function that counts how many of its calls run at a time, in all and for one value."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: list[Any] = []
        self.most = 0
        self.most_of_a_key = 0

    def enter(self, key: Any) -> None:
        with self._lock:
            self._running.append(key)
            self.most = max(self.most, len(self._running))
            self.most_of_a_key = max(self.most_of_a_key, self._running.count(key))

    def leave(self, key: Any) -> None:
        with self._lock:
            self._running.remove(key)

    def process(self, value: int, context: Any) -> int:
        self.enter(context.get_message_key())
        time.sleep((10 - value % 10) / 500)
        self.leave(context.get_message_key())
        return value

    async def process_async(self, value: int, context: Any) -> int:
        self.enter(context.get_message_key())
        await asyncio.sleep((10 - value % 10) / 500)
        self.leave(context.get_message_key())
        return value


@pytest.mark.parametrize("is_async", [False, True])
def test_outputs_keep_the_order_of_inputs_though_calls_overlap(harness: Any, until: Any, is_async: bool) -> None:
    overlap = Overlap()
    payloads = [b"%d" % number for number in range(200)]
    harness.produce(*payloads)
    process = overlap.process_async if is_async else overlap.process
    running = harness.start(process, concurrent(harness, 8, retainOrdering=True), is_async=is_async)
    assert [message.data() for message in harness.consume(200)] == payloads
    assert 1 < overlap.most <= 8
    until(lambda: running.status.numSuccessfullyProcessed == 200)
    running.stop()
    assert running.status.averageLatency > 1
    assert harness.unacknowledged() == []


@pytest.mark.parametrize("is_async", [False, True])
def test_messages_of_a_key_are_processed_one_by_one_and_in_order(harness: Any, until: Any, is_async: bool) -> None:
    overlap = Overlap()
    for number in range(60):
        harness.produce(b"%d" % number, partition_key=f"key{number % 6}")
    process = overlap.process_async if is_async else overlap.process
    running = harness.start(process, concurrent(harness, 8, "key"), is_async=is_async)
    numbers = [int(message.data()) for message in harness.consume(60)]
    for key in range(6):
        of_key = [number for number in numbers if number % 6 == key]
        assert of_key == sorted(of_key)
    assert overlap.most > 1
    assert overlap.most_of_a_key == 1
    until(lambda: running.status.numSuccessfullyProcessed == 60)
    running.stop()
    assert harness.unacknowledged() == []


@pytest.mark.parametrize("is_async", [False, True])
def test_without_order_a_slow_call_holds_up_nobody(harness: Any, until: Any, is_async: bool) -> None:
    go_on = threading.Event()

    def process(value: str, context: Any) -> str:
        if value == "slow":
            go_on.wait(30)
        return value

    async def process_async(value: str, context: Any) -> str:
        while value == "slow" and not go_on.is_set():  # noqa: ASYNC110 the test's thread sets it
            await asyncio.sleep(0.01)
        return value

    harness.produce(b"slow", *(b"%d" % number for number in range(60)), batching=False)
    details = concurrent(harness, 4, "none")
    running = harness.start(process_async if is_async else process, details, is_async=is_async)
    until(lambda: running.status.numSuccessfullyProcessed == 60)
    assert b"slow" not in {message.data() for message in harness.consume(60)}
    go_on.set()
    until(lambda: running.status.numSuccessfullyProcessed == 61)
    assert harness.consume(61)[-1].data() == b"slow"
    running.stop()
    assert harness.unacknowledged() == []


def test_calls_of_the_next_batch_begin_while_a_slow_one_of_the_last_runs(harness: Any, until: Any) -> None:
    go_on, seen = threading.Event(), []

    async def process(value: str, context: Any) -> str:
        seen.append(value)
        while value == "slow" and not go_on.is_set():  # noqa: ASYNC110 the test's thread sets it
            await asyncio.sleep(0.01)
        return value

    running = harness.start(process, concurrent(harness, 4), is_async=True)
    harness.produce(b"slow")
    until(lambda: seen == ["slow"])
    harness.produce(b"next")
    until(lambda: seen == ["slow", "next"])
    assert harness.all_of() == []
    go_on.set()
    assert [message.data() for message in harness.consume(2)] == [b"slow", b"next"]
    until(lambda: running.status.numSuccessfullyProcessed == 2)


def test_a_failing_call_fails_alone(harness: Any, until: Any) -> None:
    def process(value: str, context: Any) -> str:
        if value == "bad":
            raise ValueError(value)
        return value

    harness.produce(b"1", b"bad", b"2", batching=False)
    running = harness.start(process, concurrent(harness, 3))
    assert [message.data() for message in harness.consume(2)] == [b"1", b"2"]
    until(lambda: running.status.numUserExceptions == 1 and running.status.numSuccessfullyProcessed == 2)
    running.stop()
    assert harness.unacknowledged() == [b"bad"]


@pytest.mark.parametrize("fatal", [SystemExit(3), MemoryError("no more")])
def test_what_a_thread_cannot_survive_ends_the_instance(harness: Any, fatal: BaseException) -> None:
    def process(value: str, context: Any) -> str:
        raise fatal

    harness.produce(b"end")
    running = harness.start(process, concurrent(harness, 2))
    running.join()
    assert isinstance(running.error, InstanceFatalError)
    assert type(fatal).__name__ in running.status.failureException
    assert harness.unacknowledged() == [b"end"]


def test_effectively_once_holds_for_calls_that_overlap(harness: Any, until: Any) -> None:
    payloads = [b"%d" % number for number in range(200)]
    harness.produce(*payloads)
    running = harness.start(Overlap().process, concurrent(harness, 8, processingGuarantees=EFFECTIVELY_ONCE))
    assert [message.data() for message in harness.consume(200)] == payloads
    until(lambda: running.status.numSuccessfullyProcessed == 200)
    running.stop()
    assert harness.unacknowledged() == []


@pytest.mark.parametrize("is_async", [False, True])
def test_effectively_once_stores_nothing_behind_a_failure(harness: Any, is_async: bool) -> None:
    def process(value: int, context: Any) -> int:
        if value == 3:
            raise ValueError(value)
        time.sleep(0.05 if value > 3 else 0)  # these calls run on while the instance ends
        return value

    async def process_async(value: int, context: Any) -> int:
        if value == 3:
            raise ValueError(value)
        await asyncio.sleep(0.05 if value > 3 else 0)
        return value

    harness.produce(*[b"%d" % number for number in range(8)])
    details = concurrent(harness, 8, processingGuarantees=EFFECTIVELY_ONCE)
    running = harness.start(process_async if is_async else process, details, is_async=is_async)
    running.join()
    assert isinstance(running.error, InstanceFatalError)
    assert harness.all_of() == [b"0", b"1", b"2"]


def test_a_blocked_thread_does_not_keep_the_instance(harness: Any, until: Any) -> None:
    entered, leave = threading.Event(), threading.Event()

    def block(value: str, context: Any) -> str:
        entered.set()
        leave.wait(30)
        return value

    harness.produce(b"1")
    running = harness.start(block, concurrent(harness, 2))
    until(entered.is_set)
    running.stop(10)
    leave.set()
    assert harness.all_of() == []
    assert harness.unacknowledged() == [b"1"]


def test_a_context_stays_its_messages_in_other_threads(harness: Any, until: Any) -> None:
    contexts: list[Any] = []
    later: list[str] = []

    def process(value: str, context: Any) -> str:
        contexts.append(context)
        if len(contexts) == 3:
            thread = threading.Thread(target=lambda: later.extend(one.get_message_key() for one in contexts))
            thread.start()
            thread.join()
        return value

    for key in "abc":
        harness.produce(b"x", partition_key=key)
    harness.start(process)
    until(lambda: len(later) == 3)
    assert later == ["a", "b", "c"]
