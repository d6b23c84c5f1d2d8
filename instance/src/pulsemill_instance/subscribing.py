"""Subscribing to inputs, as FunctionDetails say."""

import logging
import re
from collections.abc import Callable
from typing import Any

import pulsar

from pulsemill_instance.batch_acknowledger import BatchAcknowledger
from pulsemill_instance.consumer_properties import split_consumer_properties
from pulsemill_instance.consumers import Input, WholeBatchInput
from pulsemill_instance.crypto import consumer_crypto
from pulsemill_instance.dead_letter_topics import dead_letter_pattern
from pulsemill_instance.errors import InstanceError
from pulsemill_instance.guarantees import AckPolicy
from pulsemill_instance.inputs import client_properties, consumer_type, initial_position, subscription_name
from pulsemill_instance.interfaces import InputMessage, UserFunction
from pulsemill_instance.patterns import TopicPattern
from pulsemill_instance.proto.Function_pb2 import ConsumerSpec, FunctionDetails
from pulsemill_instance.schema import create_schema, message_decoder
from pulsemill_instance.serde import IdentitySerDe, create_serde, deserialize_identity
from pulsemill_instance.spec import InstanceSpec
from pulsemill_instance.topics import has_message_ids

_LOGGER = logging.getLogger(__name__)
_DEFAULT_QUEUE = 1000
_LEAST_ACK_TIMEOUT_MS = 10_000
_BATCH_MESSAGES = 500
_BATCH_BYTES = 10 * 1024 * 1024
_BATCH_WAIT_MS = 2
# What the client does about single messages needs to know of single acknowledgements.
_FOLLOW_MESSAGES = {"unacked_messages_timeout_ms", "batch_index_ack_enabled"}
_DISCOVERY_SECONDS = 10  # Java's client is told of new topics, this one asks for them


def subscribe(
    client: pulsar.Client,
    spec: InstanceSpec,
    topic: str,
    settings: ConsumerSpec,
    function: UserFunction,
    policy: AckPolicy,
) -> Input:
    """Subscribe to an input; InstanceError when its settings or the broker don't allow it."""
    details = spec.function_details
    schema = create_schema(settings.schemaType, details.source.typeClassName, settings.schemaProperties, function)
    arguments = consumer_arguments(details, spec.instance_id, topic, settings)
    arguments |= consumer_crypto(settings.cryptoSpec, function) if settings.HasField("cryptoSpec") else {}
    if schema is not None:
        arguments["schema"] = schema
    pattern = _pattern(details, topic) if settings.isRegexPattern else None
    if pattern and not pattern.persistent:
        arguments["regex_subscription_mode"] = pulsar.RegexSubscriptionMode.NonPersistentOnly
    consumer = _subscribe(client, topic, pattern, subscription_name(details), arguments)
    if details.source.skipToLatest:
        _skip_to_latest(consumer, topic)
    raw = getattr(consumer, "_consumer", consumer)
    has_ids = has_message_ids(topic)
    kind = WholeBatchInput if policy.before_processing and has_ids else Input
    source = kind(topic, pattern, consumer, raw, _decoder(settings, schema, function), schema=schema)
    source.queue_size = arguments["receiver_queue_size"]
    if raw is not consumer and policy.after_output and has_ids and not _FOLLOW_MESSAGES & set(arguments):
        source.batches = BatchAcknowledger(raw)
    return source


def _pattern(details: FunctionDetails, topic: str) -> TopicPattern:
    pattern = TopicPattern.parse(topic)
    dead = dead_letter_pattern(details, pattern.namespace)
    return pattern.without(dead) if dead else pattern


def consumer_arguments(
    details: FunctionDetails, instance_id: int, topic: str, settings: ConsumerSpec
) -> dict[str, Any]:
    """Arguments of `Client.subscribe`, without schema and encryption."""
    own, metadata = split_consumer_properties(settings.consumerProperties, topic)
    arguments: dict[str, Any] = {
        "consumer_type": consumer_type(details),
        "initial_position": initial_position(details),
        "receiver_queue_size": _queue_size(settings, topic),
        "properties": client_properties(details, instance_id) | metadata,
        **_delays(details),
        **({"pattern_auto_discovery_period": _DISCOVERY_SECONDS} if settings.isRegexPattern else {}),
        **own,
    }
    batch = max(1, min(_BATCH_MESSAGES, arguments["receiver_queue_size"] // 2))
    arguments["batch_receive_policy"] = pulsar.ConsumerBatchReceivePolicy(batch, _BATCH_BYTES, _BATCH_WAIT_MS)
    return arguments


def _queue_size(settings: ConsumerSpec, topic: str) -> int:
    if not settings.HasField("receiverQueueSize"):
        return _DEFAULT_QUEUE
    if settings.receiverQueueSize.value < 1:
        _LOGGER.warning("receiverQueueSize 0 of input %s is taken as 1: the Python client needs a queue", topic)
    return max(1, settings.receiverQueueSize.value)


def _delays(details: FunctionDetails) -> dict[str, int]:
    delays: dict[str, int] = {}
    if details.source.timeoutMs:
        delays["unacked_messages_timeout_ms"] = max(_LEAST_ACK_TIMEOUT_MS, details.source.timeoutMs)
        if details.source.timeoutMs < _LEAST_ACK_TIMEOUT_MS:
            _LOGGER.warning(
                "timeoutMs %d is taken as %d, the least that the client allows",
                details.source.timeoutMs,
                _LEAST_ACK_TIMEOUT_MS,
            )
    if details.source.negativeAckRedeliveryDelayMs:
        delays["negative_ack_redelivery_delay_ms"] = details.source.negativeAckRedeliveryDelayMs
    return delays


def _subscribe(
    client: pulsar.Client, topic: str, pattern: TopicPattern | None, subscription: str, arguments: dict[str, Any]
) -> Any:
    try:
        name = re.compile(pattern.for_client()) if pattern else topic
        return client.subscribe(name, subscription, **arguments)
    except (pulsar.PulsarException, ValueError) as error:
        raise InstanceError(f"cannot subscribe to input {topic} as {subscription}: {error}{_hint(error)}") from error


def _hint(error: Exception) -> str:
    """What the client does not tell: it tries refused credentials until its time is over, and logs why TLS fails."""
    if isinstance(error, pulsar.Timeout):
        return "; is the broker up, and does it take the function's credentials?"
    if isinstance(error, pulsar.ConnectError):
        return "; with TLS, is the broker's certificate a trusted one, and for its host? The client's log says more"
    return ""


def _skip_to_latest(consumer: Any, topic: str) -> None:
    try:
        consumer.seek(pulsar.MessageId.latest)
    except pulsar.PulsarException as error:
        raise InstanceError(f"skipToLatest: cannot skip the backlog of input {topic}: {error}") from error


def _decoder(settings: ConsumerSpec, schema: Any | None, function: UserFunction) -> Callable[[InputMessage], Any]:
    if schema is not None:
        return message_decoder(schema)
    serde = create_serde(settings.serdeClassName, function)
    deserialize = deserialize_identity if isinstance(serde, IdentitySerDe) else serde.deserialize
    return lambda message: deserialize(message.data())
