"""Questions of the REST API to a broker with an admin API."""

import httpx2
import pulsar.asyncio
import pytest

from pulsemill.broker.admin import BrokerAdmin
from pulsemill.broker.port import AdminBroker


def answer(request: httpx2.Request) -> httpx2.Response:
    known = {"/admin/v2/tenants/public", "/admin/v2/namespaces/public/default"}
    return httpx2.Response(200 if request.url.path in known else 404, json={})


@pytest.fixture
def broker() -> AdminBroker:
    client = object.__new__(pulsar.asyncio.Client)
    return AdminBroker(client, BrokerAdmin("http://broker:8080", transport=httpx2.MockTransport(answer)))


async def test_what_is_there(broker: AdminBroker) -> None:
    assert await broker.tenant_exists("public")
    assert await broker.namespace_exists("public", "default")


async def test_what_is_not(broker: AdminBroker) -> None:
    assert not await broker.tenant_exists("nobody")
    assert not await broker.namespace_exists("public", "nothing")
