"""Questions of the REST API to the broker (`rest.ports.BrokerPort`)."""

import attrs
import pulsar.asyncio

from pulsemill.broker.admin import BrokerAdmin
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


@attrs.frozen
class AdminBroker(ClientBroker):
    """A Pulsar broker, asked through its admin API."""

    admin: BrokerAdmin

    async def tenant_exists(self, tenant: str) -> bool:
        """Whether the broker knows the tenant."""
        return await self.admin.tenant_exists(tenant)

    async def namespace_exists(self, tenant: str, namespace: str) -> bool:
        """Whether the broker knows the namespace."""
        return await self.admin.namespace_policies(f"{tenant}/{namespace}") is not None
