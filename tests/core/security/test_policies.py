"""Policies as the broker's admin API tells them."""

from collections.abc import Callable

import httpx2
import pytest

from pulsemill.broker.admin import BrokerAdmin
from pulsemill.security.errors import PolicyLookupError, TenantNotFoundError
from pulsemill.security.policies import BrokerPolicies

POLICIES = {"auth_policies": {"namespace_auth": {"bob": ["functions", "produce"]}}, "replication_clusters": ["c"]}


def policies(answer: Callable[[httpx2.Request], httpx2.Response]) -> BrokerPolicies:
    return BrokerPolicies(BrokerAdmin("http://broker:8080", attempts=1, transport=httpx2.MockTransport(answer)))


def broker(request: httpx2.Request) -> httpx2.Response:
    known = {
        "/admin/v2/tenants/public": {"adminRoles": ["admin"], "allowedClusters": ["c"]},
        "/admin/v2/tenants/bare": {"allowedClusters": ["c"]},
        "/admin/v2/namespaces/public/default": POLICIES,
        "/admin/v2/namespaces/public/bare": {"auth_policies": None},
    }
    answer = known.get(request.url.path)
    return httpx2.Response(404, json={"reason": "nothing"}) if answer is None else httpx2.Response(200, json=answer)


async def test_what_the_broker_grants() -> None:
    found = policies(broker)
    assert await found.tenant_admins("public") == {"admin"}
    assert await found.tenant_admins("bare") == frozenset()
    assert await found.permissions("public", "default") == {"bob": ["functions", "produce"]}
    assert await found.permissions("public", "bare") == {}
    assert await found.permissions("public", "none") == {}


async def test_an_unknown_tenant_is_told_in_upstreams_words() -> None:
    with pytest.raises(TenantNotFoundError, match=r"^org\.apache\.pulsar\.common\.util\.RestException: Tenant does"):
        await policies(broker).tenant_admins("none")


async def test_a_broker_that_refuses_grants_nothing() -> None:
    refusing = policies(lambda _: httpx2.Response(401, json={"reason": "no"}))
    with pytest.raises(
        PolicyLookupError, match=r"cannot find out who may use tenant t: .*the worker's role lacks the rights"
    ):
        await refusing.tenant_admins("t")
    with pytest.raises(PolicyLookupError, match="cannot find out who may use namespace t/n: "):
        await refusing.permissions("t", "n")
