"""Functions with windows, on a broker."""

import json
import threading
from typing import Any

import pytest

pytestmark = pytest.mark.embedded


def windowed(harness: Any, *inputs: str, **config: Any) -> Any:
    user_config = json.dumps({"__WINDOWCONFIGS__": {"actualWindowFunctionClassName": "mod.Fn", **config}})
    return harness.details(*inputs, userConfig=user_config, processingGuarantees="MANUAL")


def join(values: list[Any]) -> str:
    return "+".join(map(str, values))


def texts(messages: list[Any]) -> list[str]:
    return [message.data().decode() for message in messages]


def test_tumbling_windows_of_a_count_are_acknowledged_when_their_outputs_are_stored(harness: Any, until: Any) -> None:
    harness.produce(b"a", b"b", b"c", b"d", b"e", batching=False)
    running = harness.start(join, windowed(harness, windowLengthCount=2), kind="native")
    assert texts(harness.consume(2)) == ["a+b", "c+d"]
    until(lambda: running.status.numSuccessfullyProcessed == 2)
    running.stop()
    assert running.status.numReceived == 5
    assert harness.unacknowledged() == [b"e"]


def test_sliding_windows_keep_what_the_next_one_needs(harness: Any, until: Any) -> None:
    harness.produce(*(str(n).encode() for n in range(1, 6)), batching=False)
    running = harness.start(join, windowed(harness, windowLengthCount=3, slidingIntervalCount=2), kind="native")
    assert texts(harness.consume(2)) == ["1+2", "2+3+4"]
    until(lambda: running.status.numSuccessfullyProcessed == 2)
    running.stop()
    assert sorted(harness.unacknowledged()) == [b"4", b"5"]


def test_windows_of_time_end_though_no_message_comes(harness: Any, until: Any) -> None:
    running = harness.start(join, windowed(harness, windowLengthDurationMs=400), kind="native")
    until(lambda: running.status.running)
    harness.produce(b"a", b"b", batching=True)
    until(lambda: "".join(texts_of(harness)).replace("+", "") == "ab")
    until(lambda: running.status.numSuccessfullyProcessed >= 1)
    running.stop()
    assert harness.unacknowledged() == []


def texts_of(harness: Any) -> list[str]:
    return [payload.decode() for payload in harness.all_of(quiet_ms=200)]


def test_event_time_orders_what_comes_within_the_lag_and_sends_the_rest_to_the_late_topic(
    harness: Any, until: Any
) -> None:
    class Times:
        def extract_timestamp(self, value: int) -> int:
            return value

    config = windowed(
        harness,
        windowLengthDurationMs=100,
        timestampExtractorClassName="mod.Times",
        maxLagMs=50,
        watermarkEmitIntervalMs=1,
        lateDataTopic=harness.topic("late"),
    )
    running = harness.start(join, config, kind="native", classes={"mod.Times": Times})
    harness.produce(b"10", b"60", b"30", b"120", batching=False)  # the watermark comes to 70
    until(lambda: running.status.numReceived == 4)
    harness.produce(b"151", batching=False)  # and to 101
    assert texts(harness.consume(1)) == ["10+30+60"]
    harness.produce(b"90", b"250", batching=False)  # 90 is late; the watermark comes to 200
    assert texts(harness.consume(2))[1:] == ["120+151"]
    assert texts(harness.consume(1, harness.topic("late"))) == ["90"]
    until(lambda: running.status.numSuccessfullyProcessed == 2)
    running.stop()
    assert harness.unacknowledged() == [b"250"]


def test_event_time_may_be_the_messages_own(harness: Any) -> None:
    details = windowed(
        harness, windowLengthDurationMs=10, timestampExtractorClassName="EventTime", watermarkEmitIntervalMs=1
    )
    harness.start(join, details, kind="native")
    for time, payload in ((1001, b"a"), (1010, b"b"), (1021, b"c")):
        harness.produce(payload, batching=False, event_timestamp=time)
    assert texts(harness.consume(1)) == ["a+b"]


def test_a_window_that_fails_comes_again(harness: Any, until: Any) -> None:
    failed = threading.Event()

    def fail_once(values: list[Any], context: Any) -> str:
        if not failed.is_set():
            failed.set()
            raise ValueError(join(values))
        return join(values)

    details = windowed(harness, windowLengthCount=2)
    details.source.negativeAckRedeliveryDelayMs = 200
    harness.produce(b"a", b"b", batching=False)
    running = harness.start(fail_once, details)
    assert sorted(texts(harness.consume(1))[0].split("+")) == ["a", "b"]
    until(lambda: running.status.numSuccessfullyProcessed == 1)
    running.stop()
    assert running.status.numUserExceptions == 1
    assert harness.unacknowledged() == []


def test_at_most_once_acknowledges_before(harness: Any, until: Any) -> None:
    harness.produce(b"a", b"b", b"c", batching=False)
    details = windowed(harness, windowLengthCount=2, processingGuarantees="ATMOST_ONCE")
    running = harness.start(join, details, kind="native")
    until(lambda: running.status.numReceived == 3)
    running.stop()
    assert harness.unacknowledged() == []


def test_the_context_is_the_last_messages_and_knows_all_of_them(harness: Any) -> None:
    def describe(values: list[Any], context: Any) -> str:
        keys = ",".join(record.get_message_key() for record in context.get_records())
        return f"{context.get_message_key()} of {keys}, from {context.get_window_start()}"

    for key in "xyz":
        harness.produce(b"1", batching=False, partition_key=key)
    harness.start(describe, windowed(harness, windowLengthCount=3))
    (message,) = harness.consume(1)
    assert message.data() == b"z of x,y,z, from None"
    assert message.properties()["__pfn_input_topic__"] == harness.input


def test_coroutines_take_windows_too(harness: Any) -> None:
    async def process(values: list[Any], context: Any) -> str:
        return join(values)

    harness.produce(b"a", b"b", batching=False)
    harness.start(process, windowed(harness, windowLengthCount=2), is_async=True)
    assert texts(harness.consume(1)) == ["a+b"]


def test_windows_that_cannot_be_end_the_start_with_the_reason(harness: Any) -> None:
    running = harness.start(join, windowed(harness), kind="native")
    running.join()
    assert "windowLengthCount" in running.status.failureException


def test_user_config_shows_no_windows(harness: Any) -> None:
    harness.produce(b"a", batching=False)
    harness.start(lambda _, context: str(context.get_user_config_map()), windowed(harness, windowLengthCount=1))
    assert texts(harness.consume(1)) == ["{}"]
