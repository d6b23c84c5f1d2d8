"""The topics of a run: partitioned or not, and what they hold. Asks a broker that may be away for a while again."""

import time
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import TypeVar

import attrs
import httpx2
import pulsar

from bench.model.history import Output
from bench.model.plan import Plan
from tests.cases.world import World, admin_path

Answer = TypeVar("Answer")

_BROKER_SECONDS = 300.0  # its start, on a busy machine
_LEFT_SECONDS = 20.0
_KEEPER = "keeper"


@attrs.frozen
class Topics:
    """Made with `prepare`; what is stored is kept by a subscription, for brokers delete topics that nobody uses."""

    plan: Plan
    world: World

    @property
    def inputs(self) -> list[str]:
        """The input's partitions, or the input itself."""
        return _partitions(self.world.input, self.plan.input_partitions)

    @property
    def outputs(self) -> list[str]:
        """Those of the output."""
        return _partitions(self.world.output, self.plan.output_partitions)

    @property
    def dead(self) -> str:
        """The dead letter topic."""
        return self.world.topic("dead")

    def prepare(self) -> None:
        """Make them, but for what comes into being by itself."""
        for topic, partitions in (
            (self.world.input, self.plan.input_partitions),
            (self.world.output, self.plan.output_partitions),
        ):
            if partitions:
                path = f"{admin_path(topic)}/partitions"
                persistently(lambda path=path, partitions=partitions: self._make(path, partitions))
        for topic in [*self.outputs, *([] if self.plan.retries is None else [self.dead])]:
            persistently(lambda topic=topic: self._make(f"{admin_path(topic)}/subscription/{_KEEPER}", None))

    def feed(self, numbers: Iterable[int]) -> None:
        """Send numbers, each to its partition, in the plan's batches; they are stored afterwards."""
        producers: dict[str, pulsar.Producer] = {}
        by_partition = self.inputs
        for number in numbers:
            topic = by_partition[self.plan.partition(number)]
            if topic not in producers:
                producers[topic] = persistently(lambda topic=topic: self._producer(topic))
            key = {"partition_key": f"key{self.plan.key(number)}"} if self.plan.keys else {}
            producers[topic].send_async(str(number).encode(), None, **key)
        for producer in producers.values():
            with closing(producer):
                producer.flush()

    def backlog(self) -> int:
        """How many entries are not acknowledged; -1 without a subscription to each partition."""
        backlogs = [persistently(lambda topic=topic: self.world.backlog(topic)) for topic in self.inputs]
        return -1 if -1 in backlogs else sum(backlogs)

    def stored(self) -> list[list[Output]]:
        """The outputs of each partition."""
        return [[_numbers(payload) for payload in self._payloads(topic)] for topic in self.outputs]

    def dead_letters(self) -> list[int]:
        """The numbers that were given up."""
        return [] if self.plan.retries is None else [int(payload) for payload in self._payloads(self.dead)]

    def left(self, wanted: set[int]) -> frozenset[int]:
        """Which of these the subscription still delivers, when no instance reads it any more."""
        missing, deadline = set(wanted), time.monotonic() + _LEFT_SECONDS
        while missing and time.monotonic() < deadline:
            for topic in self.inputs:
                missing -= persistently(lambda topic=topic: self._delivered(topic))
        return frozenset(wanted - missing)

    def unload(self, topic: str) -> None:
        """Make the broker close a topic under its clients, as it does when topics move."""
        try:
            self.world.shared.admin.put(f"{admin_path(topic)}/unload")
        except httpx2.TransportError:
            return  # the broker is away itself

    def _make(self, path: str, body: int | None) -> None:
        answer = self.world.shared.admin.put(path, **({} if body is None else {"json": body}))
        if answer.status_code != httpx2.codes.CONFLICT:  # an attempt whose answer got lost
            answer.raise_for_status()

    def _producer(self, topic: str) -> pulsar.Producer:
        batch = self.plan.batch
        return self.world.shared.client.create_producer(
            topic,
            batching_enabled=batch > 1,
            batching_max_messages=max(2, batch),
            batching_max_publish_delay_ms=50,
            batching_type=pulsar.BatchingType.KeyBased if self.plan.keys else pulsar.BatchingType.Default,
            block_if_queue_full=True,
            send_timeout_millis=0,
        )

    def _payloads(self, topic: str) -> list[str]:
        return persistently(lambda: self.world.stored(topic))

    def _delivered(self, topic: str) -> set[int]:
        numbers = set()
        consumer = self.world.shared.client.subscribe(
            topic, self.world.subscription, consumer_type=pulsar.ConsumerType.Shared
        )
        with closing(consumer):
            try:
                while True:
                    numbers.add(int(consumer.receive(1000).data()))
            except pulsar.Timeout:
                return numbers


def persistently(ask: Callable[[], Answer]) -> Answer:
    """An answer of a broker that may be away for a while."""
    deadline = time.monotonic() + _BROKER_SECONDS
    while True:
        try:
            return ask()
        except (httpx2.HTTPError, pulsar.PulsarException, AssertionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(1)


def _partitions(topic: str, count: int) -> list[str]:
    return [f"{topic}-partition-{number}" for number in range(count)] or [topic]


def _numbers(payload: str) -> Output:
    return tuple(int(number) for number in payload.split("+"))
