"""Message ids as text and as numbers."""

from binascii import b2a_base64
from typing import Any

import _pulsar

_ENTRY_BITS = 28
OUTPUT_ENTRY_BITS, OUTPUT_BATCH_BITS = 20, 12
"""A million entries in a ledger (brokers begin another after 50,000), 4096 messages in a batch, 2^31 ledgers."""
_LARGEST = (1 << 63) - 1


def encode_message_id(identifier: bytes) -> str:
    """Base64 of a serialized id in the standard alphabet, as the worker's trigger endpoint decodes it."""
    return b2a_base64(identifier, newline=False).decode("ascii")


def whole_batch_id(message_id: Any, topic: str) -> _pulsar.MessageId:
    """The id that stands for all messages of a message's batch; `topic` is the name that the message tells."""
    whole = _pulsar.MessageId(message_id.partition(), message_id.ledger_id(), message_id.entry_id(), -1)
    whole.topic_name(topic)  # sets it: consumers of partitions and patterns need it
    return whole


def message_sequence_id(message_id: Any) -> int:
    """`(ledger << 28) | entry`, upstream's FunctionCommon.getSequenceId; the same for all messages of a batch."""
    return int(message_id.ledger_id()) << _ENTRY_BITS | int(message_id.entry_id())


def output_sequence_id(message_id: Any) -> int:
    """A number that grows from message to message of a topic, within a batch too, and exceeds upstream's numbers.

    ValueError when it would not fit the 63 bits of a producer's sequence ids or mix up two messages.
    """
    batch_index = max(message_id.batch_index(), 0)
    ledger, entry = int(message_id.ledger_id()), int(message_id.entry_id())
    if batch_index >> OUTPUT_BATCH_BITS or entry >> OUTPUT_ENTRY_BITS:
        raise ValueError(f"message id {message_id} is outside of what output sequence ids can tell apart")
    sequence_id: int = (ledger << OUTPUT_ENTRY_BITS | entry) << OUTPUT_BATCH_BITS | batch_index
    if sequence_id > _LARGEST:
        raise ValueError(f"message id {message_id} needs an output sequence id of more than 63 bits")
    return sequence_id
