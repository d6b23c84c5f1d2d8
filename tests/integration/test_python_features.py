"""What upstream refuses for Python, from REST to outputs: each output once, windows, retries."""

from collections.abc import Callable
from typing import Any

import pytest

from pulsemill.worker.standalone import Standalone

pytestmark = pytest.mark.embedded

FAILING = b"""
class Exclaim:
    def process(self, input, context):
        if input == "bad":
            raise ValueError(input)
        return f"{input}!"
"""

BLOCKED = b"""
import time
class Exclaim:
    def process(self, input, context):
        if input == "block" and not context.get_counter("calls"):
            context.incr_counter("calls", 1)
            time.sleep(300)
        return f"{input}!"
"""


async def test_effectively_once_is_taken_and_runs(user: Any) -> None:
    answer = await user.register(processingGuarantees="EFFECTIVELY_ONCE")
    assert (answer.status_code, answer.text) == (204, "")
    await user.until_running()
    await user.send("a", "b")
    assert await user.outputs("a!", "b!") == {"a!", "b!"}


async def test_effectively_once_with_two_inputs_is_refused_with_the_reason(user: Any) -> None:
    answer = await user.register(processingGuarantees="EFFECTIVELY_ONCE", inputs=["a", "b"])
    assert answer.status_code == 400
    assert "exactly one input topic" in answer.json()["reason"]


async def test_a_message_that_keeps_failing_ends_in_the_dead_letter_topic(user: Any) -> None:
    await user.register(code=FAILING, maxMessageRetries=0, deadLetterTopic="exclaim-dead-out")
    await user.until_running()
    await user.send("bad", "good")
    assert "good!" in await user.outputs("good!")
    assert await user.outputs("bad", name="exclaim-dead") == {"bad"}


async def test_windows_are_taken_shown_and_run(user: Any) -> None:
    joined = b"class Exclaim:\n    def process(self, inputs, context):\n        return '+'.join(inputs)\n"
    answer = await user.register(code=joined, autoAck=None, windowConfig={"windowLengthCount": 2})
    assert (answer.status_code, answer.text) == (204, "")
    await user.until_running()
    await user.send("a", "b")
    assert await user.outputs("a+b") == {"a+b"}
    shown = (await user.http.get("/admin/v3/functions/public/default/exclaim")).json()
    assert (shown["className"], shown["processingGuarantees"]) == ("exclaim.Exclaim", "ATLEAST_ONCE")
    assert shown["windowConfig"]["windowLengthCount"] == 2


@pytest.mark.parametrize("runtime", ["thread", "process"])
async def test_a_call_that_does_not_return_ends_in_a_restart_with_the_reason(
    runtime: str, standalone: Callable[..., Standalone], connect: Any
) -> None:
    async with standalone(runtime=runtime) as worker, connect(worker.web_service_url, worker.service_url) as user:
        await user.register(code=BLOCKED, userConfig={"pulsemill.callTimeoutSeconds": 1})
        await user.until_running()
        await user.send("block")

        def has_died(status: dict[str, Any]) -> bool:
            return "did not return within 1 s" in (status["instances"][0]["status"]["error"] or "")

        await user.until_status(has_died)
        assert await user.outputs("block!") == {"block!"}
