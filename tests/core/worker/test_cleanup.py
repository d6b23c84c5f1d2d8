"""What a deleted function leaves behind."""

from pathlib import Path
from typing import Any

import _pulsar
import httpx2
import pulsar.asyncio
import pytest

from pulsemill.auth import FunctionAuthProvider
from pulsemill.broker.admin import BrokerAdmin
from pulsemill.plugin import NoConfig
from pulsemill.state.worker_state import WorkerState
from pulsemill.worker import cleanup
from pulsemill.worker.cleanup import Cleanup, Spared, pattern_deleter
from pulsemill_instance.proto.Function_pb2 import (
    ConsumerSpec,
    FunctionAuthenticationSpec,
    FunctionDetails,
    FunctionMetaData,
    SourceSpec,
)
from pulsemill_instance.state.local import LocalStateStore
from pulsemill_instance.state.store import StateTable


class Subscriptions:
    """Deletes subscriptions, failing the first few times."""

    def __init__(self, failures: int = 0) -> None:
        self.deleted: list[tuple[str, str]] = []
        self.failures = failures

    async def __call__(self, topic: str, name: str) -> None:
        if self.failures:
            self.failures -= 1
            raise pulsar.asyncio.PulsarException(_pulsar.Result.ConsumerBusy)
        self.deleted.append((topic, name))


class Credentials(FunctionAuthProvider):
    """Notes whose credentials were removed."""

    def __init__(self) -> None:
        super().__init__(NoConfig())
        self.cleaned: list[str] = []
        self.broken = False

    async def cache_auth_data(self, *_: Any) -> None:
        return

    async def update_auth_data(self, *_: Any) -> None:
        return

    def configure_authentication_config(self, auth_config: Any, *_: Any) -> Any:
        return auth_config

    async def clean_up_auth_data(self, details: FunctionDetails, auth_spec: FunctionAuthenticationSpec | None) -> None:
        if self.broken:
            raise OSError("no server")
        self.cleaned.append(details.name)


def function(*, cleanup_subscription: bool = True, subscription: str = "", pattern: bool = False) -> FunctionMetaData:
    specs = {"in": ConsumerSpec(isRegexPattern=pattern), "also": ConsumerSpec()}
    source = SourceSpec(inputSpecs=specs, cleanupSubscription=cleanup_subscription, subscriptionName=subscription)
    details = FunctionDetails(tenant="t", namespace="n", name="f", source=source)
    return FunctionMetaData(functionDetails=details, functionAuthSpec=FunctionAuthenticationSpec(data=b"x"))


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleanup, "RETRY_SECONDS", 0)


async def test_each_input_loses_its_subscription() -> None:
    subscriptions = Subscriptions()
    await Cleanup(subscriptions).after_delete(function())
    assert sorted(subscriptions.deleted) == [("also", "t/n/f"), ("in", "t/n/f")]


async def test_a_chosen_name_is_used() -> None:
    subscriptions = Subscriptions()
    await Cleanup(subscriptions).after_delete(function(subscription="mine"))
    assert {name for _, name in subscriptions.deleted} == {"mine"}


@pytest.mark.parametrize(
    ("topic", "name", "stays"),
    [
        ("persistent://other/n/in", "theirs", True),
        ("other/n/in", "theirs", True),
        ("in", "theirs", True),
        ("persistent://other/n/in", "t/n/f", False),
        ("persistent://other/n/in", "", False),
        ("persistent://t/n2/in", "mine", False),
    ],
)
async def test_a_subscription_that_may_be_another_tenants_stays(topic: str, name: str, stays: bool) -> None:
    subscriptions, source = Subscriptions(), SourceSpec(cleanupSubscription=True, subscriptionName=name)
    source.inputSpecs[topic].CopyFrom(ConsumerSpec())
    metadata = FunctionMetaData(functionDetails=FunctionDetails(tenant="t", namespace="n", name="f", source=source))
    await Cleanup(subscriptions, keeps_tenants_apart=True).after_delete(metadata)
    assert (subscriptions.deleted == []) == stays


async def test_without_cleanup_subscription_they_stay() -> None:
    subscriptions = Subscriptions()
    await Cleanup(subscriptions).after_delete(function(cleanup_subscription=False))
    assert subscriptions.deleted == []


async def test_it_is_tried_again() -> None:
    subscriptions = Subscriptions(failures=3)
    await Cleanup(subscriptions).after_delete(function())
    assert len(subscriptions.deleted) == 2


async def test_what_cannot_be_removed_is_named(caplog: pytest.LogCaptureFixture) -> None:
    subscriptions = Subscriptions(failures=cleanup.ATTEMPTS)
    await Cleanup(subscriptions).after_delete(function())
    assert len(subscriptions.deleted) == 1
    assert "the subscription t/n/f of a deleted function stays" in caplog.text


async def test_subscriptions_of_a_pattern_are_named_and_stay(caplog: pytest.LogCaptureFixture) -> None:
    subscriptions = Subscriptions()
    await Cleanup(subscriptions).after_delete(function(pattern=True))
    assert subscriptions.deleted == [("also", "t/n/f")]
    assert "to the pattern in stay" in caplog.text


async def test_subscriptions_of_a_pattern_are_deleted_where_the_broker_has_a_way_to() -> None:
    subscriptions, of_patterns = Subscriptions(), Subscriptions(failures=1)
    await Cleanup(subscriptions, delete_of_pattern=of_patterns).after_delete(function(pattern=True))
    assert (subscriptions.deleted, of_patterns.deleted) == ([("also", "t/n/f")], [("in", "t/n/f")])


@pytest.mark.parametrize(
    ("pattern", "namespace"),
    [("persistent://t/n/in-.*/x", "t/n"), ("t/n/in-.*", "t/n"), ("in-.*", "public/default")],
)
async def test_a_pattern_stands_for_its_namespace(pattern: str, namespace: str) -> None:
    asked: list[tuple[str, str]] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append((request.method, request.url.path))
        return httpx2.Response(204)

    admin = BrokerAdmin("http://broker:8080", transport=httpx2.MockTransport(answer))
    await pattern_deleter(admin)(pattern, "f")
    assert asked == [("POST", f"/admin/v2/namespaces/{namespace}/unsubscribe/f")]


async def test_what_the_admin_api_refuses_is_tried_again() -> None:
    answers = iter([412, 404, 204])
    transport = httpx2.MockTransport(lambda _: httpx2.Response(next(answers)))
    admin = BrokerAdmin("http://broker:8080", transport=transport)
    await Cleanup(admin.delete_subscription).after_delete(function())
    assert next(answers, None) is None


async def test_credentials_are_removed() -> None:
    credentials = Credentials()
    await Cleanup(Subscriptions(), credentials).after_delete(function())
    assert credentials.cleaned == ["f"]


async def test_credentials_that_stay_do_not_keep_subscriptions(caplog: pytest.LogCaptureFixture) -> None:
    credentials, subscriptions = Credentials(), Subscriptions()
    credentials.broken = True
    await Cleanup(subscriptions, credentials).after_delete(function())
    assert len(subscriptions.deleted) == 2
    assert "the credentials of t/n/f stay stored" in caplog.text


async def test_what_the_last_instances_wrote_of_the_state_is_dropped(tmp_path: Path) -> None:
    store = LocalStateStore(tmp_path / "state.db")
    table = StateTable("t", "n", "f")
    store.increment(table, "late", 1)
    state = WorkerState(lambda: store)
    await Cleanup(Subscriptions(), state=state).after_delete(function())
    assert store.get(table, "late") is None
    await state.close()


async def test_state_is_dropped_after_the_subscriptions_whose_consumers_may_still_write_it(tmp_path: Path) -> None:
    store = LocalStateStore(tmp_path / "state.db")
    table = StateTable("t", "n", "f")
    state = WorkerState(lambda: store)

    async def write_while_the_consumer_goes(topic: str, name: str) -> None:
        store.increment(table, "late", 1)

    await Cleanup(write_while_the_consumer_goes, state=state).after_delete(function())
    assert store.get(table, "late") is None
    await state.close()


async def test_it_says_whether_something_stays() -> None:
    assert await Cleanup(Subscriptions()).after_delete(function())
    assert not await Cleanup(Subscriptions(failures=cleanup.ATTEMPTS)).after_delete(function())
    credentials = Credentials()
    credentials.broken = True
    assert not await Cleanup(Subscriptions(), credentials).after_delete(function())


async def test_what_another_function_uses_by_now_is_spared() -> None:
    subscriptions = Subscriptions()
    successor = FunctionMetaData(
        functionDetails=FunctionDetails(
            tenant="t", namespace="n", name="successor", source=SourceSpec(subscriptionName="mine")
        )
    )
    await Cleanup(subscriptions).after_delete(function(subscription="mine"), lambda: Spared.of([successor]))
    assert subscriptions.deleted == []
    await Cleanup(subscriptions).after_delete(function(subscription="other"), lambda: Spared.of([successor]))
    assert len(subscriptions.deleted) == 2


async def test_what_another_function_uses_only_since_an_attempt_is_spared_by_the_next() -> None:
    subscriptions, used = Subscriptions(failures=1), iter([[], [function()], [function()]])
    await Cleanup(subscriptions).after_delete(function(), lambda: Spared.of(next(used)))
    assert subscriptions.deleted == []


async def test_the_state_of_a_function_that_is_there_again_is_spared(tmp_path: Path) -> None:
    store = LocalStateStore(tmp_path / "state.db")
    table = StateTable("t", "n", "f")
    store.increment(table, "new", 1)
    state = WorkerState(lambda: store)
    await Cleanup(Subscriptions(), state=state).after_delete(function(), lambda: Spared.of([function()]))
    assert store.get(table, "new") is not None
    await state.close()
