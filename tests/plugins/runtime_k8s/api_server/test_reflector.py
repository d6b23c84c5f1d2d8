"""A copy of objects follows the API server and heals."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from pulsemill.backoff import Backoff
from pulsemill_runtime_k8s.api_errors import ApiError, UnreachableError
from pulsemill_runtime_k8s.reflector import Reflector

PODS = "/api/v1/namespaces/jobs/pods"


def pod(name: str, phase: str = "Running") -> dict[str, Any]:
    return {"metadata": {"name": name}, "status": {"phase": phase}}


@pytest.fixture
def changed() -> list[str]:
    return []


@pytest.fixture
async def reflector(api: Any, changed: list[str]) -> Any:
    api.objects[f"{PODS}/a"] = pod("a")
    made = Reflector(api, PODS, {}, changed.append, sleep=lambda _: asyncio.sleep(0))
    made.start()
    yield made
    await made.stop()


async def test_it_lists_then_follows(reflector: Reflector, api: Any, changed: list[str], settle: Any) -> None:
    await settle()
    assert (reflector.objects, reflector.problem) == ({"a": pod("a")}, None)
    api.send(PODS, "ADDED", pod("b"))
    api.send(PODS, "MODIFIED", pod("a", "Failed"))
    api.send(PODS, "DELETED", pod("b"))
    await settle()
    assert reflector.objects == {"a": pod("a", "Failed")}
    assert changed == ["a", "b", "a", "b"]


@pytest.mark.parametrize(
    "trouble",
    [
        {"type": "ERROR", "object": {"code": 410, "reason": "Expired", "message": "too old resource version"}},
        ApiError("GET", PODS, 429, "TooManyRequests", "slow down"),
        UnreachableError("GET", PODS, ConnectionResetError("reset by peer")),
        UnreachableError("GET", PODS, TimeoutError()),
    ],
    ids=["410", "429", "reset", "frozen"],
)
async def test_whatever_ends_a_watch_it_lists_anew(
    reflector: Reflector, api: Any, changed: list[str], settle: Any, trouble: Any
) -> None:
    await settle()
    del api.objects[f"{PODS}/a"]
    api.objects[f"{PODS}/c"] = pod("c")
    api.events[PODS].put_nowait(trouble)
    await settle()
    assert reflector.objects == {"c": pod("c")}
    assert sorted(changed[1:]) == ["a", "c"]
    api.send(PODS, "DELETED", pod("c"))
    await settle()
    assert reflector.objects == {}


async def test_while_the_server_is_away_the_copy_stays_and_says_so(reflector: Reflector, api: Any, settle: Any) -> None:
    await settle()
    gate = asyncio.Event()
    reflector.sleep = lambda _: gate.wait()  # type: ignore[assignment,return-value] # waits, as a sleep does
    api.events[PODS].put_nowait(UnreachableError("GET", PODS, ConnectionRefusedError("connection refused")))
    await settle()
    assert reflector.objects == {"a": pod("a")}
    assert "connection refused" in str(reflector.problem)
    gate.set()
    await settle()
    assert reflector.problem is None


async def test_bookmarks_change_nothing(reflector: Reflector, api: Any, changed: list[str], settle: Any) -> None:
    await settle()
    api.send(PODS, "BOOKMARK", {"metadata": {"resourceVersion": "77"}})
    await settle()
    assert changed == ["a"]


async def test_watches_that_end_at_once_are_not_begun_in_a_row(api: Any, changed: list[str], settle: Any) -> None:
    """Each with a list before it, such would keep the server and the worker busy."""
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            await asyncio.Event().wait()

    async def nothing(*_: Any) -> AsyncIterator[bytes]:
        return
        yield

    api.lines = nothing
    made = Reflector(api, PODS, {}, changed.append, sleep=sleep, backoff=Backoff(1.0, 30.0, jitter=0.0))
    made.start()
    await settle()
    await made.stop()
    assert pauses == [1.0, 2.0, 4.0]
    assert "the watch ended at once" in str(made.problem)


async def test_a_watch_that_sends_no_json_is_a_problem_that_is_told(api: Any, changed: list[str], settle: Any) -> None:
    async def page(*_: Any) -> AsyncIterator[bytes]:
        yield b"<html>log in first</html>"

    async def sleep(_: float) -> None:
        await asyncio.Event().wait()

    api.lines = page
    made = Reflector(api, PODS, {}, changed.append, sleep=sleep)
    made.start()
    await settle()
    await made.stop()
    assert "sends no JSON: '<html>log in first</html>'" in str(made.problem)
