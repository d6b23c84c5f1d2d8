"""The context that a function is called with: upstream's `pulsar.Context`, in full."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import pulsar

from pulsemill_instance.consumers import Input
from pulsemill_instance.context_services import ContextServices
from pulsemill_instance.inputs import input_specs
from pulsemill_instance.interfaces import InputMessage
from pulsemill_instance.message_ids import message_sequence_id


class FunctionContext(pulsar.Context):  # type: ignore[misc]  # the client ships no types
    """One message's context: it stays that message's, also after the call and in other threads and tasks."""

    def __init__(self, services: ContextServices, source: Input, message: InputMessage) -> None:
        self._services = services
        self._source = source
        self._message = message

    def get_message_id(self) -> Any:
        """The client's message id."""
        return self._message.message_id()

    def get_message_key(self) -> str:
        """The partition key, empty without one."""
        return self._message.partition_key()

    def get_partition_key(self) -> str:
        """The partition key, empty without one."""
        return self._message.partition_key()

    def get_ordering_key(self) -> str:
        """The ordering key, empty without one."""
        return self._message.ordering_key()

    def get_message_eventtime(self) -> int:
        """The event time in ms since the epoch, 0 without one."""
        return self._message.event_timestamp()

    def get_message_properties(self) -> dict[str, str]:
        """The message's properties."""
        return self._message.properties()

    def get_message_sequence_id(self) -> int:
        """The number `(ledger << 28) | entry`."""
        return message_sequence_id(self._message.message_id())

    def get_message_partition_index(self) -> int:
        """The partition, -1 for a topic without partitions."""
        return int(self._message.message_id().partition())

    def get_current_message_topic_name(self) -> str:
        """The full name of the topic, with its partition if it has one."""
        return self._message.topic_name()

    def get_function_tenant(self) -> str:
        """The function's tenant."""
        return self._services.spec.function_details.tenant

    def get_function_namespace(self) -> str:
        """The function's namespace."""
        return self._services.spec.function_details.namespace

    def get_function_name(self) -> str:
        """The function's name."""
        return self._services.spec.function_details.name

    def get_function_id(self) -> str:
        """The id that the worker gave the function."""
        return self._services.spec.function_id

    def get_function_version(self) -> str:
        """The version of the function's package."""
        return self._services.spec.function_version

    def get_instance_id(self) -> str:
        """The instance's number, as text."""
        return str(self._services.spec.instance_id)

    def get_logger(self) -> logging.Logger:
        """The function's logger."""
        return self._services.logger

    def get_user_config_value(self, key: str) -> Any:
        """A value of the user configuration, None when missing."""
        return self._services.user_config.get(key)

    def get_user_config_map(self) -> dict[str, Any]:
        """The whole user configuration."""
        return self._services.user_config

    def get_secret(self, secret_name: str) -> Any:
        """A secret of the function's `secretsMap`, None when it is not named there."""
        mapped = self._services.secrets_map
        if secret_name not in mapped:
            return None
        return self._services.secrets.provide_secret(secret_name, mapped[secret_name])

    def record_metric(self, metric_name: str, metric_value: float) -> None:
        """Add a value to the summary `pulsar_function_user_metric{metric=metric_name}`."""
        self._services.stats.record_metric(metric_name, metric_value)

    def publish(
        self,
        topic_name: str,
        message: Any,
        serde_class_name: str = "serde.IdentitySerDe",
        properties: Mapping[str, str] | None = None,
        compression_type: Any | None = None,
        callback: Callable[[Any, Any], None] | None = None,
        message_conf: Mapping[str, Any] | None = None,
        schema: Any | None = None,
    ) -> None:
        """Publish in the background; `message_conf` are keyword arguments of `Producer.send_async`.

        With a `schema` (an object of a `pulsar.schema.Schema`) the message is encoded by that, and its topic gets it.
        """
        options = dict(message_conf or {})
        if properties:
            options["properties"] = properties
        self._services.publisher.publish(
            topic_name, message, serde_class_name, compression_type, callback, options, schema
        )

    def get_input_topics(self) -> list[str]:
        """The configured inputs, patterns as they are."""
        return list(input_specs(self._services.spec.function_details))

    def get_output_topic(self) -> str:
        """The output topic, empty without one."""
        return self._services.spec.function_details.sink.topic

    def get_output_serde_class_name(self) -> str:
        """The output's SerDe as configured, empty for the default."""
        return self._services.spec.function_details.sink.serDeClassName

    def ack(self, msgid: Any, topic: str) -> None:
        """Acknowledge a message by its id and topic; ValueError for a topic that is no input."""
        self._input_of(topic).consumer.acknowledge(msgid)

    def nack(self, msgid: Any, topic: str) -> None:
        """Ask for a message again, or give up the current one after its last retry; ValueError for no input's topic."""
        source = self._input_of(topic)
        if source.give_up_soon is not None and msgid == self._message.message_id():
            source.give_up_soon(source, self._message)
        else:
            source.consumer.negative_acknowledge(msgid)

    def get_pulsar_client(self) -> pulsar.Client:
        """The instance's client."""
        return self._services.client

    def incr_counter(self, key: str, amount: int) -> None:
        """Add to a counter of the function's state."""
        self._services.state.incr_counter(key, amount)

    def get_counter(self, key: str) -> int | None:
        """A counter's value, None when it was never counted."""
        return self._services.state.get_counter(key)

    def del_counter(self, key: str) -> None:
        """Forget a counter, or a value."""
        self._services.state.del_counter(key)

    def put_state(self, key: str, value: str | bytes | None) -> None:
        """Store a value; None deletes it."""
        self._services.state.put_state(key, value)

    def get_state(self, key: str) -> bytes | None:
        """A stored value, None when there is none."""
        return self._services.state.get_state(key)

    def _input_of(self, topic: str) -> Input:
        own = topic == self._message.topic_name()  # which more than one pattern may match
        return self._source if own else self._services.input_of(topic)
