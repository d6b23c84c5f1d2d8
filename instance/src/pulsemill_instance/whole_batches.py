"""Which batches are acknowledged already though not all of their messages were processed. Pure.

At most once, a whole batch is acknowledged with its first message, because brokers keep no acknowledgement of a part of
a batch, unless they are set up to. Owned by the engine's thread.
"""

from typing import Any

import attrs

from pulsemill_instance.batch_acknowledger import batch_of

MOST_BATCHES = 8
"""How many are told apart; those that are lost with a connection are never completed."""


@attrs.define(eq=False)
class _Begun:
    """A byte for each message of a batch, set once it was seen."""

    seen: bytearray
    left: int


class WholeBatches:
    """The batches that were begun, and what is still to come of them."""

    def __init__(self) -> None:
        self._begun: dict[tuple[int, int, int], _Begun] = {}

    @property
    def owed(self) -> bool:
        """Whether messages are acknowledged that were not processed yet."""
        return bool(self._begun)

    def is_due(self, message_id: Any) -> bool:
        """A message is about to be processed: whether its batch has to be acknowledged now.

        So it is for the first message, and again for one that comes again: the acknowledgement was lost then.
        """
        name = message_id.ledger_id(), message_id.entry_id(), message_id.partition()
        index, begun = message_id.batch_index(), self._begun.get(name)
        due = begun is None or bool(begun.seen[index])
        if begun is None or due:
            begun = self._begin(name, batch_of(message_id.serialize())[1])
        begun.seen[index] = 1
        begun.left -= 1
        if not begun.left:
            del self._begun[name]
        return due

    def _begin(self, name: tuple[int, int, int], size: int) -> _Begun:
        self._begun.pop(name, None)
        if len(self._begun) >= MOST_BATCHES:
            del self._begun[next(iter(self._begun))]
        begun = self._begun[name] = _Begun(bytearray(size), size)
        return begun
