"""Who may do what."""

from collections.abc import Collection, Mapping

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill.security.authorization import Authorizer
from pulsemill.security.caller import Caller, acting_roles
from pulsemill.security.errors import TenantNotFoundError

ROLES = st.sampled_from(["super", "admin", "bob", "alice", "proxy", "super-proxy"])
PROXIES = {"proxy", "super-proxy"}


@attrs.define
class FakePolicies:
    """One tenant, `public`, whose admin is `admin`, with one namespace, `default`, where bob may use functions."""

    asked: int = 0

    async def tenant_admins(self, tenant: str) -> Collection[str]:
        self.asked += 1
        if tenant != "public":
            raise TenantNotFoundError("Tenant does not exist")
        return {"admin"}

    async def permissions(self, tenant: str, namespace: str) -> Mapping[str, Collection[str]]:
        granted = {"bob": ["functions", "produce"], "proxy": ["functions"]}
        return granted if namespace == "default" else {}


AUTHORIZER = Authorizer({"super", "super-proxy"}, PROXIES, FakePolicies())


async def allowed(
    role: str, original: str | None = None, namespace: str = "default", action: str = "functions"
) -> bool:
    return await AUTHORIZER.may_use_namespace(Caller(role, original), "public", namespace, action)


@pytest.mark.parametrize(
    ("role", "namespace", "action", "expected"),
    [
        ("super", "default", "functions", True),
        ("super", "none", "sinks", True),
        ("admin", "default", "sinks", True),
        ("admin", "none", "functions", True),
        ("bob", "default", "functions", True),
        ("bob", "default", "sinks", False),
        ("bob", "none", "functions", False),
        ("alice", "default", "functions", False),
    ],
)
async def test_super_users_tenant_admins_and_the_granted_are_let_in(
    role: str, namespace: str, action: str, expected: bool
) -> None:
    assert await allowed(role, namespace=namespace, action=action) is expected


async def test_an_unknown_tenant_is_told_to_all_but_super_users() -> None:
    with pytest.raises(TenantNotFoundError):
        await AUTHORIZER.may_use_namespace(Caller("bob"), "none", "default", "functions")
    assert await AUTHORIZER.may_use_namespace(Caller("super"), "none", "default", "functions")


async def test_a_super_user_costs_no_question() -> None:
    policies = FakePolicies()
    assert await attrs.evolve(AUTHORIZER, policies=policies).may_use_namespace(Caller("super"), "a", "b", "functions")
    assert policies.asked == 0


@pytest.mark.parametrize(
    ("role", "original", "expected"),
    [
        ("proxy", None, False),
        ("proxy", " ", False),
        ("proxy", "bob", True),
        ("proxy", "alice", False),
        ("proxy", "super", True),
        ("proxy", "super-proxy", False),
        ("super-proxy", "bob", True),
        ("bob", "bob", True),
        ("bob", "", True),
        ("bob", "super", False),
        ("super", "bob", False),
    ],
)
async def test_a_proxy_and_whom_it_acts_for_must_both_be_allowed(
    role: str, original: str | None, expected: bool
) -> None:
    assert await allowed(role, original) is expected


@pytest.mark.parametrize(
    ("role", "original", "expected"),
    [
        ("super", None, True),
        ("super", "super", True),
        ("super-proxy", "super", True),
        ("super-proxy", None, False),
        ("super-proxy", "bob", False),
        ("proxy", "super", False),
        ("admin", None, False),
    ],
)
def test_super_users(role: str, original: str | None, expected: bool) -> None:
    assert AUTHORIZER.is_super_user(Caller(role, original)) is expected


@given(ROLES, st.none() | ROLES | st.text(max_size=3))
def test_nobody_becomes_more_by_naming_somebody(role: str, original: str | None) -> None:
    roles = acting_roles(Caller(role, original), PROXIES)
    assert not roles or roles[0] == role
    assert len(roles) == 2 or role not in PROXIES or not roles
    if AUTHORIZER.is_super_user(Caller(role, original)):
        assert role in AUTHORIZER.super_user_roles
