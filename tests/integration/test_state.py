"""State of functions on a standalone worker: counted by instances, read and written over REST."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from pulsemill.worker.standalone import Standalone
from tests.rig.waiting import eventually

pytestmark = pytest.mark.embedded

MakeStandalone = Callable[..., Standalone]

COUNTER = b"""
class Exclaim:
    def process(self, input, context):
        context.incr_counter(f"words.{input}", 1)
        context.put_state("last", f"{input} by {context.get_instance_id()}")
        return f"{context.get_counter(f'words.{input}')} {context.get_state('prefix')}"
"""


async def state(user: Any, key: str) -> tuple[int, dict[str, Any]]:
    response = await user.http.get(f"/admin/v3/functions/public/default/exclaim/state/{key}")
    return response.status_code, response.json()


async def put(user: Any, key: str, value: str) -> int:
    document = f'{{"key": "{key}", "stringValue": "{value}"}}'
    parts = {"state": (None, document, "application/json")}
    answer = await user.http.post(f"/admin/v3/functions/public/default/exclaim/state/{key}", files=parts)
    return int(answer.status_code)


@pytest.fixture(params=["thread", "process"])
async def user(request: pytest.FixtureRequest, standalone: MakeStandalone, connect: Any) -> AsyncIterator[Any]:
    async with standalone(runtime=request.param) as worker, connect(worker.web_service_url, worker.service_url) as user:
        yield user


async def test_instances_and_rest_share_state(user: Any) -> None:
    await user.register(code=COUNTER, parallelism=2)
    await user.until_running(instances=2)
    assert await put(user, "prefix", "p") == 204
    await user.send(*["a"] * 10)

    async def all_counted() -> bool:
        return (await state(user, "words.a"))[1].get("numberValue") == 10

    await eventually(all_counted)
    status, last = await state(user, "last")
    assert (status, last["stringValue"] in {"a by 0", "a by 1"}, last["version"]) == (200, True, 9)
    assert {"10 b'p'"} <= await user.outputs("10 b'p'")


async def test_state_outlives_the_worker_and_ends_with_the_function(standalone: MakeStandalone, connect: Any) -> None:
    async with standalone() as worker, connect(worker.web_service_url, worker.service_url) as user:
        await user.register(code=COUNTER)
        await user.until_running()
        await user.send("a")
        await user.outputs("1 None")
    async with standalone() as worker, connect(worker.web_service_url, worker.service_url) as user:
        await user.until_running()
        assert (await state(user, "words.a"))[1]["numberValue"] == 1
        await user.send("a")
        await user.outputs("2 None")
        await user.http.delete("/admin/v3/functions/public/default/exclaim")
        assert await state(user, "words.a") == (404, {"reason": "'exclaim' is not found"})
        await user.register(code=COUNTER)
        assert await state(user, "words.a") == (404, {"reason": "key 'words.a' doesn't exist."})


async def test_a_mistake_with_state_is_the_functions_own_exception(user: Any) -> None:
    await user.register(code=COUNTER.replace(b"1)\n", b"'one')\n"))
    await user.until_running()
    await user.send("a")
    status = await user.until_status(lambda status: status["instances"][0]["status"]["numUserExceptions"] > 0)
    latest = status["instances"][0]["status"]["latestUserExceptions"][0]["exceptionString"]
    assert "the amount must be int, not str" in latest
