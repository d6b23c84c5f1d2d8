"""A steady stream of numbers for functions to process."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager

import pulsar

_CATCH_UP_SECONDS = 120


@contextmanager
def feeding(
    client: pulsar.Client, topics: Sequence[str], rate: int, tick_seconds: float
) -> Iterator[Callable[[], int]]:
    """Send numbers to topics in turn, `rate` a second in all, from a thread; how many so far."""
    ended = threading.Event()
    count = 0

    def feed() -> None:
        nonlocal count
        began = time.monotonic()
        with ExitStack() as closers:
            producers = [
                closers.enter_context(closing(client.create_producer(topic, block_if_queue_full=True)))
                for topic in topics
            ]
            while not ended.wait(tick_seconds):
                due = int((time.monotonic() - began) * rate)
                for number in range(count, due):
                    producers[number % len(producers)].send_async(str(number).encode(), None)
                count = max(count, due)
            for producer in producers:
                producer.flush()

    thread = threading.Thread(target=feed, daemon=True)
    thread.start()
    try:
        yield lambda: count
    finally:
        ended.set()
        thread.join(_CATCH_UP_SECONDS)
