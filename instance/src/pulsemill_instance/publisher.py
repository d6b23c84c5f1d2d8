"""What a function publishes by itself, through `Context.publish`.

May be called from any thread of the function. The client's threads run the function's callbacks, guarded, and leave
failures in a deque from which the engine's thread counts them.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import attrs
import pulsar
from pulsar.schema import Schema

from pulsemill_instance.flushing import flush_within
from pulsemill_instance.interfaces import UserFunction
from pulsemill_instance.output_producer import EncodedSchema
from pulsemill_instance.producers import publish_arguments
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_instance.serde import create_serde
from pulsemill_instance.watched_producer import WatchedProducer

PublishCallback = Callable[[Any, Any], None]
ProducerKey = tuple[str, tuple[type, str] | None]


@attrs.define(eq=False, repr=False)
class Publisher:
    """Producers by topic and schema, SerDes by name; the first call's compression stays a topic's.

    A producer that was forgotten is replaced by the call after a message of it timed out.
    """

    client: pulsar.Client
    details: FunctionDetails
    instance_id: int
    function: UserFunction
    failures: deque[str] = attrs.field(factory=deque)
    _producers: dict[ProducerKey, WatchedProducer] = attrs.field(factory=dict)
    _serdes: dict[str, Any] = attrs.field(factory=dict)
    _opening: threading.Lock = attrs.field(factory=threading.Lock)

    def publish(
        self,
        topic: str,
        message: Any,
        serde_class_name: str,
        compression: Any | None,
        callback: PublishCallback | None,
        options: Mapping[str, Any],
        schema: Schema | None = None,
    ) -> None:
        """Send in the background; `callback(result, message_id)` tells the outcome. `options` are send_async's.

        A schema takes the place of the SerDe.
        """
        if schema is not None and not isinstance(schema, Schema):
            raise TypeError(f"publish: schema must be an object of a pulsar.schema.Schema, not {schema!r}")
        payload = self._serialized(serde_class_name, message) if schema is None else schema.encode(message)
        key = topic, None if schema is None else (type(schema), schema.schema_info().schema())
        watched = self._producer(key, compression, schema)
        watched.producer.send_async(payload, partial(self._sent, topic, watched, callback), **options)

    def flush(self, seconds: float) -> None:
        """Give what was published some seconds to be stored."""
        deadline = time.monotonic() + seconds
        for (topic, _), watched in list(self._producers.items()):
            result = flush_within(watched.producer, max(0.0, deadline - time.monotonic()))
            if result != pulsar.Result.Ok:
                self.failures.append(f"could not store all that was published to {topic}: {result.name}")

    def close(self) -> None:
        """Close all producers."""
        producers = list(self._producers.values())
        self._producers.clear()
        for watched in producers:
            watched.close()

    def _serialized(self, serde_class_name: str, message: Any) -> Any:
        """What the SerDe makes of it; the client takes no other bytes than `bytes`."""
        payload = self._serde(serde_class_name).serialize(message)
        return bytes(payload) if isinstance(payload, bytearray | memoryview) else payload

    def _serde(self, class_name: str) -> Any:
        serde = self._serdes.get(class_name)
        if serde is None:
            serde = self._serdes[class_name] = create_serde(class_name, self.function)
        return serde

    def _producer(self, key: ProducerKey, compression: Any | None, schema: Schema | None) -> WatchedProducer:
        watched = self._producers.get(key)
        if watched is not None and not watched.timed_out:
            return watched
        with self._opening:
            self._drop_forgotten(key)
            if key not in self._producers:
                arguments = publish_arguments(self.details, self.instance_id, compression, self.function)
                if schema is not None:
                    arguments["schema"] = EncodedSchema(schema)
                self._producers[key] = WatchedProducer(self.client.create_producer(key[0], **arguments))
            return self._producers[key]

    def _drop_forgotten(self, key: ProducerKey) -> None:
        watched = self._producers.get(key)
        if watched is not None and watched.is_forgotten():
            del self._producers[key]
            watched.close()

    def _sent(
        self, topic: str, watched: WatchedProducer, callback: PublishCallback | None, result: Any, message_id: Any
    ) -> None:
        watched.heard(result)
        if result != pulsar.Result.Ok:
            self.failures.append(f"could not publish to {topic}: {result.name}")
        if callback is None:
            return
        try:
            callback(result, message_id)
        except BaseException as error:  # noqa: BLE001  # whatever a user's callback raises must not reach the client's thread
            self.failures.append(f"the callback of a message published to {topic} raised {error!r}")
