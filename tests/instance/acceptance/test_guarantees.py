"""Acceptance cases 14 to 17 and 21 to 23: what each guarantee promises."""

import asyncio
import collections
import signal
import subprocess
import sys
import time
from typing import Any

import pytest
from google.protobuf.json_format import MessageToJson

from pulsemill_instance.proto.Function_pb2 import ATMOST_ONCE, EFFECTIVELY_ONCE, MANUAL

pytestmark = pytest.mark.embedded

CHILD = """
import logging, sys, time
import pulsar
from google.protobuf.json_format import Parse
from pulsemill_instance.instance import FunctionInstance, InstanceSpec
from pulsemill_instance.proto.Function_pb2 import FunctionDetails

class Code:
    kind, is_async = "native", False
    def process(self, value):
        print(value, flush=True)
        time.sleep(float(sys.argv[3]))
        return value

url, details = sys.argv[1:3]
spec = InstanceSpec(Parse(details, FunctionDetails()), 0, "id", "1", "standalone")
FunctionInstance(spec, pulsar.Client(url), Code(), None, logging.getLogger()).run()
"""


def echo(value: Any, context: Any) -> Any:
    return value


def start_child(url: str, details: Any, seconds_per_message: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, url, MessageToJson(details), str(seconds_per_message)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def first_line(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return next(line for line in child.stdout if not line.startswith("20"))


def kill(child: subprocess.Popen[str]) -> None:
    child.send_signal(signal.SIGKILL)
    child.communicate()


def test_case_14_at_most_once_does_not_process_twice_after_a_kill(harness: Any, broker: Any) -> None:
    details = harness.details(processingGuarantees=ATMOST_ONCE)
    harness.produce(b"first", b"second", batching=False)
    child = start_child(broker.url, details, 60)
    assert first_line(child) == "first\n"
    time.sleep(1.5)  # the client sends acknowledgements within 0.1 s, the broker stores them within another second
    kill(child)
    assert harness.unacknowledged() == [b"second"]


def test_case_14_at_most_once_leaves_no_backlog_of_null_and_failing_results(harness: Any, until: Any) -> None:
    harness.produce(b"null", b"fail", b"fine")

    def choose(value: str, context: Any) -> str | None:
        if value == "fail":
            raise ValueError(value)
        return None if value == "null" else value

    running = harness.start(choose, harness.details(processingGuarantees=ATMOST_ONCE))
    until(lambda: running.status.numSuccessfullyProcessed == 2)
    running.stop()
    assert running.status.numUserExceptions == 1
    assert harness.all_of() == [b"fine"]
    assert harness.unacknowledged() == []


@pytest.mark.parametrize("is_async", [False, True])
def test_at_most_once_finishes_an_acknowledged_batch_when_asked_to_stop(harness: Any, is_async: bool) -> None:
    def process(value: int, context: Any) -> int:
        time.sleep(0.005)
        return value

    async def process_async(value: int, context: Any) -> int:
        await asyncio.sleep(0.05)
        return value

    payloads = [b"%d" % number for number in range(100)]
    harness.produce(*payloads)
    details = harness.details(processingGuarantees=ATMOST_ONCE)
    running = harness.start(process_async if is_async else process, details, is_async=is_async)
    harness.consume(1)
    running.stop()
    assert sorted(harness.all_of()) == sorted(payloads)


def test_case_15_at_least_once_loses_nothing_when_killed_midstream(harness: Any, broker: Any) -> None:
    payloads = {f"n{number}".encode() for number in range(3000)}
    harness.produce(*payloads)
    details = harness.details()
    child = start_child(broker.url, details, 0.0002)
    harness.consume(300)
    kill(child)
    # pulsar-lite may hold on to a consumer that died while it was sent to; the worker starts it again then.
    broker.kill()
    broker.start()
    stored = len(harness.all_of())
    assert 300 <= stored < 3000
    running = harness.start(echo, details)
    missing = set(payloads)
    while missing:
        missing -= set(harness.all_of(quiet_ms=300))
    running.stop()
    assert running.error is None


def test_case_16_without_auto_ack_nothing_is_acknowledged(harness: Any) -> None:
    harness.produce(b"1", b"2", b"3")
    running = harness.start(echo, harness.details())
    running.stop()
    details = harness.details()
    details.autoAck = False
    harness.produce(b"4", b"5", b"6")
    running = harness.start(echo, details)
    harness.consume(3)
    running.stop()
    assert set(harness.unacknowledged()) >= {b"4", b"5", b"6"}


def test_case_17_manual_acknowledges_only_what_the_function_does(harness: Any, until: Any) -> None:
    harness.produce(b"keep", b"done", batching=False)

    def acknowledge_some(value: str, context: Any) -> str:
        if value == "done":
            context.ack(context.get_message_id(), context.get_current_message_topic_name())
        return value

    running = harness.start(acknowledge_some, harness.details(processingGuarantees=MANUAL))
    until(lambda: running.status.numSuccessfullyProcessed == 2)
    running.stop()
    assert harness.unacknowledged() == [b"keep"]


def test_case_21_effectively_once_needs_one_input_and_an_output(harness: Any) -> None:
    two = harness.details("a", "b", processingGuarantees=EFFECTIVELY_ONCE)
    none = harness.details(processingGuarantees=EFFECTIVELY_ONCE)
    none.sink.topic = ""
    for details, reason in ((two, "exactly one input topic, but has 2"), (none, "needs an output topic")):
        running = harness.start(echo, details)
        running.join()
        assert reason in str(running.error)
        assert not running.status.running


def test_effectively_once_sends_every_input_of_a_batch_in_order(harness: Any, until: Any) -> None:
    payloads = [f"n{number}".encode() for number in range(200)]
    harness.produce(*payloads)
    running = harness.start(echo, harness.details(processingGuarantees=EFFECTIVELY_ONCE))
    assert [message.data() for message in harness.consume(200)] == payloads
    until(lambda: running.status.numSuccessfullyProcessed == 200)
    running.stop()
    assert harness.unacknowledged() == []


def test_case_22_retain_ordering_keeps_the_order_of_outputs(harness: Any) -> None:
    payloads = [f"n{number}".encode() for number in range(10_000)]
    harness.produce(*payloads)
    harness.start(echo, harness.details(retainOrdering=True))
    assert [message.data() for message in harness.consume(10_000)] == payloads


def test_case_22_retain_ordering_holds_for_coroutines(harness: Any) -> None:
    async def later_first(value: int, context: Any) -> int:
        await asyncio.sleep((100 - value % 100) / 10_000)
        return value

    payloads = [str(number).encode() for number in range(1000)]
    harness.produce(*payloads)
    harness.start(later_first, harness.details(retainOrdering=True), is_async=True)
    assert [message.data() for message in harness.consume(1000)] == payloads


def test_case_23_retain_key_ordering_keeps_the_order_of_each_key(harness: Any, until: Any) -> None:
    details = harness.details(retainKeyOrdering=True)
    seen: dict[str, set[str]] = collections.defaultdict(set)

    def mark(value: str, context: Any) -> str:
        seen[context.get_message_key()].add(context.get_instance_id())
        return value

    # pulsar-lite tells consumers of a Key_Shared subscription apart only within one connection
    instances = [harness.start(mark, details, instance_id=number, client=harness.client) for number in (0, 1)]
    keys = [f"key{number}" for number in range(20)]
    until(lambda: produce_keyed(harness, keys, "early") or all(i.status.numReceived for i in instances))
    seen.clear()
    produce_keyed(harness, [keys[number % 20] for number in range(400)], "numbered")
    until(lambda: len(numbered(harness)) >= 400)
    outputs = numbered(harness)
    for key in keys:
        numbers = [number for output_key, number in outputs if output_key == key]
        assert numbers == sorted(numbers)
    assert all(len(instances_of_key) == 1 for instances_of_key in seen.values())


def produce_keyed(harness: Any, keys: list[str], kind: str) -> None:
    producer = harness.client.create_producer(harness.input)
    for number, key in enumerate(keys):
        producer.send_async(f"{kind}:{key}:{number}".encode(), None, partition_key=key)
    producer.flush()
    producer.close()


def numbered(harness: Any) -> list[tuple[str, int]]:
    """Keys and numbers in output order, once each: pulsar-lite delivers some inputs twice while they are produced."""
    outputs = [payload.decode().split(":") for payload in harness.all_of(quiet_ms=200)]
    return list(dict.fromkeys((key, int(number)) for kind, key, number in outputs if kind == "numbered"))
