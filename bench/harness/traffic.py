"""Numbers sent to the functions without pause, and what comes out of each function.

One thread owns the client, the producer and the consumers, and makes new ones when the broker has moved. Callbacks of
the client's own threads only put into queues. What the broker did not confirm is sent again: a broker that is killed
loses what it has not confirmed.
"""

import queue
import threading
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import attrs
import pulsar

SEND_SECONDS = 10
OPERATION_SECONDS = 2
TICK_SECONDS = 0.01


@attrs.define
class Tally:
    """What one function put out."""

    seen: set[int] = attrs.field(factory=set)
    duplicates: int = 0

    def add(self, number: int) -> None:
        """Count an output."""
        if number in self.seen:
            self.duplicates += 1
        self.seen.add(number)


class Traffic:
    """Sends `per_second` numbers to `topic` and collects from each of `outputs`."""

    def __init__(self, topic: str, outputs: Sequence[str], per_second: int, log: Path) -> None:
        self.tallies = {output: Tally() for output in outputs}
        self.confirmed: set[int] = set()
        self.resent = 0
        self._topic = topic
        self._logger = pulsar.FileLogger(pulsar.LoggerLevel.Warn, str(log))
        self._interval = TICK_SECONDS * per_second
        self._next = 0
        self._unsent: deque[int] = deque()
        self._results: queue.SimpleQueue[tuple[int, bool]] = queue.SimpleQueue()
        self._in_flight: set[int] = set()
        self._urls: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._url: str | None = None
        self._paused = threading.Event()
        self._thread = threading.Thread(target=self._run, name="traffic")
        self._client: pulsar.Client | None = None
        self._producer: pulsar.Producer | None = None
        self._consumers: dict[str, pulsar.Consumer] = {}
        self.problem: BaseException | None = None

    def start(self, broker_url: str) -> None:
        """Begin."""
        self._urls.put(broker_url)
        self._thread.start()

    def move(self, broker_url: str) -> None:
        """Go on at another broker."""
        self._urls.put(broker_url)

    def pause(self) -> None:
        """Send nothing new, until `resume`; what is unconfirmed is still brought to an end."""
        self._paused.set()

    def resume(self) -> None:
        """Send again."""
        self._paused.clear()

    def stop(self) -> None:
        """End the thread."""
        self._urls.put(None)
        if self._thread.ident:
            self._thread.join(30)

    @property
    def sent(self) -> int:
        """How many numbers there are so far: 0 to sent - 1."""
        return self._next

    def missing_below(self, goal: int) -> dict[str, int]:
        """How many of the first `goal` numbers are not confirmed, and how many are not put out, by output topic."""
        everything = set(range(goal))
        missing = {output: len(everything - tally.seen) for output, tally in self.tallies.items()}
        return missing | {"not confirmed": len(everything - self.confirmed)}

    def _run(self) -> None:
        try:
            while self._follow_broker():
                self._settle()
                if self._client:
                    self._send()
                    self._collect()
        except BaseException as error:  # noqa: BLE001 the main thread has to hear of whatever ended this one
            self.problem = error
        finally:
            self._disconnect()

    def _follow_broker(self) -> bool:
        """Connect to the broker that was named last, if it is there; False at the end."""
        while not self._urls.empty():
            self._url = self._urls.get()
            self._disconnect()
        if self._url and not self._client:
            try:
                self._connect(self._url)
            except pulsar.PulsarException:
                self._disconnect()  # killed already: the next round of the loop sees whether there is another
        return self._url is not None

    def _connect(self, url: str) -> None:
        self._client = pulsar.Client(url, operation_timeout_seconds=OPERATION_SECONDS, logger=self._logger)
        for output in self.tallies:
            self._consumers[output] = self._client.subscribe(
                output, "chaos", initial_position=pulsar.InitialPosition.Earliest
            )
        self._producer = self._client.create_producer(
            self._topic, send_timeout_millis=SEND_SECONDS * 1000, batching_enabled=True, batching_max_publish_delay_ms=5
        )

    def _disconnect(self) -> None:
        client, self._client = self._client, None
        self._producer = None
        self._consumers.clear()
        if client:
            client.shutdown()
        self._settle()
        self._unsent.extend(sorted(self._in_flight))
        self.resent += len(self._in_flight)
        self._in_flight.clear()

    def _settle(self) -> None:
        while not self._results.empty():
            number, stored = self._results.get()
            if stored:
                self.confirmed.add(number)
                self._in_flight.discard(number)
            elif number in self._in_flight:
                self._in_flight.discard(number)
                self._unsent.append(number)
                self.resent += 1

    def _send(self) -> None:
        if not self._paused.is_set():
            for _ in range(max(1, round(self._interval))):
                self._unsent.append(self._next)
                self._next += 1
        while self._unsent and len(self._in_flight) < 500:
            number = self._unsent.popleft()
            self._in_flight.add(number)
            self._send_one(number)

    def _send_one(self, number: int) -> None:
        assert self._producer

        def settled(result: pulsar.Result, _: object) -> None:
            self._results.put((number, result == pulsar.Result.Ok))

        self._producer.send_async(str(number).encode(), settled)

    def _collect(self) -> None:
        until = time.monotonic() + TICK_SECONDS
        for output, consumer in self._consumers.items():
            while True:
                try:
                    message = consumer.receive(timeout_millis=1)
                except pulsar.Timeout:
                    break
                self.tallies[output].add(int(message.data()))
                consumer.acknowledge(message)
        time.sleep(max(0.0, until - time.monotonic()))
