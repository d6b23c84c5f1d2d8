import threading
from typing import Any

import pytest

from pulsemill.auth import AuthenticationConfig
from pulsemill_runtime_thread import clients
from pulsemill_runtime_thread.clients import ClientPool, InstanceClient


class Opened:
    """A consumer, a producer or a reader."""

    closed = 0

    def close(self) -> None:
        self.closed += 1
        if self.closed > 1:
            raise ValueError("closed already")


class FakeClient:
    def __init__(self) -> None:
        self.closed = False
        self.opened: list[Opened] = []

    def _open(self, *args: Any, **kwargs: Any) -> Opened:
        self.opened.append(Opened())
        return self.opened[-1]

    subscribe = create_producer = create_reader = create_table_view = _open

    def get_topic_partitions(self, topic: str) -> list[str]:
        return [topic]

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[FakeClient]:
    """The clients that a pool makes."""
    made: list[FakeClient] = []

    def create(settings: Any) -> FakeClient:
        made.append(FakeClient())
        return made[-1]

    monkeypatch.setattr(clients, "create_client", create)
    return made


def test_a_view_closes_what_it_opened_and_nothing_else() -> None:
    client = FakeClient()
    one, other = InstanceClient(client), InstanceClient(client)
    opened = [one.subscribe("t"), one.create_producer("t"), one.create_reader("t"), one.create_table_view("t")]
    others = other.subscribe("t")
    one.close()
    one.shutdown()
    assert [each.closed for each in opened] == [2] * 4
    assert (others.closed, client.closed) == (0, False)


def test_a_view_is_the_client_in_everything_else() -> None:
    assert InstanceClient(FakeClient()).get_topic_partitions("t") == ["t"]


def test_what_an_abandoned_thread_opens_late_is_closed_at_once() -> None:
    view = InstanceClient(FakeClient())
    view.close()
    assert view.subscribe("t").closed == 1


def test_what_user_code_dropped_is_not_kept() -> None:
    client = FakeClient()
    view = InstanceClient(client)
    view.create_producer("t")
    client.opened.clear()
    assert list(view._opened) == []


async def test_instances_with_the_same_credentials_share_a_client(made: list[FakeClient]) -> None:
    pool = ClientPool("pulsar://h:1", "group")
    own, equal = AuthenticationConfig("token", "own"), AuthenticationConfig("token", "own")
    views = [pool.acquire(authentication) for authentication in (None, None, own, equal)]
    assert len(made) == 2
    await pool.release(None, views[0])
    await pool.release(own, views[2])
    assert [client.closed for client in made] == [False, False]
    await pool.release(own, views[3])
    assert [client.closed for client in made] == [False, True]
    await pool.close()
    assert [client.closed for client in made] == [True, True]


async def test_closing_never_waits_longer_than_its_bound(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(clients, "CLOSE_SECONDS", 0.05)
    pool, release = ClientPool("pulsar://h:1", "group"), threading.Event()
    await pool.run_blocking(release.wait)
    assert "Closing failed: TimeoutError" in caplog.text
    release.set()
    await pool.close()
