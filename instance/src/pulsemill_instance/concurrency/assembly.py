"""Builds what calls a function several times at once."""

import queue

from pulsemill_instance.concurrency.call_threads import CallThreads
from pulsemill_instance.concurrency.event_loop import CoroutineCalls, EventLoopThread
from pulsemill_instance.concurrency.processor import Calls, ConcurrentProcessor
from pulsemill_instance.concurrency.schedules import Slot, schedule_of
from pulsemill_instance.concurrency.settings import Concurrency
from pulsemill_instance.processing import Call


def concurrent_processor(call: Call, concurrency: Concurrency, loop: EventLoopThread | None) -> ConcurrentProcessor:
    """A processor whose calls run on the loop, if there is one, else in threads."""
    done: queue.SimpleQueue[list[Slot]] = queue.SimpleQueue()
    calls: Calls
    if loop is None:
        calls = CallThreads(call.process, done, concurrency.calls)
    else:
        calls = CoroutineCalls(loop, call.process, done)
    return ConcurrentProcessor(call, concurrency, schedule_of(concurrency.order), calls, done)
