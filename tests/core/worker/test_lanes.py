"""The order of starts and stops."""

import asyncio

import pytest

from pulsemill.names import FunctionName, InstanceName
from pulsemill.worker.lanes import Lanes

F, G = FunctionName("t", "n", "f"), FunctionName("t", "n", "g")


@pytest.fixture
def done() -> list[str]:
    return []


class Jobs:
    """Jobs that note their end, some after a gate was opened."""

    def __init__(self, done: list[str]) -> None:
        self.done = done
        self.gate = asyncio.Event()

    def quick(self, name: str):  # noqa: ANN201 a coroutine function
        async def job() -> None:
            self.done.append(name)

        return job

    def slow(self, name: str):  # noqa: ANN201 a coroutine function
        async def job() -> None:
            await self.gate.wait()
            self.done.append(name)

        return job


@pytest.fixture
def jobs(done: list[str]) -> Jobs:
    return Jobs(done)


async def test_one_instance_in_order(jobs: Jobs, done: list[str]) -> None:
    lanes = Lanes()
    lanes.submit(InstanceName(F, 0), jobs.slow("stop"))
    last = lanes.submit(InstanceName(F, 0), jobs.quick("start"))
    await asyncio.sleep(0)
    assert done == []
    jobs.gate.set()
    await last
    assert done == ["stop", "start"]


async def test_others_do_not_wait(jobs: Jobs, done: list[str]) -> None:
    lanes = Lanes()
    lanes.submit(InstanceName(F, 0), jobs.slow("slow"))
    await lanes.submit(InstanceName(F, 1), jobs.quick("sibling"))
    await lanes.submit(InstanceName(G, 0), jobs.quick("stranger"))
    assert done == ["sibling", "stranger"]
    jobs.gate.set()
    await lanes.drain()


async def test_a_functions_job_comes_after_its_instances_and_before_later_ones(jobs: Jobs, done: list[str]) -> None:
    lanes = Lanes()
    for instance_id in (0, 1):
        lanes.submit(InstanceName(F, instance_id), jobs.slow(f"stop {instance_id}"))
    lanes.submit_for_function(F, jobs.quick("clean up"))
    lanes.submit(InstanceName(F, 0), jobs.quick("start 0"))
    lanes.submit(InstanceName(F, 2), jobs.quick("start 2"))
    jobs.gate.set()
    await lanes.drain()
    assert sorted(done[:2]) == ["stop 0", "stop 1"]
    assert done[2] == "clean up"
    assert sorted(done[3:]) == ["start 0", "start 2"]


async def test_a_failure_is_logged_and_forgotten(jobs: Jobs, done: list[str], caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise OSError("disk full")

    lanes = Lanes()
    lanes.submit(InstanceName(F, 0), fail)
    await lanes.submit(InstanceName(F, 0), jobs.quick("next"))
    assert done == ["next"]
    assert "disk full" in caplog.text


async def test_nothing_is_kept_of_what_is_done(jobs: Jobs) -> None:
    lanes = Lanes()
    lanes.submit(InstanceName(F, 0), jobs.quick("a"))
    lanes.submit_for_function(F, jobs.quick("b"))
    await lanes.drain()
    assert lanes == Lanes()
