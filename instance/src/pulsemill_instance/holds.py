"""Messages that wait for earlier ones (see `handovers`), and how many of them there may be."""

import attrs

from pulsemill_instance.interfaces import InputMessage
from pulsemill_instance.places import Place

_RESUMED_SECONDS = 1.0
_BATCH_MESSAGES = 500


@attrs.define(eq=False)
class Hold:
    """Messages that wait, in order; no more than `most` of them are taken from the client's queue."""

    first: Place
    messages: list[InputMessage]
    until: float
    most: int
    resumed: bool = False
    over: bool = False
    """Whether no earlier message is expected any more."""

    @property
    def is_full(self) -> bool:
        """Whether no more may be taken."""
        return self.over or len(self.messages) >= self.most

    def look(self, now: float, queue_size: int) -> None:
        """See whether it is over.

        What the client had in its queues comes before what the broker sends anew, so that a full hold goes on to there.
        """
        if now >= self.until and self.is_full and not self.resumed:
            self.resumed, self.until = True, now + _RESUMED_SECONDS
            self.most += 2 * queue_size + _BATCH_MESSAGES
        else:
            self.over = self.over or now >= self.until or (self.resumed and self.is_full)
