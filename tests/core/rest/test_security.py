"""Every route, asked by everybody: who is let in, who is turned away and with which words."""

import asyncio
import base64
import json
import re
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from typing import Any

import attrs
import httpx2
import jwt
import pytest
from starlette.routing import Route

from pulsemill.config.worker_config import WorkerConfig
from pulsemill.packages.reader import PackageReader
from pulsemill.packages.service import PackagesService
from pulsemill.plugin import NoConfig
from pulsemill.rest.app import create_app
from pulsemill.rest.ports import OwnedElsewhereError, WorkerInfo
from pulsemill.security.errors import PolicyLookupError, TenantNotFoundError
from pulsemill.security.guard import Guard
from pulsemill.token_auth import ClearTextFunctionTokenAuthProvider

SECRET = bytes(range(32))
TOKEN_PROVIDER = "org.apache.pulsar.broker.authentication.AuthenticationProviderToken"
NOT_AUTHENTICATED = {"reason": "Authentication required"}
NOT_AUTHORIZED = {"reason": "Client is not authorized to perform operation"}
FUNCTION = "/admin/v3/functions/public/default/exclaim"
CONFIG = WorkerConfig(
    authentication_enabled=True,
    authorization_enabled=True,
    authentication_providers=frozenset({TOKEN_PROVIDER}),
    super_user_roles=frozenset({"super", "super-proxy"}),
    proxy_roles=frozenset({"proxy", "super-proxy"}),
    properties={"tokenSecretKey": base64.b64encode(SECRET).decode()},
    function_auth_provider_class_name="clear-text-token",
)
CLEAR_TEXT = ClearTextFunctionTokenAuthProvider(NoConfig())


class FakePolicies:
    """One tenant, with an admin, and one namespace, where bob may use functions."""

    async def tenant_admins(self, tenant: str) -> Collection[str]:
        if tenant == "broken":
            raise PolicyLookupError("the broker does not answer")
        if tenant == "slow":
            await asyncio.Event().wait()
        if tenant != "public":
            raise TenantNotFoundError("org.apache.pulsar.common.util.RestException: Tenant does not exist")
        return {"admin"}

    async def permissions(self, tenant: str, namespace: str) -> Mapping[str, Collection[str]]:
        return {"bob": ["functions"], "sam": ["sinks"]} if namespace == "default" else {}


def secured(world: Any, **changes: Any) -> httpx2.AsyncClient:
    config = attrs.evolve(CONFIG, functions_directory=world.ports.config.functions_directory, **changes)
    ports = attrs.evolve(world.ports, config=config, guard=Guard.from_config(config, FakePolicies()))
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(create_app(ports)), base_url="http://worker:6750")


@pytest.fixture
async def client(world: Any) -> AsyncIterator[httpx2.AsyncClient]:
    await world.register()
    async with secured(world) as client:
        yield client


def token(role: str, **claims: Any) -> str:
    return jwt.encode({"sub": role, **claims}, SECRET, "HS256")


def as_role(role: str, **headers: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(role)}", **headers}


def every_route(world: Any) -> list[tuple[str, str]]:
    routes = [route for route in create_app(world.ports).routes if isinstance(route, Route)]
    parts = {"tenant": "public", "namespace": "default", "instance_id": "0"}
    return [
        (method, route.path_format.format_map(Fill(parts)))
        for route in routes
        for method in sorted(route.methods or ())
        if method != "HEAD"
    ]


class Fill(dict[str, str]):
    """Path parameters; names of components are all the same."""

    def __missing__(self, _name: str) -> str:
        return "exclaim"


async def test_nobody_is_let_in_without_a_token(client: httpx2.AsyncClient, world: Any) -> None:
    routes = every_route(world)
    assert len(routes) > 20
    for method, path in [*routes, ("GET", "/admin/nothing"), ("GET", "/admin"), ("PATCH", FUNCTION)]:
        response = await client.request(method, path)
        assert (response.status_code, response.json()) == (401, NOT_AUTHENTICATED), path


async def test_who_has_no_rights_is_only_let_in_where_everybody_is(client: httpx2.AsyncClient, world: Any) -> None:
    leader_ready = {f"{prefix}/worker/cluster/leader/ready" for prefix in ("/admin/v2", "/admin")}
    open_to_all = {"/metrics", "/version", "/initialized", "/openapi.json", *leader_ready}
    for method, path in every_route(world):
        response = await client.request(method, path, headers=as_role("alice"))
        is_open = path in open_to_all or re.search("/builtin(sources|sinks)|/functions/connectors$", path)
        assert is_open or response.status_code == 401, path
        assert response.status_code != 401 or response.json()["reason"] in (
            NOT_AUTHORIZED["reason"],
            "This operation requires super-user access",
        )


async def test_a_super_user_is_let_in_everywhere(client: httpx2.AsyncClient, world: Any) -> None:
    for method, path in every_route(world):
        assert (await client.request(method, path, headers=as_role("super"))).status_code != 401, path


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        ("bob", FUNCTION, 200),
        ("bob", f"{FUNCTION}/0/status", 200),
        ("admin", FUNCTION, 200),
        ("sam", FUNCTION, 401),
        ("bob", "/admin/v3/functions/public/other", 401),
        ("admin", "/admin/v3/functions/public/other", 200),
        ("bob", "/admin/v2/worker/cluster", 401),
        ("admin", "/admin/v2/worker/cluster", 401),
        ("bob", "/admin/v3/functions/download?path=public/default/exclaim/none", 404),
        ("sam", "/admin/v3/functions/download?path=public/default/exclaim/none", 401),
        ("bob", "/admin/v3/functions/download?path=elsewhere", 401),
        ("bob", "/admin/v3/functions/a%5Cb/default", 400),
    ],
)
async def test_rights_are_those_of_the_namespace(role: str, path: str, status: int, client: httpx2.AsyncClient) -> None:
    response = await client.get(path, headers=as_role(role))
    assert response.status_code == status
    assert status != 401 or response.json() == NOT_AUTHORIZED


async def test_what_cannot_be_found_out_is_an_error_not_a_yes(client: httpx2.AsyncClient) -> None:
    for tenant, text in (
        ("none", "org.apache.pulsar.common.util.RestException: Tenant does not exist"),
        ("broken", "the broker does not answer"),
    ):
        response = await client.get(f"/admin/v3/functions/{tenant}/default", headers=as_role("bob"))
        assert (response.status_code, response.json()) == (500, {"reason": text})


async def test_a_broker_that_does_not_answer_in_time_is_an_error(world: Any) -> None:
    async with secured(world, metadata_store_operation_timeout_seconds=0) as client:
        response = await client.get("/admin/v3/functions/slow/default", headers=as_role("bob"))
    assert response.status_code == 500
    assert "within 0 s who may use slow/default" in response.json()["reason"]


@pytest.mark.parametrize(
    ("role", "original", "status"),
    [
        ("proxy", "bob", 401),
        ("super-proxy", "bob", 200),
        ("super-proxy", "alice", 401),
        ("super-proxy", None, 401),
        ("super-proxy", "proxy", 401),
        ("bob", "bob", 200),
        ("bob", "super", 401),
    ],
)
async def test_proxies(role: str, original: str | None, status: int, client: httpx2.AsyncClient) -> None:
    headers = as_role(role, **({"X-Original-Principal": original} if original else {}))
    assert (await client.get(FUNCTION, headers=headers)).status_code == status


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"bearer {token('super')}"},
        {"Authorization": f"Bearer {token('super')}x"},
        {"Authorization": f"Basic {token('super')}"},
        {"Authorization": "Bearer "},
        as_role("super", **{"X-Pulsar-Auth-Method-Name": "basic"}),
        {"Authorization": f"Bearer {token('super', exp=int(time.time()) - 5)}"},
        {"X-Original-Principal": "super"},
    ],
)
async def test_what_proves_nothing_is_refused(headers: dict[str, str], client: httpx2.AsyncClient) -> None:
    assert (await client.get(FUNCTION, headers=headers)).json() == NOT_AUTHENTICATED


async def test_a_token_comes_with_a_method_or_in_the_query(client: httpx2.AsyncClient) -> None:
    headers = as_role("bob", **{"X-Pulsar-Auth-Method-Name": "token"})
    assert (await client.get(FUNCTION, headers=headers)).status_code == 200
    assert (await client.get(FUNCTION, params={"token": token("bob")})).status_code == 200


@pytest.mark.parametrize(("asked", "status"), [(True, 401), (False, 200)])
async def test_metrics_ask_if_they_are_told_to(asked: bool, status: int, world: Any) -> None:
    async with secured(world, authenticate_metrics_endpoint=asked) as client:
        for path in ("/metrics", "/version", "/initialized"):
            assert (await client.get(path)).status_code == status
        assert (await client.get(FUNCTION)).status_code == 401


async def test_without_authorization_any_token_will_do(world: Any) -> None:
    async with secured(world, authorization_enabled=False) as client:
        assert (await client.get("/admin/v2/worker/cluster", headers=as_role("alice"))).status_code == 200
        assert (await client.get("/admin/v2/worker/cluster")).status_code == 401


async def test_a_worker_that_is_not_ready_says_so_before_it_judges(client: httpx2.AsyncClient, world: Any) -> None:
    world.membership.initialized = False
    assert (await client.get(FUNCTION, headers=as_role("alice"))).status_code == 503
    assert (await client.get(FUNCTION)).status_code == 401


async def test_no_token_is_logged_or_answered(
    client: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture, world: Any
) -> None:
    caplog.set_level(0)
    good, bad = token("alice"), f"{token('alice')}x"
    for given in (good, bad):
        for response in (
            await client.get(FUNCTION, headers={"Authorization": f"Bearer {given}"}),
            await client.get(FUNCTION, params={"token": given}),
        ):
            assert given not in response.text
    mine = [record for record in caplog.records if record.name.startswith("pulsemill")]
    assert mine
    assert not [record for record in mine if token("alice")[:-4] in record.getMessage()]


async def test_a_refused_upload_leaves_nothing_behind(client: httpx2.AsyncClient, world: Any) -> None:
    files = {"data": ("x.py", b"x" * 50_000), "path": (None, "a/b")}
    for headers in (as_role("bob"), {}):
        assert (await client.post("/admin/v3/functions/upload", files=files, headers=headers)).status_code == 401


@pytest.fixture
def with_packages(world: Any) -> Any:
    """A worker that reads every package of the packages service."""
    broker = httpx2.MockTransport(lambda _: httpx2.Response(200, content=b"secret"))
    service = PackagesService("http://broker:8080/", dict, broker)
    reader = attrs.evolve(PackageReader.local(WorkerConfig(), world.ports.packages), service=service)
    return attrs.evolve(world, ports=attrs.evolve(world.ports, reader=reader))


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(
    ("role", "package", "status"),
    [
        ("bob", "function://public/other/x@0", 401),
        ("bob", "sink://public/other/x", 401),
        ("bob", "function://public/default/x@0", 204),
        ("admin", "function://public/other/x@0", 204),
        ("super", "function://elsewhere/other/x@0", 204),
        ("bob", "function://public/x@0", 400),
    ],
)
async def test_a_package_is_only_for_who_may_use_its_namespace(
    method: str, role: str, package: str, status: int, with_packages: Any
) -> None:
    config = {"className": "x.X", "inputs": ["in"], "runtime": "PYTHON"}
    if method == "PUT":
        await with_packages.register()
    files = {"functionConfig": json_part(config), "url": (None, package)}
    async with secured(with_packages) as client:
        response = await client.request(method, FUNCTION, files=files, headers=as_role(role))
    assert response.status_code == status
    assert status != 401 or response.json() == NOT_AUTHORIZED
    paths = [one.packageLocation.packagePath for one in with_packages.functions.by_name.values()]
    assert (package in paths) is (status == 204)


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_a_transform_function_is_only_for_who_may_use_its_namespace(
    method: str, with_packages: Any, java: Any
) -> None:
    url = "/admin/v3/sinks/public/default/c"
    config = {"inputs": ["in"], "className": "org.acme.AcmeSink"}
    data = ("acme.nar", java.connector())
    if method == "PUT":
        created = await with_packages.client.post(url, files={"sinkConfig": json_part(config), "data": data})
        assert created.status_code == 204
    files = {"sinkConfig": json_part({**config, "transformFunction": "function://public/other/x@0"}), "data": data}
    async with secured(with_packages) as client:
        response = await client.request(method, url, files=files, headers=as_role("sam"))
    assert (response.status_code, response.json()) == (401, NOT_AUTHORIZED)


async def test_the_functions_credentials_are_those_of_who_registered_it_until_an_update_asks_for_others(
    world: Any,
) -> None:
    secured_world = attrs.evolve(world, ports=attrs.evolve(world.ports, auth_provider=CLEAR_TEXT))
    async with secured(secured_world) as client:
        mine = attrs.evolve(secured_world, client=client)
        client.headers.update(as_role("bob"))
        assert (await mine.register("mine")).status_code == 204
        assert world.stored("mine").functionAuthSpec.data == token("bob").encode()
        client.headers.update(as_role("admin"))
        assert (await mine.update("mine", parallelism=2)).status_code == 204
        assert world.stored("mine").functionAuthSpec.data == token("bob").encode()
        files = {"functionConfig": json_part({"parallelism": 3}), "updateOptions": json_part({"updateAuthData": True})}
        response = await client.put("/admin/v3/functions/public/default/mine", files=files)
        assert response.status_code == 204
        assert world.stored("mine").functionAuthSpec.data == token("admin").encode()


@pytest.mark.parametrize("original", ["bob", "admin"])
async def test_a_function_never_gets_the_token_of_a_proxy(world: Any, original: str) -> None:
    with_proxy = attrs.evolve(world, ports=attrs.evolve(world.ports, auth_provider=CLEAR_TEXT))
    async with secured(with_proxy) as client:
        client.headers.update(as_role("super-proxy", **{"X-Original-Principal": original}))
        refused = await attrs.evolve(with_proxy, client=client).register("mine")
    assert refused.status_code == 500
    assert "function public/default/mine: the request came with the token of the proxy role" in refused.text
    assert "'super-proxy'" in refused.text
    assert world.functions.by_name == {}
    assert world.blobs() == []


async def test_a_token_in_the_query_is_the_functions_too(world: Any) -> None:
    with_provider = attrs.evolve(world, ports=attrs.evolve(world.ports, auth_provider=CLEAR_TEXT))
    async with secured(with_provider) as client:
        client.params = {"token": token("bob")}
        assert (await attrs.evolve(with_provider, client=client).register("mine")).status_code == 204
    assert world.stored("mine").functionAuthSpec.data == token("bob").encode()


def json_part(value: Any) -> tuple[None, str, str]:
    return (None, json.dumps(value), "application/json")


@pytest.fixture
def elsewhere(world: Any) -> Callable[[], None]:
    def move() -> None:
        world.instances.restart_instance = refuse

    async def refuse(_: Any) -> None:
        raise OwnedElsewhereError(WorkerInfo("w2", "host-2", 6751))

    return move


@pytest.mark.parametrize(("tls", "scheme"), [(True, "https"), (False, "http")])
async def test_workers_with_https_redirect_to_it(
    tls: bool, scheme: str, world: Any, elsewhere: Callable[[], None]
) -> None:
    await world.register()
    elsewhere()
    async with secured(world, tls_enabled=tls) as client:
        response = await client.post(f"{FUNCTION}/0/restart", headers=as_role("bob"))
    assert (response.status_code, response.headers["location"]) == (307, f"{scheme}://host-2:6751{FUNCTION}/0/restart")
