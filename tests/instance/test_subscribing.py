"""Subscribing to inputs, as FunctionDetails say."""

import logging
from typing import Any, cast

import pulsar
import pytest

from pulsemill_instance.errors import InstanceError
from pulsemill_instance.guarantees import ack_policy
from pulsemill_instance.inputs import input_specs, subscription_name
from pulsemill_instance.interfaces import UserFunction
from pulsemill_instance.proto.Function_pb2 import (
    EARLIEST,
    EFFECTIVELY_ONCE,
    FAILOVER,
    KEY_SHARED,
    ConsumerSpec,
    FunctionDetails,
    RetryDetails,
)
from pulsemill_instance.spec import InstanceSpec
from pulsemill_instance.subscribing import consumer_arguments, subscribe


def arguments(details: FunctionDetails | None = None, **settings: Any) -> dict[str, Any]:
    return consumer_arguments(details or FunctionDetails(), 0, "in", ConsumerSpec(**settings))


def source_fields(**fields: Any) -> FunctionDetails:
    details = FunctionDetails()
    for name, value in fields.items():
        setattr(details.source, name, value)
    return details


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        (FunctionDetails(), pulsar.ConsumerType.Shared),
        (source_fields(subscriptionType=KEY_SHARED), pulsar.ConsumerType.Shared),
        (source_fields(subscriptionType=FAILOVER), pulsar.ConsumerType.Failover),
        (FunctionDetails(retainOrdering=True), pulsar.ConsumerType.Failover),
        (FunctionDetails(processingGuarantees=EFFECTIVELY_ONCE), pulsar.ConsumerType.Failover),
        (FunctionDetails(retainKeyOrdering=True), pulsar.ConsumerType.KeyShared),
    ],
)
def test_subscription_type(details: FunctionDetails, expected: Any) -> None:
    assert arguments(details)["consumer_type"] == expected


def test_subscription_starts_at_the_latest_message_unless_told_otherwise() -> None:
    assert arguments()["initial_position"] == pulsar.InitialPosition.Latest
    earliest = arguments(source_fields(subscriptionPosition=EARLIEST))
    assert earliest["initial_position"] == pulsar.InitialPosition.Earliest


def test_case_26_consumers_tell_whose_they_are() -> None:
    details = FunctionDetails(tenant="t", namespace="ns", name="fn")
    properties = consumer_arguments(details, 3, "in", ConsumerSpec())["properties"]
    assert properties.pop("instance_hostname")
    assert properties == {"application": "pulsar-function", "id": "t/ns/fn", "instance_id": "3"}


def test_subscription_name_is_the_functions_unless_given() -> None:
    details = FunctionDetails(tenant="t", namespace="ns", name="fn")
    assert subscription_name(details) == "t/ns/fn"
    details.source.subscriptionName = " "
    assert subscription_name(details) == "t/ns/fn"
    details.source.subscriptionName = "mine"
    assert subscription_name(details) == "mine"


@pytest.mark.parametrize(("size", "expected"), [(10, 10), (5000, 5000), (0, 1)])
def test_case_28_receiver_queue_size(size: int, expected: int) -> None:
    given = arguments(receiverQueueSize=ConsumerSpec.ReceiverQueueSize(value=size))
    assert given["receiver_queue_size"] == expected


def test_case_28_a_short_ack_timeout_is_raised_to_the_clients_least(caplog: pytest.LogCaptureFixture) -> None:
    assert "unacked_messages_timeout_ms" not in arguments()
    assert arguments(source_fields(timeoutMs=20_000))["unacked_messages_timeout_ms"] == 20_000
    assert caplog.text == ""
    with caplog.at_level(logging.WARNING):
        assert arguments(source_fields(timeoutMs=5000))["unacked_messages_timeout_ms"] == 10_000
    assert "5000" in caplog.text


def test_case_10_negative_ack_delay_is_the_clients_unless_given() -> None:
    assert "negative_ack_redelivery_delay_ms" not in arguments()
    given = arguments(source_fields(negativeAckRedeliveryDelayMs=1000))
    assert given["negative_ack_redelivery_delay_ms"] == 1000


def test_case_24_retries_are_the_instances_own() -> None:
    retries = RetryDetails(maxMessageRetries=2, deadLetterTopic="dlq")
    assert "dead_letter_policy" not in arguments(FunctionDetails(retryDetails=retries))


def test_consumer_properties_set_what_the_client_knows_and_describe_the_consumer_otherwise() -> None:
    given = arguments(consumerProperties={"receiverQueueSize": "7", "readCompacted": "true", "team": "blue"})
    assert (given["receiver_queue_size"], given["is_read_compacted"]) == (7, True)
    assert given["properties"]["team"] == "blue"


@pytest.mark.parametrize(
    "properties", [{"receiverQueueSize": "many"}, {"readCompacted": "perhaps"}, {"patternAutoDiscoveryPeriod": "0"}]
)
def test_consumer_properties_of_a_wrong_type_are_an_error(properties: dict[str, str]) -> None:
    with pytest.raises(InstanceError, match=r"consumerProperties of input in: .* cannot be"):
        arguments(consumerProperties=properties)


def test_inputs_include_the_deprecated_ones() -> None:
    details = FunctionDetails()
    details.source.topicsToSerDeClassName["old"] = "mod.SerDe"
    details.source.topicsPattern = "a.*"
    details.source.inputSpecs["new"].schemaType = "json"
    specs = input_specs(details)
    assert list(specs) == ["old", "a.*", "new"]
    assert specs["old"].serdeClassName == "mod.SerDe"
    assert specs["a.*"].isRegexPattern


class Refusing:
    """A client that does not subscribe."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def subscribe(self, *_: Any, **__: Any) -> Any:
        raise self.error


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (pulsar.Timeout("late"), "; is the broker up, and does it take the function's credentials?"),
        (pulsar.ConnectError("no"), "; with TLS, is the broker's certificate a trusted one"),
        (pulsar.AuthorizationError("no"), "$"),
    ],
)
def test_an_input_that_is_refused_is_named_and_what_the_client_does_not_tell(error: Exception, hint: str) -> None:
    details = FunctionDetails(tenant="t", namespace="n", name="f")
    spec, function = InstanceSpec(details, 0, "id", "1", "standalone"), cast("UserFunction", None)
    client, policy = cast("pulsar.Client", Refusing(error)), ack_policy(details)
    with pytest.raises(InstanceError, match=f"cannot subscribe to input in as t/n/f: .*{error}{hint}"):
        subscribe(client, spec, "in", ConsumerSpec(), function, policy)
