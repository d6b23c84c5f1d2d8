"""A copy of a message on its way to another topic."""

from collections.abc import Mapping
from typing import Any

import _pulsar

from pulsemill_instance.interfaces import InputMessage
from pulsemill_instance.keys import text_or_bytes
from pulsemill_instance.output_producer import SendCallback, raw_producer


def send_copy(producer: Any, message: InputMessage, properties: Mapping[str, str], callback: SendCallback) -> None:
    """Queue a copy with further properties; TypeError for keys that are no text, where the client's own are hidden."""
    keys = {"partition_key": text_or_bytes(message.partition_key), "ordering_key": text_or_bytes(message.ordering_key)}
    fields: dict[str, Any] = {name: value for name, value in keys.items() if value}
    if message.event_timestamp():
        fields["event_timestamp"] = message.event_timestamp()
    both = {**message.properties(), **properties}
    raw = raw_producer(producer)
    if raw is None or all(isinstance(value, str) for value in keys.values()):
        producer.send_async(message.data(), callback, properties=both, **fields)
        return
    builder = _pulsar.MessageBuilder()  # takes bytes for text, as the client's public method does not
    builder.content(message.data())
    builder.properties(both)
    for name, value in fields.items():
        getattr(builder, name)(value)
    raw.send_async(builder.build(), callback)
