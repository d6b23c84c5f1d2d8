"""`consumerProperties`: settings of the client's consumer under the names of upstream's Java client."""

from collections.abc import Callable, Mapping
from typing import Any

from pulsemill_instance.errors import InstanceError


def _boolean(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError(text)
    return text.lower() == "true"


def _positive(text: str) -> int:
    """The client would ask for topics without a pause, and its batch receive needs a queue."""
    if int(text) < 1:
        raise ValueError(text)
    return int(text)


def _micros_to_millis(text: str) -> int:
    return int(text) // 1000


_SETTINGS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "ackTimeoutMillis": ("unacked_messages_timeout_ms", int),
    "autoAckOldestChunkedMessageOnQueueFull": ("auto_ack_oldest_chunked_message_on_queue_full", _boolean),
    "batchIndexAckEnabled": ("batch_index_ack_enabled", _boolean),
    "consumerName": ("consumer_name", str),
    "maxPendingChunkedMessage": ("max_pending_chunked_message", int),
    "maxTotalReceiverQueueSizeAcrossPartitions": ("max_total_receiver_queue_size_across_partitions", int),
    "negativeAckRedeliveryDelayMicros": ("negative_ack_redelivery_delay_ms", _micros_to_millis),
    "patternAutoDiscoveryPeriod": ("pattern_auto_discovery_period", _positive),
    "readCompacted": ("is_read_compacted", _boolean),
    "receiverQueueSize": ("receiver_queue_size", _positive),
    "replicateSubscriptionState": ("replicate_subscription_state_enabled", _boolean),
}


def split_consumer_properties(properties: Mapping[str, str], topic: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Arguments of `Client.subscribe` for the known settings, and the rest, which the consumer shows as its metadata.

    InstanceError when a setting's value is of the wrong type.
    """
    settings: dict[str, Any] = {}
    metadata: dict[str, str] = {}
    for key, text in properties.items():
        if key not in _SETTINGS:
            metadata[key] = text
            continue
        argument, convert = _SETTINGS[key]
        try:
            settings[argument] = convert(text)
        except ValueError as error:
            raise InstanceError(f"consumerProperties of input {topic}: {key} cannot be {text!r}") from error
    return settings, metadata
