"""Functions on a standalone worker, from registration to restart."""

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Any

import httpx2
import pulsar
import pytest

from pulsemill.broker.data_directory import DataDirectoryError
from pulsemill.cluster import topic_log
from pulsemill.worker.http_server import PortError
from pulsemill.worker.standalone import Standalone
from tests.rig.waiting import eventually

pytestmark = pytest.mark.embedded

MakeStandalone = Callable[..., Standalone]


async def test_a_registered_function_turns_input_into_output(user: Any) -> None:
    assert (await user.register()).status_code == 204
    await user.until_running()
    await user.send("hello", "world")
    assert await user.outputs("hello!", "world!") == {"hello!", "world!"}


async def test_every_instance_runs(user: Any) -> None:
    await user.register(parallelism=3)
    status = await user.until_running(instances=3)
    assert [one["instanceId"] for one in status["instances"]] == [0, 1, 2]
    assignments = (await user.http.get("/admin/v2/worker/assignments")).json()
    assert assignments == {"standalone": [f"public/default/exclaim:{instance_id}" for instance_id in range(3)]}


async def test_trigger_answers_with_the_output(user: Any) -> None:
    await user.register()
    await user.until_running()
    answer = await user.http.post("/admin/v3/functions/public/default/exclaim/trigger", files={"data": (None, "hi")})
    assert (answer.status_code, answer.text) == (200, "hi!")


async def test_after_a_restart_functions_and_what_they_have_not_read_are_there(
    standalone: MakeStandalone, connect: Any
) -> None:
    async with standalone() as worker, connect(worker.web_service_url, worker.service_url) as user:
        await user.register()
        await user.until_running()
        await user.http.post("/admin/v3/functions/public/default/exclaim/stop")
        await user.until_running(instances=0)
        await user.send("unread")
    async with standalone() as worker, connect(worker.web_service_url, worker.service_url) as user:
        assert (await user.status())["numRunning"] == 0
        await user.http.post("/admin/v3/functions/public/default/exclaim/start")
        assert "unread!" in await user.outputs("unread!")


async def test_a_deleted_function_is_gone_with_its_subscription_and_files(worker: Standalone, user: Any) -> None:
    await user.register(cleanupSubscription=True)
    await user.until_running()
    await user.send("one")
    await user.outputs("one!")
    assert (await user.http.delete("/admin/v3/functions/public/default/exclaim")).status_code == 204

    async def cleaned() -> bool:
        await worker.service.parts.manager._lanes.drain()
        return not worker.service.parts.manager.spawners()

    await eventually(cleaned)
    consumer = await user.client.subscribe(
        "exclaim-in", "public/default/exclaim", initial_position=pulsar.InitialPosition.Earliest
    )
    assert (await asyncio.wait_for(consumer.receive(), 10)).data() == b"one"
    await consumer.close()
    assert not list(worker.directory.glob("download/public/default/exclaim/*"))
    assert not list(worker.directory.glob("packages/blobs/*/*"))


async def test_a_killed_broker_comes_back_and_functions_go_on(worker: Standalone, user: Any) -> None:
    await user.register()
    await user.until_running()
    await user.send("before")
    await user.outputs("before!")
    assert worker.broker
    assert worker.broker.pid
    os.kill(worker.broker.pid, signal.SIGKILL)
    assert (await user.register("second")).status_code == 204
    await user.until_running("second")
    await user.send("after")
    assert await user.outputs("before!", "after!") >= {"before!", "after!"}


async def test_without_a_broker_changes_fail_in_time_and_work_again_later(
    standalone: MakeStandalone, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topic_log, "SEND_SECONDS", 0.5)
    async with standalone() as worker, connect(worker.web_service_url, worker.service_url) as user:
        assert worker.broker
        await worker.broker.stop()
        refused = await asyncio.wait_for(user.register(), 10)
        assert refused.status_code == 500
        assert "Internal Error updating function at the leader" in refused.json()["reason"]
        await worker.broker.start()

        async with asyncio.timeout(20):
            while (await user.register()).status_code != 204:
                assert (await user.status()).get("numRunning") is None
        await user.until_running()


async def test_a_worker_that_lost_a_topic_gets_it_back(worker: Standalone, user: Any) -> None:
    await worker.service.parts.cluster.functions.log._producer.close()
    assert (await user.register()).status_code == 500

    async def registered() -> bool:
        return (await user.register()).status_code == 204

    await eventually(registered, seconds=20)
    assert (await user.http.get("/admin/v2/worker/cluster/leader/ready")).status_code == 200
    await user.until_running()


async def test_a_function_that_raises_is_counted_and_lives(user: Any) -> None:
    code = b"class Exclaim:\n    def process(self, input, context):\n        raise ValueError('no ' + input)\n"
    await user.register(code=code)
    await user.until_running()
    await user.send("thanks")
    status = await user.until_status(lambda status: status["instances"][0]["status"]["numUserExceptions"] > 0)
    assert status["numRunning"] == 1
    assert "no thanks" in status["instances"][0]["status"]["latestUserExceptions"][0]["exceptionString"]


async def test_a_class_that_is_not_in_the_package_is_told_by_the_status(user: Any) -> None:
    await user.register(className="exclaim.Missing")
    status = await user.until_status(
        lambda status: bool(status.get("instances")) and "Missing" in status["instances"][0]["status"]["error"]
    )
    assert status["numRunning"] == 0


async def test_metrics_of_worker_and_instances_stand_in_one_exposition(user: Any) -> None:
    await user.register(parallelism=2)
    await user.until_running(instances=2)
    text = (await user.http.get("/metrics")).text
    assert 'pulsar_function_worker_instance_count{cluster="standalone"} 2.0' in text
    types = [line for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(types) == len(set(types))
    assert 'instance_id="1"' in text


async def test_two_workers_share_a_broker_without_seeing_each_others_functions(
    worker: Standalone, user: Any, standalone: MakeStandalone, connect: Any
) -> None:
    await user.register()
    async with (
        standalone("other", broker_url=worker.service_url, functions_namespace="public/other") as second,
        connect(second.web_service_url, second.service_url) as other,
    ):
        assert (await other.http.get("/admin/v3/functions/public/default")).json() == []
        await other.register("second")
        await other.until_running("second")
        await other.send("both", name="second")
        assert "both!" in await other.outputs("both!", name="second")
    await user.until_running()


async def test_a_directory_in_use_is_refused(worker: Standalone, standalone: MakeStandalone) -> None:
    with pytest.raises(DataDirectoryError, match=f"is in use by pid {os.getpid()}"):
        await standalone().__aenter__()
    async with httpx2.AsyncClient(base_url=worker.web_service_url) as client:
        assert (await client.get("/initialized")).status_code == 200


async def test_a_port_in_use_is_refused_before_a_broker_is_started(
    worker: Standalone, standalone: MakeStandalone
) -> None:
    second = standalone("other", port=worker.service.config.worker_port)
    with pytest.raises(PortError, match="Address already in use"):
        await second.__aenter__()
    assert second.broker is None
