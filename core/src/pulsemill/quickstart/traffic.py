"""Sends the input to the functions and receives their outputs, measuring how long each took.

Threads: one feeds, one reads each output topic, and `run` waits for them in the thread that called it. They share the
counters of Traffic (each written by one thread only) and the stop event, which ends all of them within PAUSE_MILLIS.
"""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import attrs
import pulsar

from pulsemill.quickstart.catalog import LINES, RECORDS, Registration
from pulsemill.quickstart.display import Display
from pulsemill.quickstart.lines import Input, record
from pulsemill.quickstart.measurements import Measurement
from pulsemill.quickstart.registering import QuickstartError

LINE = "quickstart-line"
SENT = "quickstart-sent-ns"
"""The properties with the line's number and the time of sending, which functions forward to their outputs."""

WINDOW = 250
"""Lines that may be on their way: the feeder waits for the slowest function."""

PAUSE_MILLIS = 200
STALL_SECONDS = 30.0
POLL_SECONDS = 0.02


@attrs.define
class Traffic:
    """One run's messages."""

    client: pulsar.Client
    registrations: Sequence[Registration]
    source: Input
    display: Display
    stop: threading.Event
    measurements: dict[Registration, Measurement] = attrs.field(init=False)
    sent: int = attrs.field(default=0, init=False)
    fed: bool = attrs.field(default=False, init=False)
    refusal: pulsar.Result | None = attrs.field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self.measurements = {registration: Measurement() for registration in self.registrations}

    @property
    def received(self) -> int:
        """Outputs of all functions."""
        return sum(measurement.outputs for measurement in self.measurements.values())

    def run(self) -> None:
        """Return when every line has its output from every function; QuickstartError when something fails or stalls."""
        consumers = {each: self._subscribe(each) for each in self.registrations}
        with ThreadPoolExecutor(1 + len(consumers)) as threads:
            work = [threads.submit(self._read, each, consumer) for each, consumer in consumers.items()]
            work.append(threads.submit(self._feed))
            try:
                self._wait(work)
            finally:
                self.stop.set()

    def missing(self) -> dict[Registration, int]:
        """How many outputs are missing, by function."""
        counts = {each: self.sent - measurement.outputs for each, measurement in self.measurements.items()}
        return {each: count for each, count in counts.items() if count > 0}

    def _wait(self, work: Sequence[Future[None]]) -> None:
        seen, since = -1, time.monotonic()
        while not self.stop.wait(POLL_SECONDS):
            self._raise_failure(work)
            if self.fed and not self.missing():
                return
            self.display.progress(self.sent, self.received, self.sent * len(self.registrations))
            if self.received + self.sent != seen:
                seen, since = self.received + self.sent, time.monotonic()
            elif self.missing() and time.monotonic() - since > STALL_SECONDS:
                raise QuickstartError(f"nothing arrived for {STALL_SECONDS:.0f} s; {self._lacking()}")

    def _lacking(self) -> str:
        return ", ".join(f"{each.name} lacks {count} of {self.sent}" for each, count in self.missing().items())

    def _raise_failure(self, work: Sequence[Future[None]]) -> None:
        for error in (each.exception() for each in work if each.done()):
            if isinstance(error, BrokenPipeError):
                raise error  # nobody reads what we print any more: no failure of the run
            if error:
                raise QuickstartError(f"the traffic broke off: {error}") from error
        if self.refusal:
            raise QuickstartError(f"the broker refused a line: {self.refusal}")

    def _feed(self) -> None:
        lines, records = (self.client.create_producer(topic, block_if_queue_full=True) for topic in (LINES, RECORDS))
        for number, line in enumerate(self.source.lines(self.stop.is_set), 1):
            self._wait_for_window()
            if self.stop.is_set():
                return
            self._send(lines, number, line)
            self._send(records, number, record(number, line))
            self.sent = number
        self.fed = True

    def _wait_for_window(self) -> None:
        while self.sent - min(each.outputs for each in self.measurements.values()) >= WINDOW:
            if self.stop.wait(POLL_SECONDS / 10):
                return

    def _send(self, producer: pulsar.Producer, line: int, text: str) -> None:
        properties = {LINE: str(line), SENT: str(time.time_ns())}
        producer.send_async(text.encode(), self._confirm, properties=properties)

    def _confirm(self, result: pulsar.Result, _message_id: object) -> None:
        if result != pulsar.Result.Ok:
            self.refusal = result

    def _subscribe(self, registration: Registration) -> pulsar.Consumer:
        # Shared, because the embedded broker sends some batches twice to exclusive consumers.
        shared, earliest = pulsar.ConsumerType.Shared, pulsar.InitialPosition.Earliest
        return self.client.subscribe(registration.output, "quickstart", shared, initial_position=earliest)

    def _read(self, registration: Registration, consumer: pulsar.Consumer) -> None:
        measurement, name = self.measurements[registration], registration.name.name
        while not self.stop.is_set():
            try:
                message = consumer.receive(timeout_millis=PAUSE_MILLIS)
            except pulsar.Timeout:
                continue
            properties = message.properties()
            if measurement.record(int(properties[LINE]), int(properties[SENT]) / 1e9, time.time()):
                self.display.output(name, message.data().decode(errors="replace"))
            consumer.acknowledge(message)
