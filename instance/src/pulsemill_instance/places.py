"""Where a message stands in its topic, as something that can be compared. Pure."""

from typing import Any

from pulsemill_instance.message_ids import OUTPUT_BATCH_BITS, OUTPUT_ENTRY_BITS

Place = tuple[int, int, int]
"""Ledger, entry in the ledger, message in the entry's batch."""


def place_of(message_id: Any) -> Place:
    """That of a message."""
    return message_id.ledger_id(), message_id.entry_id(), max(message_id.batch_index(), 0)


def place_of_output(sequence_id: int) -> Place | None:
    """That of the input of an effectively-once output; None for the number of no output."""
    if sequence_id < 0:
        return None
    in_ledger, index = divmod(sequence_id, 1 << OUTPUT_BATCH_BITS)
    return *divmod(in_ledger, 1 << OUTPUT_ENTRY_BITS), index


def follows(place: Place, last: Place | None) -> bool:
    """Whether nothing can be between a message and an earlier one, or it is no later one.

    Ledgers end where they like, so that the first entry of a later one follows. So does the entry after one whose batch
    may not be over: brokers send entries as wholes. The first of all follows nothing.
    """
    ledger, entry, index = place
    if last is None or ledger > last[0]:
        return entry == 0 and index == 0
    return place <= last or entry <= last[1] + 1
