"""Questions to the broker that only need a client (`rest.ports.BrokerPort`)."""

import attrs
import pulsar.asyncio

from pulsemill.broker.trigger import trigger
from pulsemill_instance.proto.Function_pb2 import FunctionDetails


@attrs.frozen
class ClientBroker:
    """A broker without admin API, as the embedded one: every tenant and namespace is there as soon as it is used."""

    client: pulsar.asyncio.Client

    async def tenant_exists(self, tenant: str) -> bool:
        """Always."""
        return True

    async def namespace_exists(self, tenant: str, namespace: str) -> bool:
        """Always."""
        return True

    async def trigger(self, details: FunctionDetails, topic: str, data: bytes) -> bytes | None:
        """Send data to an input topic and wait for what it leads to."""
        return await trigger(self.client, details, topic, data)
