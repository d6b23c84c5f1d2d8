"""The loop of an instance: receive, process, send, acknowledge; all in one thread.

Shutdown order: the batch at hand ends with the message at hand, or with the last one that is acknowledged already;
the receiver ends, so that nothing is read any more; the processor completes the calls that run, unless a message
failed fatally, because nothing may be stored behind it; outputs on their way get what is left of `DRAIN_SECONDS` to
be stored, and their inputs are acknowledged; the function's `close` is called; then the output producers, the
published topics, the consumers and the log topic are closed. What was received and not processed goes to another
instance or the next start.
"""

import logging
import time
from collections.abc import Callable
from contextlib import ExitStack, closing

import attrs

from pulsemill_instance.call_guard import CallGuard
from pulsemill_instance.consumers import Input
from pulsemill_instance.forwarding import Forwarding
from pulsemill_instance.interfaces import InputMessage
from pulsemill_instance.outputs import Outputs
from pulsemill_instance.processing import Processor
from pulsemill_instance.publisher import Publisher
from pulsemill_instance.receivers import Receiver, create_receiver
from pulsemill_instance.stats import Stats
from pulsemill_instance.stopping import Overtime

DRAIN_SECONDS = 3.0
_LEAST_FLUSH_SECONDS = 0.2


@attrs.define(eq=False)
class Engine:
    """One loop over subscribed inputs; it closes its producers, its maker closes the consumers."""

    inputs: list[Input]
    processor: Processor
    guard: CallGuard
    outputs: Outputs | None
    publisher: Publisher
    stats: Stats
    logger: logging.Logger
    overtime: Overtime
    forwarders: tuple[Forwarding, ...]
    on_drained: Callable[[], None]
    on_failing: Callable[[BaseException], None]
    _deadline: float = 0.0

    def run(self) -> None:
        """Process until asked to stop; what a message raises fatally comes out after everything was closed."""
        with ExitStack() as after:
            after.callback(self.publisher.close)
            if self.outputs is not None:
                after.callback(self.outputs.close)
            for forwarder in self.forwarders:
                after.callback(forwarder.close)
            after.callback(self._flush)
            after.callback(self.on_drained)
            after.callback(self._drain)
            try:
                self._receive_until_stopped()
                self.processor.finish()
            except BaseException as error:
                self.on_failing(error)  # before what follows, which user code may hold up
                raise

    def hindrances(self) -> list[str]:
        """What keeps it from its work just now. May be asked from any thread."""
        found = [f"Input {each.topic} has no connection to the broker" for each in self.inputs if not each.is_connected]
        if self.outputs is not None and not self.outputs.is_connected:
            found.append(f"Output {self.outputs.topic} has no connection to the broker")
        complaint = self.guard.complaint()
        return [*found, complaint] if complaint else found

    def _receive_until_stopped(self) -> None:
        with closing(create_receiver(self.inputs)) as receiver:
            while not all(self.overtime.is_over(source) for source in self.inputs):
                self._turn(receiver)

    def _turn(self, receiver: Receiver) -> None:
        busy = self.processor.busy or (self.outputs is not None and self.outputs.in_flight)
        batch = receiver.receive(busy=busy, one_by_one=self.processor.one_by_one)
        if batch is not None:
            source, messages = batch
            source.learn_topic(messages[0])
            self._process(source, source.handovers.admit(messages) if source.handovers else messages)
        self._process_due()
        self.processor.tick()
        if self.outputs is not None:
            self.outputs.turn()
        for forwarder in self.forwarders:
            forwarder.turn()
        self._count_publish_failures()
        self.stats.tick()

    def _process(self, source: Input, messages: list[InputMessage]) -> None:
        if messages:
            self.processor.process(source, messages)

    def _process_due(self) -> None:
        for source in self.inputs:
            if source.handovers:
                self._process(source, source.handovers.due())
                source.is_held_back = source.handovers.is_full

    def _drain(self) -> None:
        self._deadline = time.monotonic() + self.overtime.left(DRAIN_SECONDS)
        if self.outputs is not None and not self.outputs.drain(self._time_left()):
            self.logger.warning("Some outputs were not stored in %.0f s, their inputs will come again", DRAIN_SECONDS)
        for forwarder in self.forwarders:
            forwarder.drain(self._time_left())

    def _flush(self) -> None:
        self.publisher.flush(self._time_left())
        self._count_publish_failures()

    def _time_left(self) -> float:
        return max(_LEAST_FLUSH_SECONDS, self._deadline - time.monotonic())

    def _count_publish_failures(self) -> None:
        while self.publisher.failures:
            failure = self.publisher.failures.popleft()
            self.stats.system_exception(failure, failure)
            self.logger.error("%s", failure)
