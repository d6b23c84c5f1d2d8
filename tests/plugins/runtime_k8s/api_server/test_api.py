"""Requests to an API server that is away, slow, overloaded or unwilling."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from kubernetes.aio.client import ApiClient, Configuration
from kubernetes.aio.config.config_exception import ConfigException

from pulsemill.kubernetes_api import KubernetesError
from pulsemill_runtime_k8s import api as module
from pulsemill_runtime_k8s.api import ATTEMPTS, REQUESTS_AT_A_TIME, KubernetesApi
from pulsemill_runtime_k8s.api_errors import ApiError, UnreachableError
from pulsemill_runtime_k8s.connecting import connect

PATH = "/apis/apps/v1/namespaces/jobs/statefulsets/pf"
STATUS = {"kind": "Status", "reason": "Whatever", "message": "the server's own words"}


class Server:
    """Answers with what is queued, then with an object."""

    def __init__(self) -> None:
        self.queued: list[int] = []
        self.retry_after = ""
        self.page = b""
        self.page_status = 200
        self.watched = [b'{"type": "BOOKMARK"}\n']
        self.watch_status = 200
        self.ends = False
        self.asked: list[web.Request] = []
        self.bodies: list[bytes] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.at_once = self.most_at_once = 0
        self.is_full = asyncio.Event()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        self.bodies.append(await request.read())
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        if self.at_once == REQUESTS_AT_A_TIME:
            self.is_full.set()
        await self.gate.wait()
        self.at_once -= 1
        if "watch" in request.query:
            answer = web.StreamResponse(status=self.watch_status)
            await answer.prepare(request)
            for part in self.watched:
                await answer.write(part)
            if self.ends:
                return answer
            await asyncio.Event().wait()
        if self.page:
            return web.Response(body=self.page, status=self.page_status, content_type="text/html")
        status = self.queued.pop(0) if self.queued else 200
        wish = {"Retry-After": self.retry_after} if self.retry_after else {}
        return web.json_response({"ok": True} if status == 200 else STATUS, status=status, headers=wish)


@pytest.fixture
async def server() -> AsyncIterator[tuple[Server, TestServer]]:
    handler, app = Server(), web.Application()
    app.router.add_route("*", "/{path:.*}", handler.handle)
    test_server = TestServer(app)
    await test_server.start_server()
    yield handler, test_server
    handler.gate.set()
    await test_server.close()


@pytest.fixture
async def api(server: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[KubernetesApi]:
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0)
    monkeypatch.setattr(module, "LONGEST_PAUSE_SECONDS", 0)
    configuration = Configuration(host=f"http://127.0.0.1:{server[1].port}")
    made = KubernetesApi(ApiClient(configuration), "pulsemill:test")
    yield made
    await made.close()


@pytest.mark.parametrize("status", [409, 429, 500, 502, 503, 504])
async def test_what_may_heal_is_tried_again(api: KubernetesApi, server: Any, status: int) -> None:
    server[0].queued = [status, status]
    assert await api.request("GET", PATH) == {"ok": True}
    assert len(server[0].asked) == 3


@pytest.mark.parametrize("status", [409, 500])
async def test_but_not_for_ever(api: KubernetesApi, server: Any, status: int) -> None:
    server[0].queued = [status] * 100
    with pytest.raises(ApiError, match=f"{status} Whatever"):
        await api.request("GET", PATH)
    assert len(server[0].asked) == ATTEMPTS


async def test_nor_for_long(api: KubernetesApi, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0)
    server[0].queued = [500] * 100
    with pytest.raises(ApiError, match="500 Whatever"):
        await api.request("GET", PATH)
    assert len(server[0].asked) == 1


@pytest.mark.parametrize(("wish", "pause"), [("0", 0.0), ("7", 7.0), ("86400", 10.0), ("soon", 0.0), ("", 0.0)])
async def test_an_overloaded_server_is_left_in_peace_for_as_long_as_it_asks(
    api: KubernetesApi, server: Any, wish: str, pause: float
) -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    api.sleep = sleep
    server[0].queued, server[0].retry_after = [429], wish
    assert await api.request("GET", PATH) == {"ok": True}
    assert pauses == [pause]


@pytest.mark.parametrize("status", [400, 403, 404, 422])
async def test_a_refusal_is_told_at_once_in_the_servers_words(api: KubernetesApi, server: Any, status: int) -> None:
    server[0].queued = [status]
    with pytest.raises(
        ApiError, match=f"Kubernetes answered {status} Whatever to DELETE {PATH}: the server's own words"
    ):
        await api.request("DELETE", PATH)
    assert len(server[0].asked) == 1


async def test_what_does_not_exist_is_none(api: KubernetesApi, server: Any) -> None:
    server[0].queued = [404]
    assert await api.get(PATH) is None


async def test_a_server_that_is_away_is_named(api: KubernetesApi, server: Any) -> None:
    await server[1].close()
    with pytest.raises(UnreachableError, match=f"cannot be reached for GET {PATH}: "):
        await api.request("GET", PATH)


@pytest.mark.parametrize("ask", ["request_once", "websocket"])
async def test_credentials_that_cannot_be_renewed_are_named(
    api: KubernetesApi, monkeypatch: pytest.MonkeyPatch, ask: str
) -> None:
    async def fail(*_: Any, **__: Any) -> None:
        raise ConfigException("the helper of the kubeconfig file failed")

    monkeypatch.setattr(api.client, "param_serialize", fail)
    asking = api.websocket(PATH, {}, "v4") if ask == "websocket" else api.request_once("GET", PATH)
    with pytest.raises(UnreachableError, match="the helper of the kubeconfig file failed"):
        await asking


async def test_watches_leave_room_for_requests(server: Any) -> None:
    client = await connect(f"http://127.0.0.1:{server[1].port}", submitting_inside_pod=False)
    api = KubernetesApi(client, "pulsemill:test")
    watches = [api.lines(PATH, {"watch": "true"}, silence_seconds=30) for _ in range(REQUESTS_AT_A_TIME + 1)]
    for watch in watches:
        await anext(watch)
    assert await api.request_once("GET", PATH) == {"ok": True}
    await api.close()


async def test_a_server_is_asked_a_few_things_at_a_time(server: Any, api: KubernetesApi, settle: Any) -> None:
    server[0].gate.clear()
    asking = [asyncio.create_task(api.request_once("GET", PATH)) for _ in range(2 * REQUESTS_AT_A_TIME)]
    await asyncio.wait_for(server[0].is_full.wait(), 10)
    await settle()
    server[0].gate.set()
    await asyncio.gather(*asking)
    assert server[0].most_at_once == REQUESTS_AT_A_TIME


async def test_a_server_that_is_slow_is_given_up(
    api: KubernetesApi, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REQUEST_SECONDS", 0.05)
    server[0].gate.clear()
    with pytest.raises(UnreachableError, match="no answer in time"):
        await api.request_once("GET", PATH)


async def test_a_watch_that_says_nothing_is_given_up(api: KubernetesApi) -> None:
    lines = api.lines(PATH, {"watch": "true"}, silence_seconds=0.2)
    assert json.loads(await anext(lines)) == {"type": "BOOKMARK"}
    with pytest.raises(UnreachableError):
        await anext(lines)


async def test_a_watch_that_is_refused_half_way_is_given_up(
    api: KubernetesApi, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REQUEST_SECONDS", 0.2)
    server[0].watch_status, server[0].watched = 403, [b'{"kind": "Sta']
    with pytest.raises(UnreachableError, match="no answer in time"):
        await asyncio.wait_for(anext(api.lines(PATH, {"watch": "true"}, silence_seconds=30)), 10)


async def test_a_watch_may_have_lines_of_any_sensible_length(api: KubernetesApi, server: Any) -> None:
    long = b"x" * (1 << 20)
    server[0].watched, server[0].ends = [b"a\nb", long[:1000], long[1000:], b"\nc\n\n", b"d"], True
    lines = [line async for line in api.lines(PATH, {"watch": "true"}, silence_seconds=30)]
    assert lines == [b"a", b"b" + long, b"c", b"", b"d"]


async def test_but_not_of_every_length(api: KubernetesApi, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_LINE_BYTES", 1 << 20)
    server[0].watched = [b"x" * (3 << 20)]
    with pytest.raises(UnreachableError, match="a line of more than 1 MiB"):
        await anext(api.lines(PATH, {"watch": "true"}, silence_seconds=30))


async def test_what_answers_without_json_is_not_the_server(api: KubernetesApi, server: Any) -> None:
    server[0].page = b"<html>log in first</html>"
    with pytest.raises(UnreachableError, match="sends no JSON: '<html>log in first</html>'"):
        await api.request("GET", PATH)


@pytest.mark.parametrize("status", [200, 422])
async def test_what_answers_in_its_place_is_quoted_unless_it_may_quote_us(
    api: KubernetesApi, server: Any, status: int
) -> None:
    server[0].page, server[0].page_status = b"<html>cannot relay", status
    with pytest.raises(KubernetesError, match="cannot relay"):
        await api.request_once("GET", PATH)
    with pytest.raises(KubernetesError) as error:
        await api.request_once("POST", PATH, body={"token": "x"})
    assert "cannot relay" not in str(error.value)


async def test_a_body_is_sent_as_its_kind_of_json(api: KubernetesApi, server: Any) -> None:
    await api.request("PATCH", PATH, {"force": "true"}, {"spec": {"replicas": 0}}, module.APPLY)
    (asked,) = server[0].asked
    assert (asked.headers["Content-Type"], asked.query["force"]) == (module.APPLY, "true")
    assert json.loads(server[0].bodies[0]) == {"spec": {"replicas": 0}}


async def test_requests_and_websockets_go_through_the_kubeconfigs_proxy(server: Any) -> None:
    configuration = Configuration(host="http://api.example", proxy=f"http://127.0.0.1:{server[1].port}")
    api = KubernetesApi(ApiClient(configuration), "pulsemill:test")
    assert await api.request_once("GET", PATH) == {"ok": True}
    with pytest.raises(ApiError):  # it does not upgrade
        await api.websocket(PATH, {}, "v4")
    await api.close()
    assert [each.host for each in server[0].asked] == ["api.example", "api.example"]


async def test_the_servers_certificate_is_asked_for_by_the_kubeconfigs_name() -> None:
    class Session:
        """Keeps the names that it is to ask for."""

        def __init__(self) -> None:
            self.names: list[str] = []

        async def request(self, *_: Any, server_hostname: str, **__: Any) -> None:
            self.names.append(server_hostname)
            raise aiohttp.ClientError

        async def ws_connect(self, *_: Any, server_hostname: str, **__: Any) -> None:
            await self.request(server_hostname=server_hostname)

    client, session = ApiClient(Configuration(host="https://10.0.0.1", tls_server_name="api.example")), Session()
    client.rest_client.pool_manager = session
    api = KubernetesApi(client, "pulsemill:test")
    for asking in (api.request_once("GET", PATH), api.websocket(PATH, {}, "v4")):
        with pytest.raises(UnreachableError):
            await asking
    assert session.names == ["api.example", "api.example"]
