"""Who may use tenants and namespaces, from the broker's admin API."""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

import attrs

from pulsemill.errors import PulsemillError
from pulsemill.security.errors import PolicyLookupError, TenantNotFoundError


class TenantsAndNamespaces(Protocol):
    """The part of `pulsemill.broker.admin.BrokerAdmin` that is needed here."""

    async def tenant_info(self, tenant: str) -> dict[str, Any] | None:
        """A tenant's settings, None when there is no such tenant."""

    async def namespace_policies(self, namespace: str) -> dict[str, Any] | None:
        """The policies of `tenant/namespace`, None when there is no such namespace."""


@attrs.frozen
class BrokerPolicies:
    """Policies as the broker has them now; `authorization.PolicyLookup`."""

    admin: TenantsAndNamespaces

    async def tenant_admins(self, tenant: str) -> Collection[str]:
        """The roles that administrate a tenant."""
        try:
            info = await self.admin.tenant_info(tenant)
        except PulsemillError as error:
            raise PolicyLookupError(f"cannot find out who may use tenant {tenant}: {error}") from error
        if info is None:
            raise TenantNotFoundError("org.apache.pulsar.common.util.RestException: Tenant does not exist")
        return frozenset(info.get("adminRoles") or ())

    async def permissions(self, tenant: str, namespace: str) -> Mapping[str, Collection[str]]:
        """Granted actions by role."""
        try:
            policies = await self.admin.namespace_policies(f"{tenant}/{namespace}")
        except PulsemillError as error:
            raise PolicyLookupError(f"cannot find out who may use namespace {tenant}/{namespace}: {error}") from error
        granted: Mapping[str, Collection[str]] = ((policies or {}).get("auth_policies") or {}).get("namespace_auth", {})
        return granted
