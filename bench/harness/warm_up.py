"""Gives a broker that has just been started some work, so that its virtual machine has compiled what is measured."""

import time
import uuid
from contextlib import closing

import pulsar

from bench.harness.backlog import topic

AT_ONCE = 200
ANSWER_MS = 60_000


def warm_up(client: pulsar.Client, seconds: float) -> int:
    """Send single messages through a shared subscription for so long; how many went through."""
    name, passed = topic(f"warm-{uuid.uuid4().hex[:8]}"), 0
    consumer = client.subscribe(name, "warm", consumer_type=pulsar.ConsumerType.Shared)
    producer = client.create_producer(name, batching_enabled=False, block_if_queue_full=True)
    deadline = time.monotonic() + seconds
    with closing(consumer), closing(producer):
        while time.monotonic() < deadline:
            for _ in range(AT_ONCE):
                producer.send_async(b"x", None)
            for _ in range(AT_ONCE):
                consumer.acknowledge(consumer.receive(ANSWER_MS))
            passed += AT_ONCE
    return passed
