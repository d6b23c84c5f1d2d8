"""The inputs of a function: which topics, under which subscription. Pure data, read from FunctionDetails."""

import socket

import _pulsar

from pulsemill_instance.proto.Function_pb2 import (
    EARLIEST,
    EFFECTIVELY_ONCE,
    FAILOVER,
    ConsumerSpec,
    FunctionDetails,
)


def input_specs(details: FunctionDetails) -> dict[str, ConsumerSpec]:
    """Each input topic or pattern with its settings, the deprecated ways of naming inputs included."""
    source = details.source
    specs = {topic: ConsumerSpec(serdeClassName=serde) for topic, serde in source.topicsToSerDeClassName.items()}
    if source.topicsPattern:
        specs[source.topicsPattern] = ConsumerSpec(isRegexPattern=True)
    return specs | dict(source.inputSpecs.items())


def subscription_name(details: FunctionDetails) -> str:
    """The name the user gave, else `tenant/namespace/name`."""
    return details.source.subscriptionName.strip() or f"{details.tenant}/{details.namespace}/{details.name}"


def consumer_type(details: FunctionDetails) -> _pulsar.ConsumerType:
    """Failover for ordered functions, Key_Shared for order per key, else Shared."""
    ordered = details.retainOrdering or details.processingGuarantees == EFFECTIVELY_ONCE
    if ordered or details.source.subscriptionType == FAILOVER:
        return _pulsar.ConsumerType.Failover
    return _pulsar.ConsumerType.KeyShared if details.retainKeyOrdering else _pulsar.ConsumerType.Shared


def initial_position(details: FunctionDetails) -> _pulsar.InitialPosition:
    """Where a new subscription starts."""
    earliest = details.source.subscriptionPosition == EARLIEST
    return _pulsar.InitialPosition.Earliest if earliest else _pulsar.InitialPosition.Latest


def client_properties(details: FunctionDetails, instance_id: int) -> dict[str, str]:
    """The metadata by which topic statistics show whose consumer or producer it is."""
    return {
        "application": "pulsar-function",
        "id": f"{details.tenant}/{details.namespace}/{details.name}",
        "instance_id": str(instance_id),
        "instance_hostname": socket.gethostname(),
    }
