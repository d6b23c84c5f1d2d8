"""Measures what each step of a message costs in Pulsar's Python client: what an instance cannot go below.

    uv run python -m bench.costs [--seconds 10]

Takes batches of 500 messages of 100 bytes through the client's own extension module step by step, each step for the
whole batch, and prints microseconds a message: the cheapest twentieth of the batches, which other load on the machine
hardly changes, and the median. An instance does each of these once a message, and the function besides. Starts the
official Pulsar distribution (see tests/rig) and ends it.
"""

import argparse
import statistics
import sys
import time
import uuid
from binascii import b2a_base64
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import _pulsar
import attrs
import pulsar

from bench.harness.backlog import fill, topic
from bench.harness.entry import exit_code
from tests.rig.broker import running_broker

BATCH = 500
MESSAGES = 400_000
FLUSH_SECONDS = 30
KEYS = ("__pfn_input_topic__", "__pfn_input_msg_id__")


@attrs.define
class Costs:
    """Microseconds a message, by step, of each batch."""

    of: dict[str, list[float]] = attrs.field(factory=dict)

    def step(self, name: str, action: Callable[[], Any]) -> Any:
        """Do a step for a whole batch, and note its cost."""
        began = time.perf_counter()
        result = action()
        self.of.setdefault(name, []).append((time.perf_counter() - began) / BATCH * 1e6)
        return result


def one_batch(costs: Costs, consumer: Any, producer: Any, source: str) -> None:
    """Receive, process, send and acknowledge a batch; one that is not full does not count."""
    messages = consumer.batch_receive()
    if len(messages) < BATCH:
        costs = Costs()
    step, make = costs.step, _pulsar.MessageBuilder
    data = step("payload of the input", lambda: [message.data() for message in messages])
    results = step('the function and its SerDe, input + "!"', lambda: [(each.decode() + "!").encode() for each in data])
    ids = step("message id", lambda: [message.message_id() for message in messages])
    texts = step("message id as text", lambda: [b2a_base64(each.serialize(), newline=False).decode() for each in ids])
    builders = step("new output", lambda: [make() for _ in messages])
    step("payload of the output", lambda: [b.content(each) for b, each in zip(builders, results, strict=True)])
    properties = [dict(zip(KEYS, (source, text), strict=True)) for text in texts]
    step("two properties", lambda: [b.properties(each) for b, each in zip(builders, properties, strict=True)])
    outputs = step("build", lambda: [builder.build() for builder in builders])
    step("send", lambda: [producer.send_async(output, None) for output in outputs])
    flushed: SimpleQueue[Any] = SimpleQueue()
    producer.flush_async(flushed.put)
    flushed.get(timeout=FLUSH_SECONDS)
    step("acknowledge", lambda: [consumer.acknowledge(message) for message in messages])
    step("free what was made", lambda: [each.clear() for each in (builders, outputs, ids, messages)])


def measure(service_url: str, seconds: float) -> Costs:
    """The costs of a backlog's batches."""
    fill(service_url, "costs", "x" * 100, MESSAGES)
    costs, source = Costs(), topic("costs")
    client = pulsar.Client(service_url, logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error))
    consumer = client.subscribe(
        source,
        f"costs-{uuid.uuid4().hex[:8]}",
        consumer_type=pulsar.ConsumerType.Shared,
        initial_position=pulsar.InitialPosition.Earliest,
        batch_receive_policy=pulsar.ConsumerBatchReceivePolicy(BATCH, -1, 5),
    )
    producer = client.create_producer(
        topic("costs-out"), block_if_queue_full=True, batching_enabled=True, compression_type=pulsar.CompressionType.LZ4
    )
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        one_batch(costs, consumer._consumer, producer._producer, source)  # noqa: SLF001 what the instance uses too
    client.close()
    return costs


def measure_and_print(seconds: float, folder: Path) -> None:
    """The table."""
    with running_broker(folder / "broker") as broker:
        costs = measure(broker.service_url, seconds)
    print("| step | us a message | median, us |", "|---|---|---|", sep="\n")
    least = {name: sorted(values)[len(values) // 20] for name, values in costs.of.items()}
    for name, values in costs.of.items():
        print(f"| {name} | {least[name]:.2f} | {statistics.median(values):.2f} |")
    print(f"| all | {sum(least.values()):.2f} | |")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long to measure (10)")
    options = parser.parse_args()
    return exit_code("costs", lambda folder: measure_and_print(options.seconds, folder))


if __name__ == "__main__":
    sys.exit(main())
