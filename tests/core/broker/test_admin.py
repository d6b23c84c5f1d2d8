"""The client of the broker's admin API."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
import jwt
import pytest

from pulsemill.broker import admin as broker_admin
from pulsemill.broker.admin import BrokerAdmin, BrokerAdminError, topic_path

Answer = httpx2.Response | Exception


class FakeBroker:
    """Gives the answers in turn, the last one for ever."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def admin_of(broker: FakeBroker, **settings: Any) -> BrokerAdmin:
    return BrokerAdmin("http://broker:8080/", transport=httpx2.MockTransport(broker), **settings)


def reason(status: int, text: str) -> httpx2.Response:
    return httpx2.Response(status, json={"reason": text})


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker_admin, "RETRY_SECONDS", 0)


async def test_what_may_heal_is_asked_again() -> None:
    broker = FakeBroker(httpx2.ConnectError("refused"), reason(503, "not yet"), httpx2.Response(200, json=["east"]))
    assert await admin_of(broker).clusters() == ["east"]
    assert [request.url.path for request in broker.asked] == ["/admin/v2/clusters"] * 3


async def test_a_broker_that_is_gone_is_named() -> None:
    broker = FakeBroker(httpx2.ConnectError("refused"))
    with pytest.raises(BrokerAdminError, match=r"http://broker:8080/ \(pulsarWebServiceUrl\) .*refused") as caught:
        await admin_of(broker).clusters()
    assert caught.value.may_heal
    assert len(broker.asked) == broker_admin.ATTEMPTS


@pytest.mark.parametrize("status", [401, 403])
async def test_missing_rights_are_told_at_once(status: int) -> None:
    broker = FakeBroker(reason(status, "no super-user"))
    with pytest.raises(BrokerAdminError, match=r"GET http://broker:8080/admin/v2/clusters.*no super-user.*rights"):
        await admin_of(broker).clusters()
    assert len(broker.asked) == 1


async def test_who_lacks_rights_is_named_as_its_token_does() -> None:
    token = jwt.encode({"sub": "stranger"}, bytes(32), "HS256")
    admin = admin_of(FakeBroker(reason(403, "no")), headers=lambda: {"Authorization": f"Bearer {token}"})
    with pytest.raises(BrokerAdminError, match="the worker's role 'stranger' lacks the rights") as caught:
        await admin.clusters()
    assert token not in str(caught.value)


async def test_headers_are_asked_for_each_request() -> None:
    tokens = iter(["old", "new"])
    broker = FakeBroker(httpx2.Response(200, json=[]))
    admin = admin_of(broker, headers=lambda: {"Authorization": f"Bearer {next(tokens)}"})
    await admin.clusters()
    await admin.clusters()
    assert [request.headers["authorization"] for request in broker.asked] == ["Bearer old", "Bearer new"]


async def test_something_that_is_no_broker_is_named() -> None:
    for page in (httpx2.Response(200, text="<html>"), httpx2.Response(200, json={})):
        with pytest.raises(BrokerAdminError, match="is pulsarWebServiceUrl right"):
            await admin_of(FakeBroker(page)).clusters()


async def test_the_owner_of_a_topic_gets_the_whole_request_and_the_credentials() -> None:
    elsewhere = httpx2.Response(307, headers={"location": "http://other:8080/admin/v2/tenants/t"})
    broker = FakeBroker(elsewhere, httpx2.Response(204))
    tokens = iter(["old", "new"])
    admin = admin_of(broker, headers=lambda: {"Authorization": f"Bearer {next(tokens)}"})
    await admin.create_tenant("t", set(), set())
    assert [(one.method, one.url.host, one.headers["authorization"]) for one in broker.asked] == [
        ("PUT", "broker", "Bearer old"),
        ("PUT", "other", "Bearer new"),
    ]
    assert broker.asked[0].content == broker.asked[1].content


async def test_brokers_that_redirect_in_circles_are_no_answer() -> None:
    broker = FakeBroker(httpx2.Response(307, headers={"location": "http://broker:8080/admin/v2/clusters"}))
    with pytest.raises(BrokerAdminError, match=r"no answer .*GET /clusters: more than 5 redirects") as caught:
        await admin_of(broker, attempts=1).clusters()
    assert caught.value.may_heal


@pytest.mark.parametrize(("status", "exists"), [(200, True), (404, False)])
async def test_what_exists(status: int, exists: bool) -> None:
    broker = FakeBroker(httpx2.Response(status, json={"retention_policies": None}))
    assert await admin_of(broker).tenant_exists("my tenant") is exists
    assert (await admin_of(broker).namespace_policies("t/n") is not None) is exists
    assert [request.url.raw_path for request in broker.asked] == [
        b"/admin/v2/tenants/my%20tenant",
        b"/admin/v2/namespaces/t/n",
    ]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda admin: admin.create_tenant("t", {"me"}, {"east"}), 409),
        (lambda admin: admin.create_namespace("t/n", {}), 409),
        (lambda admin: admin.create_topic("persistent://t/n/x"), 409),
        (lambda admin: admin.compact("persistent://t/n/x"), 409),
        (lambda admin: admin.delete_subscription("x", "t/n/f"), 404),
        (lambda admin: admin.unsubscribe_namespace("t/n", "t/n/f"), 404),
    ],
)
async def test_what_is_as_wanted_already_is_no_error(change: Callable[[BrokerAdmin], Any], status: int) -> None:
    await change(admin_of(FakeBroker(reason(status, "so it is"))))
    with pytest.raises(BrokerAdminError, match="HTTP 412: in use"):
        await change(admin_of(FakeBroker(reason(412, "in use"))))


async def test_a_tenant_is_created_with_its_clusters() -> None:
    broker = FakeBroker(httpx2.Response(204))
    await admin_of(broker).create_tenant("t", {"me"}, {"west", "east"})
    assert json.loads(broker.asked[0].content) == {"adminRoles": ["me"], "allowedClusters": ["east", "west"]}


async def test_names_cannot_leave_their_path() -> None:
    broker = FakeBroker(httpx2.Response(204))
    await admin_of(broker).delete_subscription("persistent://t/n/a/../b", "t/n/f")
    assert broker.asked[0].url.raw_path == b"/admin/v2/persistent/t/n/a%2F..%2Fb/subscription/t%2Fn%2Ff"


@pytest.mark.parametrize(
    ("topic", "path"),
    [
        ("x", "/persistent/public/default/x"),
        ("t/n/x", "/persistent/t/n/x"),
        ("non-persistent://t/n/x y", "/non-persistent/t/n/x%20y"),
    ],
)
def test_paths_of_topics(topic: str, path: str) -> None:
    assert topic_path(topic) == path
