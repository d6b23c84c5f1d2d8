"""Keeping order when a partition is handed over to this instance.

A broker whose active consumer changes while it is sending gives the new one what it happens to read next, and begins
again a second later with the first message that is not acknowledged (PersistentDispatcherSingleActiveConsumer,
`activeConsumerFailoverDelayTimeMillis`). Later messages would overtake earlier ones, whose effectively-once outputs the
broker would then drop as duplicates. So a message that does not follow the last one waits, and all behind it, until an
earlier one shows that the broker has begun again; or until time is over, for topics have gaps of their own.

Owned by the engine's thread.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from pulsemill_instance.errors import InstanceError
from pulsemill_instance.holds import Hold
from pulsemill_instance.interfaces import InputMessage
from pulsemill_instance.places import Place, follows, place_of

HANDOVER_KEY = "pulsemill.handoverSeconds"
DEFAULT_SECONDS = 2.0
"""Twice what brokers wait if they are not told otherwise."""
_TURN_MESSAGES = 100
_TRUST_SECONDS, _MOST_TRUST_SECONDS = 10.0, 3600.0


def handover_seconds(user_config: Mapping[str, Any]) -> float:
    """How long a message waits for earlier ones; InstanceError for what is no such number."""
    seconds = user_config.get(HANDOVER_KEY, DEFAULT_SECONDS)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < float("inf"):
        raise InstanceError(f"userConfig: {HANDOVER_KEY} must be a number of seconds, or 0 for no wait")
    return float(seconds)


@attrs.define(eq=False)
class Partition:
    """What came from one partition or topic."""

    last: Place | None = None
    hold: Hold | None = None
    trusted_until: float = 0.0
    """Gaps are not looked into before that."""
    trust_seconds: float = _TRUST_SECONDS


@attrs.define(eq=False)
class Handovers:
    """Looks at what an ordered input delivers.

    `last_stored` tells which input the last stored output of a message's partition was made of, None if nobody knows.
    """

    seconds: float
    queue_size: int
    last_stored: Callable[[InputMessage], Place | None]
    by_topic: bool = False
    """Whether the topic's name tells partitions apart, not the number in message ids."""
    clock: Callable[[], float] = time.monotonic
    _partitions: defaultdict[str | int, Partition] = attrs.field(factory=lambda: defaultdict(Partition))
    _holding: dict[Partition, None] = attrs.field(factory=dict)

    @property
    def is_full(self) -> bool:
        """Whether nothing more may be received for now."""
        return any(partition.hold.is_full for partition in self._holding if partition.hold)

    def admit(self, messages: list[InputMessage]) -> list[InputMessage]:
        """Those of these messages that may be processed now, in order."""
        return [message for message in messages if self._admits(message)]

    def due(self) -> list[InputMessage]:
        """Some of what has waited long enough; no more than a turn of the engine should take."""
        for partition in self._holding:
            if hold := partition.hold:
                hold.look(self.clock(), self.queue_size)
                if hold.over:
                    return self._release(partition, hold)
        return []

    def _admits(self, message: InputMessage) -> bool:
        identifier = message.message_id()
        place = place_of(identifier)
        partition = self._partitions[message.topic_name() if self.by_topic else identifier.partition()]
        if partition.hold is None:
            if not self._is_expected(partition, place, message):
                partition.hold = Hold(place, [message], self.clock() + self.seconds, self.queue_size)
                self._holding[partition] = None
                return False
        elif place > partition.hold.first:
            partition.hold.messages.append(message)
            return False
        else:  # the broker has begun again: all that waits comes once more
            self._end(partition)
            partition.trust_seconds = _TRUST_SECONDS
        partition.last = place if partition.last is None else max(place, partition.last)
        return True

    def _is_expected(self, partition: Partition, place: Place, message: InputMessage) -> bool:
        if follows(place, partition.last) or self.clock() < partition.trusted_until:
            return True
        stored = self.last_stored(message)
        return stored is not None and follows(place, max(stored, partition.last or stored))

    def _release(self, partition: Partition, hold: Hold) -> list[InputMessage]:
        released, hold.messages = hold.messages[:_TURN_MESSAGES], hold.messages[_TURN_MESSAGES:]
        partition.last = place_of(released[-1].message_id())
        if not hold.messages:
            self._end(partition)
            partition.trusted_until = self.clock() + partition.trust_seconds
            partition.trust_seconds = min(2 * partition.trust_seconds, _MOST_TRUST_SECONDS)
        return released

    def _end(self, partition: Partition) -> None:
        partition.hold = None
        del self._holding[partition]
