"""What becomes of messages that keep failing: `maxMessageRetries` and `deadLetterTopic`.

All of it is done here. The client's own dead-letter policy was seen to store garbage (it sends from memory that may be
free by then); it gives up batches as wholes, and takes neither zero retries nor topics found by a pattern. A function
with total order tries again at once, since a message that came again later would have been overtaken.
"""

import logging
import queue
import time
from collections.abc import Callable
from typing import Any

import _pulsar
import attrs
import pulsar

from pulsemill_instance.call_guard import CURRENT
from pulsemill_instance.consumers import Input
from pulsemill_instance.dead_letter_topics import dead_letter_topic, max_retries
from pulsemill_instance.forwarding import Forwarder
from pulsemill_instance.inputs import consumer_type, subscription_name
from pulsemill_instance.interfaces import UserFunction
from pulsemill_instance.producers import publish_arguments
from pulsemill_instance.proto.Function_pb2 import ATMOST_ONCE, FunctionDetails
from pulsemill_instance.spec import InstanceSpec
from pulsemill_instance.stats import Stats

_LOGGER = logging.getLogger(__name__)


@attrs.define(eq=False)
class DeadLetters:
    """Sends messages that failed too often to their dead-letter topics; asks for others again."""

    client: pulsar.Client
    spec: InstanceSpec
    function: UserFunction
    stats: Stats
    redeliveries: int
    _refused: queue.SimpleQueue[tuple[Input, Any]] = attrs.field(factory=queue.SimpleQueue)
    _forwarders: dict[str, Forwarder] = attrs.field(factory=dict)

    def give_up(self, source: Input, message: Any) -> None:
        """A message failed once more."""
        if message.redelivery_count() < self.redeliveries:
            source.ask_again(message)
            return
        details, topic, message_id = self.spec.function_details, message.topic_name(), message.message_id()
        properties = {
            "REAL_TOPIC": topic,
            "REAL_SUBSCRIPTION": subscription_name(details),
            "ORIGIN_MESSAGE_ID": f"{message_id.ledger_id()}:{message_id.entry_id()}:{message_id.partition()}",
        }
        self._forwarder(dead_letter_topic(details, topic)).forward(source, message, properties)

    def give_up_soon(self, source: Input, message: Any) -> None:
        """As `give_up`, from any thread."""
        self._refused.put((source, message))

    def turn(self) -> None:
        """Give up what is asked for, settle what was stored. Never waits."""
        while not self._refused.empty():
            self.give_up(*self._refused.get())
        for forwarder in self._forwarders.values():
            forwarder.turn()

    def drain(self, seconds: float) -> None:
        """Settle until nothing is on its way, for some seconds at most, all topics together."""
        deadline = time.monotonic() + seconds
        for forwarder in self._forwarders.values():
            forwarder.drain(max(0.0, deadline - time.monotonic()))

    def close(self) -> None:
        """Close the producers."""
        for forwarder in self._forwarders.values():
            forwarder.close()

    def _forwarder(self, topic: str) -> Forwarder:
        if topic not in self._forwarders:
            arguments = publish_arguments(self.spec.function_details, self.spec.instance_id, None, self.function)
            self._forwarders[topic] = Forwarder(self.client, topic, arguments, self.stats)
        return self._forwarders[topic]


def create_dead_letters(
    client: pulsar.Client, spec: InstanceSpec, function: UserFunction, stats: Stats
) -> DeadLetters | None:
    """Those of a function; None where retries have no end."""
    details = spec.function_details
    retries = max_retries(details)
    if retries is None:
        return None
    return DeadLetters(client, spec, function, stats, 0 if _is_ordered(details) else retries)


def with_retries(process: Callable[..., Any], details: FunctionDetails, *, is_async: bool) -> Callable[..., Any]:
    """The function, called again at once when it fails, if its messages must not be overtaken."""
    retries = max_retries(details)
    if not retries or not _is_ordered(details) or details.processingGuarantees == ATMOST_ONCE:
        return process

    def call(*arguments: Any) -> Any:
        for attempt in range(1, retries + 1):
            try:
                return process(*arguments)
            except MemoryError:
                raise
            except Exception:
                _LOGGER.warning("Attempt %d of %d failed, trying again", attempt, retries + 1, exc_info=True)
            _attempt_again()
        return process(*arguments)

    async def call_async(*arguments: Any) -> Any:
        for attempt in range(1, retries + 1):
            try:
                return await process(*arguments)
            except MemoryError:
                raise
            except Exception:
                _LOGGER.warning("Attempt %d of %d failed, trying again", attempt, retries + 1, exc_info=True)
            _attempt_again()
        return await process(*arguments)

    return call_async if is_async else call


def _attempt_again() -> None:
    """Each attempt has the time that a call may take."""
    if call := CURRENT.get():
        call.attempt()


def _is_ordered(details: FunctionDetails) -> bool:
    return bool(consumer_type(details) == _pulsar.ConsumerType.Failover)
