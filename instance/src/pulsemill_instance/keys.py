"""A message's keys, which producers in other languages may fill with any bytes."""

from collections.abc import Callable

from pulsemill_instance.interfaces import InputMessage


def key_of(message: InputMessage) -> str | bytes:
    """What messages are kept in order by: the ordering key, else the partition key, else nothing."""
    return text_or_bytes(message.ordering_key) or text_or_bytes(message.partition_key)


def text_or_bytes(read: Callable[[], str]) -> str | bytes:
    """What one of the client's methods answers, as bytes where that is no text: the client cannot read it."""
    try:
        return read()
    except UnicodeDecodeError as error:
        return error.object
