"""Builds what takes a function's results: how they are encoded, their producers, the window of those on their way."""

from collections.abc import Callable
from functools import partial
from typing import Any

import attrs
import pulsar

from pulsemill_instance.emitter import Emitter, partition_of_output
from pulsemill_instance.interfaces import InputMessage, UserFunction
from pulsemill_instance.message_ids import output_sequence_id
from pulsemill_instance.opening import UntilStopped
from pulsemill_instance.outcomes import Outcomes
from pulsemill_instance.output_producer import OutputProducer, open_output
from pulsemill_instance.outputs import Outputs
from pulsemill_instance.producer_pool import ProducerPool
from pulsemill_instance.producers import max_pending_messages, output_arguments
from pulsemill_instance.proto.Function_pb2 import EFFECTIVELY_ONCE, FunctionDetails
from pulsemill_instance.schema import create_schema
from pulsemill_instance.serde import IdentitySerDe, create_serde, serialize_identity
from pulsemill_instance.spec import InstanceSpec
from pulsemill_instance.stopping import StopFlag
from pulsemill_instance.topics import without_partition

HANDED_OVER_SECONDS = 3.0
"""An instance that lost an input to this one gives its producer's name free after a while."""


def create_emitter(
    spec: InstanceSpec,
    client: pulsar.Client,
    function: UserFunction,
    outcomes: Outcomes,
    stop: StopFlag,
    inputs_connected: Callable[[], bool],
) -> Emitter:
    """No producer is opened before the first result; InstanceError when the details name what cannot be."""
    details = spec.function_details
    sink = details.sink
    schema = create_schema(sink.schemaType, sink.typeClassName, sink.schemaProperties, function)
    encode = _encoder(details, function, schema)
    outputs = None
    if sink.topic:
        producers = _producers(spec, client, function, schema, stop)
        outputs = Outputs(sink.topic, outcomes, producers, max_pending_messages(details), inputs_connected)
    sequence_id_of = _sequence_id if _is_deduplicated(details) else None
    return Emitter(outputs, outcomes, encode, sink.forwardSourceMessageProperty, sequence_id_of)


def _is_deduplicated(details: FunctionDetails) -> bool:
    return details.processingGuarantees == EFFECTIVELY_ONCE


def _encoder(details: FunctionDetails, function: UserFunction, schema: Any | None) -> Callable[[Any], bytes]:
    if schema is not None:
        return schema.encode  # type: ignore[no-any-return]
    serde = create_serde(details.sink.serDeClassName, function)
    return serialize_identity if isinstance(serde, IdentitySerDe) else serde.serialize


def _producers(
    spec: InstanceSpec, client: pulsar.Client, function: UserFunction, schema: Any | None, stop: StopFlag
) -> ProducerPool:
    details = spec.function_details
    arguments = output_arguments(details, spec.instance_id, function)
    open_producer = UntilStopped(partial(_open_output, client, details.sink.topic, schema, arguments), stop)
    return ProducerPool(open_producer, _producer_name) if _is_deduplicated(details) else ProducerPool(open_producer)


def _open_output(
    client: pulsar.Client, topic: str, schema: Any | None, arguments: dict[str, Any], name: str | None
) -> OutputProducer:
    if name is None:
        return open_output(client, topic, schema, arguments)
    # The broker drops a whole batch when its first message is a duplicate.
    own = {"producer_name": name, "batching_enabled": False, "message_router": partition_of_output}
    producer = open_output(client, topic, schema, arguments | own, HANDED_OVER_SECONDS)
    # A gap cannot be closed once a later output is stored: each output is confirmed by itself.
    return attrs.evolve(producer, flush_confirms=False, last_sequence_id=_last_sequence_id(producer.producer))


def _last_sequence_id(producer: pulsar.Producer) -> int:
    """A client that is closed meanwhile returns a producer without a topic, which crashes when it is asked."""
    return producer.last_sequence_id() if producer.topic() else -1


def _producer_name(message: InputMessage) -> str:
    """Upstream's Java name: one producer per input partition, wherever that partition is processed."""
    partition = max(message.message_id().partition(), 0)
    return f"{without_partition(message.topic_name())}-{partition}"


def _sequence_id(message: InputMessage) -> int:
    return output_sequence_id(message.message_id())
