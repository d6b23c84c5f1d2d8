"""Keeps the inputs of windows in event time in step: one that is far ahead of the others is not read any further.

Messages wait until the watermark comes to their time, which takes as long as the slowest input likes. Without this all
that the others deliver would be held until then; the broker bounds only what is not acknowledged, and only for shared
subscriptions. Owned by the engine's thread.
"""

import logging
from collections import Counter

import attrs

from pulsemill_instance.consumers import Input
from pulsemill_instance.windowing.watermarks import Watermarks

HELD_MESSAGES = 50_000
"""Of one input that is ahead: as many as a broker lets be unacknowledged (`maxUnackedMessagesPerConsumer`)."""
_LOGGER = logging.getLogger(__name__)


@attrs.define(eq=False)
class Alignment:
    """Counts the messages that each input has in windows, or waiting for them."""

    watermarks: Watermarks
    most: int = HELD_MESSAGES
    _held: Counter[Input] = attrs.field(factory=Counter)

    def entered(self, source: Input) -> None:
        """A message of an input is held from now on."""
        self._held[source] += 1

    def left(self, source: Input) -> None:
        """A message of an input is held no longer."""
        self._held[source] -= 1

    def apply(self) -> None:
        """Hold inputs back, or let them go on; never the slowest, so that the watermark can always move."""
        for source, held in self._held.items():
            is_ahead = held >= self.most and self.watermarks.waits_for_another(source.topic)
            if is_ahead and not source.is_held_back:
                _LOGGER.warning(
                    "%d messages of %s wait for inputs that are behind in event time: it is not read until they come",
                    held,
                    source.topic,
                )
            source.is_held_back = is_ahead
