"""One producer of the output topic and the cheapest way to send with it."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

import _pulsar
import attrs
import pulsar
from pulsar.schema import BytesSchema, Schema

from pulsemill_instance.errors import InstanceError
from pulsemill_instance.flushing import Flusher
from pulsemill_instance.topics import full_topic_name

_LOGGER = logging.getLogger(__name__)

SendCallback = Callable[[Any, Any], None]
_BUSY_PAUSE_SECONDS = 0.25
_LARGEST_BATCH = 1024 * 1024
"""Of a producer's own limit of batches: far below what the client or a broker rejects."""


class EncodedSchema(Schema):  # type: ignore[misc]  # the client ships no types
    """Tells the broker another schema, and takes payloads that it has already encoded."""

    def __init__(self, schema: Any) -> None:
        self._schema_info = schema.schema_info()

    def encode(self, obj: bytes) -> bytes:
        """The payload as it is."""
        return obj

    def decode(self, data: bytes) -> bytes:
        """The payload as it is."""
        return data


@attrs.define(eq=False)
class OutputProducer:
    """Sends payloads. `raw` is the client's own producer, None where its wrapper hides it.

    A flush confirms what was sent only if nothing can be rejected on the way to the client's queue: the client's flush
    does not report that. Messages of a producer with schema, encryption or very large batches therefore need a callback
    each, and so do those of a partitioned topic, whose flush reports the last partition's result alone.
    """

    producer: Any
    raw: Any | None
    flush_confirms: bool
    waiting: int = 0
    """How many messages with a callback of their own are on their way; counted by who sends."""
    last_sequence_id: int = -1
    """The highest number that was stored under its name before it was opened; -1 for none, or if nobody asked.

    Asked later, the client would wait for a lock whose holder may wait for the interpreter's.
    """
    used_at: float = 0.0
    """When the last of them was sent, by the monotonic clock."""
    _flusher: Flusher = attrs.field(
        init=False, default=attrs.Factory(lambda own: Flusher(own.producer), takes_self=True)
    )

    def send(
        self, payload: bytes, properties: dict[str, str], sequence_id: int | None, callback: SendCallback | None
    ) -> None:
        """Queue a message; `callback(result, message_id)` is called from the client's thread."""
        if self.raw is None:
            self.producer.send_async(payload, callback, properties=properties, sequence_id=sequence_id)
            return
        builder = _pulsar.MessageBuilder()
        builder.content(payload)
        builder.properties(properties)
        if sequence_id is not None:
            builder.sequence_id(sequence_id)
        self.raw.send_async(builder.build(), callback)

    def flush(self, callback: Callable[[Any], None]) -> None:
        """Send what lingers; `callback(result)` is called from another thread when the broker has stored it."""
        self._flusher.flush(callback)

    def is_connected(self) -> bool:
        """Whether the client takes it for connected to the broker."""
        return bool(self.producer.is_connected())

    def close(self) -> None:
        """Give up what is not stored yet, and leave the topic."""
        self._flusher.close()
        try:
            self.producer.close()
        except pulsar.PulsarException as error:
            _LOGGER.debug("A producer was closed already: %s", error)


def raw_producer(producer: pulsar.Producer) -> Any | None:
    """The client's own producer behind its public wrapper, None where that hides it."""
    raw = getattr(producer, "_producer", None)
    return raw if hasattr(raw, "send_async") else None


def open_output(
    client: pulsar.Client, topic: str, schema: Any | None, arguments: Mapping[str, Any], busy_seconds: float = 0.0
) -> OutputProducer:
    """Create a producer; InstanceError with the broker's reason when that fails.

    `busy_seconds` is how long to wait while somebody else has its name.
    """
    own = BytesSchema() if schema is None else EncodedSchema(schema)
    try:
        producer = _create(client, topic, own, arguments, busy_seconds)
    except (pulsar.PulsarException, ValueError) as error:
        raise InstanceError(f"cannot create a producer for the output topic {topic}: {error}") from error
    raw = raw_producer(producer)
    plain = schema is None and arguments.get("crypto_key_reader") is None
    small = arguments.get("batching_max_allowed_size_in_bytes", 0) <= _LARGEST_BATCH
    confirms = plain and small and raw is not None and not _is_partitioned(client, topic)
    return OutputProducer(producer, raw, flush_confirms=confirms)


def _create(
    client: pulsar.Client, topic: str, schema: Schema, arguments: Mapping[str, Any], busy_seconds: float
) -> pulsar.Producer:
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            return client.create_producer(topic, schema=schema, **arguments)
        except pulsar.ProducerBusy:
            if time.monotonic() >= deadline:
                raise
            time.sleep(_BUSY_PAUSE_SECONDS)


def _is_partitioned(client: pulsar.Client, topic: str) -> bool:
    try:
        partitions: list[str] = client.get_topic_partitions(topic)
    except pulsar.PulsarException:
        return True  # unknown: the careful way
    return partitions != [full_topic_name(topic)]
