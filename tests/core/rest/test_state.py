"""GET and POST of state, answer for answer as upstream's worker, on the local store."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import attrs
import httpx2
import pytest

from pulsemill.rest.app import create_app
from pulsemill.state.worker_state import WorkerState
from pulsemill_instance.state.errors import StateStoreError
from pulsemill_instance.state.local import LocalStateStore
from pulsemill_instance.state.store import StateTable

TABLE = StateTable("public", "default", "exclaim")
Answer = tuple[int, Any]


@pytest.fixture
def store(tmp_path: Path) -> LocalStateStore:
    return LocalStateStore(tmp_path / "state.db")


@attrs.frozen
class Caller:
    """Reads and writes the state of a registered function."""

    client: httpx2.AsyncClient
    url: str

    async def get(self, key: str) -> Answer:
        return _answer(await self.client.get(f"{self.url}/state/{key}"))

    async def post(self, key: str, document: Any, content_type: str = "application/json") -> Answer:
        text = document if isinstance(document, str) else json.dumps(document)
        response = await self.client.post(f"{self.url}/state/{key}", files={"state": (None, text, content_type)})
        return _answer(response)


def _answer(response: httpx2.Response) -> Answer:
    return response.status_code, response.json() if response.content else None


@pytest.fixture
async def make_caller(world: Any) -> AsyncIterator[Callable[..., Any]]:
    """A caller of a worker with a state, after the function was registered."""
    clients: list[httpx2.AsyncClient] = []

    async def make(state: WorkerState | None, **changed: Any) -> Caller:
        app = create_app(attrs.evolve(world.ports, state=state, **changed))
        clients.append(httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://worker:6750"))
        await world.register()
        return Caller(clients[-1], world.url)

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
async def caller(make_caller: Any, store: LocalStateStore) -> AsyncIterator[Caller]:
    state = WorkerState(lambda: store)
    yield await make_caller(state)
    await state.close()


def shown(key: str, version: int, **values: Any) -> Answer:
    return 200, {"key": key, "stringValue": None, "byteValue": None, "numberValue": None, "version": version, **values}


async def test_a_text_reads_as_text_with_the_version_of_its_write(caller: Caller) -> None:
    for version, text in enumerate(("v", "ü", "")):
        assert await caller.post("k", {"key": "k", "stringValue": text}) == (204, None)
        assert await caller.get("k") == shown("k", version, stringValue=text)


async def test_a_counter_reads_as_a_number_alone(caller: Caller, store: LocalStateStore) -> None:
    store.increment(TABLE, "c", 2)
    assert await caller.get("c") == shown("c", 0, numberValue=2)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"stringValue": "12345678"}, {"stringValue": "12345678", "numberValue": 3544952156018063160}),
        ({"numberValue": 5}, {"stringValue": "\0\0\0\0\0\0\0\5", "numberValue": 5}),
        ({"numberValue": -1}, {"byteValue": "//////////8=", "numberValue": -1}),
        ({"numberValue": "7"}, {"stringValue": "\0\0\0\0\0\0\0\7", "numberValue": 7}),
        ({"byteValue": "/wD+"}, {"byteValue": "/wD+"}),
        ({"byteValue": "", "stringValue": "s"}, {"stringValue": "s"}),
        ({"byteValue": "AA==", "stringValue": "s", "numberValue": 4}, {"stringValue": "\0"}),
        ({"stringValue": "s", "numberValue": 4, "version": 77}, {"stringValue": "s"}),
    ],
)
async def test_what_is_written_in_one_form_reads_in_those_that_fit(
    caller: Caller, written: dict[str, Any], read: dict[str, Any]
) -> None:
    assert await caller.post("k", {"key": "k", **written}) == (204, None)
    assert await caller.get("k") == shown("k", 0, **read)


@pytest.mark.parametrize(("path", "key"), [("a%20b", "a b"), ("a%2Fb", "a/b"), ("%C3%BC", "ü"), ("status", "status")])
async def test_keys_may_be_any_text(caller: Caller, path: str, key: str) -> None:
    assert await caller.post(path, {"key": key, "stringValue": "v"}) == (204, None)
    assert await caller.get(path) == shown(key, 0, stringValue="v")


@pytest.mark.parametrize("path", ["", "/"])
async def test_without_a_key_there_is_nothing(caller: Caller, path: str) -> None:
    for version in ("v2", "v3"):
        url = caller.url.replace("v3", version)
        assert (await caller.client.get(f"{url}/state{path}")).status_code == 404


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ({"stringValue": "v"}, "value : v, version : 0"),
        ({"stringValue": ""}, "value : , version : 0"),
        ({"numberValue": 5}, "value : 5, version : 0"),
        ({"byteValue": "/wD+"}, "value : null, version : 0"),
    ],
)
async def test_v2_tells_it_in_a_line_of_text(caller: Caller, written: dict[str, Any], line: str) -> None:
    await caller.post("k", {"key": "k", **written})
    response = await caller.client.get(f"{caller.url.replace('/v3/', '/v2/')}/state/k")
    assert (response.status_code, response.text) == (200, line)
    assert response.headers["content-type"].startswith("text/plain")


async def test_v2_knows_no_other_keys_and_stores_nothing(caller: Caller) -> None:
    v2 = attrs.evolve(caller, url=caller.url.replace("/v3/", "/v2/"))
    assert await v2.get("k") == (404, {"reason": "key 'k' doesn't exist."})
    assert (await v2.post("k", {"key": "k", "stringValue": "v"}))[0] == 405


async def test_an_unknown_key_or_function(caller: Caller) -> None:
    assert await caller.get("k") == (404, {"reason": "key 'k' doesn't exist."})
    other = attrs.evolve(caller, url=caller.url.replace("exclaim", "nobody"))
    assert await other.get("k") == (404, {"reason": "'nobody' is not found"})
    assert await other.post("k", {"key": "k", "stringValue": "v"}) == (404, {"reason": "'nobody' is not found"})


@pytest.mark.parametrize(
    ("document", "status", "reason"),
    [
        ({"key": "other", "stringValue": "v"}, 400, "Path key doesn't match key in json"),
        ({}, 400, "Path key doesn't match key in json"),
        ({"key": "k"}, 500, "Invalid state value"),
        ("null", 400, "state: expected an object, not null"),
        ("[]", 400, "state: expected an object, not []"),
        ("xx{", 400, "state is not valid JSON: Expecting value: line 1 column 1 (char 0)"),
        ({"key": "k", "stringValue": "v", "bogus": 1}, 400, "state has no field 'bogus'"),
        ({"key": "k", "stringValue": ["a"]}, 400, 'state.stringValue: expected a string, not ["a"]'),
        ({"key": "k", "numberValue": 2**64}, 400, "state.numberValue: expected a whole number"),
        ({"key": "k", "byteValue": "!!"}, 400, "state.byteValue is not base64"),
    ],
)
async def test_what_is_no_state_is_refused_and_stores_nothing(
    caller: Caller, document: Any, status: int, reason: str
) -> None:
    answered, body = await caller.post("k", document)
    assert (answered, body["reason"][: len(reason)]) == (status, reason)
    assert await caller.get("k") == (404, {"reason": "key 'k' doesn't exist."})


async def test_a_part_of_another_type_counts_as_missing(caller: Caller) -> None:
    answer = await caller.post("k", {"key": "k", "stringValue": "v"}, "text/plain")
    assert answer == (400, {"reason": "Function state is not provided"})


async def test_a_counter_is_not_overwritten_in_silence(caller: Caller, store: LocalStateStore) -> None:
    store.increment(TABLE, "c", 2)
    status, body = await caller.post("c", {"key": "c", "numberValue": 3})
    assert (status, "holds a counter: delete it before storing a value" in body["reason"]) == (400, True)
    assert await caller.get("c") == shown("c", 0, numberValue=2)


async def test_without_a_store(make_caller: Any) -> None:
    caller = await make_caller(None)
    reason = {"reason": "State storage client is not done initializing. Please try again in a little while."}
    assert await caller.get("k") == (503, reason)
    assert await caller.post("k", {"key": "other"}) == (503, reason)


async def test_before_the_worker_is_initialized(world: Any, caller: Caller) -> None:
    world.membership.initialized = False
    assert (await caller.get("k"))[0] == 503
    assert (await caller.post("k", {}))[1]["reason"].startswith("Function worker service is not done initializing")


async def test_a_store_that_fails_is_said(make_caller: Any) -> None:
    def fail() -> LocalStateStore:
        raise StateStoreError("the disk is gone")

    caller = await make_caller(WorkerState(fail))
    assert await caller.get("k") == (500, {"reason": "the disk is gone"})
    assert await caller.post("k", {"key": "k", "stringValue": "v"}) == (500, {"reason": "the disk is gone"})
    assert (await caller.client.delete(caller.url)).status_code == 204


async def test_a_deleted_function_takes_its_state_along(world: Any, caller: Caller) -> None:
    await caller.post("k", {"key": "k", "stringValue": "v"})
    assert (await caller.client.delete(caller.url)).status_code == 204
    assert await caller.get("k") == (404, {"reason": "'exclaim' is not found"})
    await world.register()
    assert await caller.get("k") == (404, {"reason": "key 'k' doesn't exist."})
