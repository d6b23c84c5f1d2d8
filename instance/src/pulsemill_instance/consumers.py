"""One consumer per input, made from FunctionDetails."""

import logging
from collections.abc import Callable
from typing import Any

import attrs
import pulsar

from pulsemill_instance.batch_acknowledger import BatchAcknowledger
from pulsemill_instance.handovers import Handovers
from pulsemill_instance.interfaces import InputMessage
from pulsemill_instance.message_ids import whole_batch_id
from pulsemill_instance.patterns import TopicPattern
from pulsemill_instance.topics import full_topic_name, without_partition
from pulsemill_instance.whole_batches import WholeBatches

_LOGGER = logging.getLogger(__name__)


@attrs.define(eq=False)
class Input:
    """A subscribed input. `raw` is the client's own consumer, or its wrapper where that is hidden.

    `topic` is as configured; `pattern` is what it means if it is one. `give_up` takes a failed message instead of its
    being asked for again.
    """

    topic: str
    pattern: TopicPattern | None
    consumer: Any
    raw: Any
    decode: Callable[[InputMessage], Any]
    fixed_topic: str = ""
    """The name that all of its messages name as their topic, once that is known; empty for partitions and patterns."""
    schema: Any | None = None
    give_up: "Callable[[Input, InputMessage], None] | None" = None
    give_up_soon: "Callable[[Input, InputMessage], None] | None" = None
    """The same, from any thread."""
    batches: BatchAcknowledger | None = None
    """What acknowledges whole batches, where that can be."""
    is_held_back: bool = False
    """Whether it is not to be read for now, because others have to come first, or enough waits already."""
    handovers: Handovers | None = None
    """What looks at its order, where that matters."""
    queue_size: int = 0
    """How many messages of a partition the client keeps ready."""

    @property
    def owed(self) -> bool:
        """Whether messages are acknowledged that were not processed yet."""
        return False

    @property
    def is_connected(self) -> bool:
        """Whether the client has a connection for each of its topics. May be asked from any thread."""
        return bool(self.raw.is_connected())

    def learn_topic(self, message: InputMessage) -> None:
        """See, if not seen before, whether the input is a single topic: to ask each message takes time."""
        if self.fixed_topic or self.pattern:
            return
        name = full_topic_name(self.topic)
        self.fixed_topic = name if message.topic_name() == name else ""

    def acknowledge(self, message: Any, identifier: bytes | None = None) -> None:
        """Acknowledge a message; a closed or lost connection leads to redelivery, not to an error.

        `identifier` is its serialized id, if the caller has it.
        """
        try:
            if self.batches is None:
                self.raw.acknowledge(message)
            else:
                self.batches.acknowledge(message, identifier or message.message_id().serialize())
        except pulsar.PulsarException as error:
            _LOGGER.warning("Could not acknowledge a message of %s, it may come again: %s", self.topic, error)

    def negative_acknowledge(self, message: Any) -> None:
        """A message failed: ask for it again, or give it up."""
        if self.give_up is None:
            self.ask_again(message)
        else:
            self.give_up(self, message)

    def ask_again(self, message: Any) -> None:
        """Ask for redelivery after the configured delay."""
        try:
            self.raw.negative_acknowledge(message)
        except pulsar.PulsarException as error:
            _LOGGER.warning("Could not ask for a message of %s again: %s", self.topic, error)

    def close(self) -> None:
        """Send the acknowledgements and leave the topic."""
        try:
            self.consumer.close()
        except (pulsar.PulsarException, ValueError) as error:  # the client's list no longer has a closed consumer
            _LOGGER.debug("The consumer of %s was closed already: %s", self.topic, error)

    def delivers(self, topic: str) -> bool:
        """Whether messages of this topic (full or short name, maybe of a partition) come from this input."""
        name = without_partition(full_topic_name(topic))
        if self.pattern:
            return topic == self.topic or self.pattern.matches(name)
        return without_partition(full_topic_name(self.topic)) == name


@attrs.define(eq=False)
class WholeBatchInput(Input):
    """Acknowledges a whole batch with its first message."""

    begun: WholeBatches = attrs.field(factory=WholeBatches)

    def acknowledge(self, message: InputMessage, identifier: bytes | None = None) -> None:
        """See Input; nothing for a further message of a batch, unless it comes again."""
        own = message.message_id()
        if own.batch_index() < 0:
            super().acknowledge(message, identifier)
        elif self.begun.is_due(own):
            super().acknowledge(whole_batch_id(own, message.topic_name()))

    @property
    def owed(self) -> bool:
        """See Input."""
        return self.begun.owed
