"""Decides what an authenticated caller may do (upstream's PulsarAuthorizationProvider).

Tenants and permissions are the broker's, looked up at each request through its admin API where upstream reads the
metadata store: a grant or its end takes effect at once.
"""

from collections.abc import Collection, Mapping
from typing import Protocol

import attrs

from pulsemill.security.caller import Caller, acting_roles


class PolicyLookup(Protocol):
    """What the broker knows of tenants and namespaces. Raises PolicyLookupError when that cannot be found out."""

    async def tenant_admins(self, tenant: str) -> Collection[str]:
        """The tenant's admin roles; TenantNotFoundError for an unknown tenant."""

    async def permissions(self, tenant: str, namespace: str) -> Mapping[str, Collection[str]]:
        """The actions that a namespace grants, by role; empty for an unknown namespace."""


@attrs.frozen
class Authorizer:
    """Says yes or no. Of a proxy and whom it acts for, both must be allowed."""

    super_user_roles: Collection[str]
    proxy_roles: Collection[str]
    policies: PolicyLookup

    def is_super_user(self, caller: Caller) -> bool:
        """Whether a caller may do everything."""
        roles = acting_roles(caller, self.proxy_roles)
        return bool(roles) and all(role in self.super_user_roles for role in roles)

    async def may_use_namespace(self, caller: Caller, tenant: str, namespace: str, action: str) -> bool:
        """Whether a caller may do something with a namespace's `functions`, `sources` or `sinks`."""
        roles = acting_roles(caller, self.proxy_roles)
        ordinary = [role for role in roles if role not in self.super_user_roles]
        if not ordinary:
            return bool(roles)
        admins = await self.policies.tenant_admins(tenant)
        others = [role for role in ordinary if role not in admins]
        if not others:
            return True
        granted = await self.policies.permissions(tenant, namespace)
        return all(action in granted.get(role, ()) for role in others)
