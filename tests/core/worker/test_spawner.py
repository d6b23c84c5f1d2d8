"""Keeping one instance alive."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from pulsemill.backoff import Backoff
from pulsemill.errors import PulsemillError
from pulsemill.runtime import InstanceConfig
from pulsemill.worker.deaths import KEPT, Deaths
from pulsemill.worker.spawner import STARTING, Spawner
from pulsemill_instance.proto.Function_pb2 import Instance


@pytest.fixture
def spawner(factory: Any, packages: Any, time: Any, instance: Callable[..., Instance]) -> Spawner:
    return make_spawner(factory, packages, time, instance())


def make_spawner(factory: Any, packages: Any, time: Any, made: Instance) -> Spawner:
    details = made.functionMetaData.functionDetails
    return Spawner(
        metadata=made.functionMetaData,
        instance=InstanceConfig(details, made.instanceId, "id", "version", "standalone"),
        factory=factory,
        packages=packages,
        backoff=Backoff(first=0.2, longest=30.0, healthy_after=60.0, random=lambda: 0.0),
        health_check_seconds=1000.0,
        clock=time.clock,
        sleep=time.sleep,
        deaths=Deaths(now=time.clock),
    )


async def test_a_running_instance_speaks_for_itself(spawner: Spawner, settled: Any) -> None:
    spawner.start()
    await settled()
    status = await spawner.status(0)
    assert (status.running, status.numReceived, status.instanceId, status.numRestarts) == (True, 5, "0", 0)
    await spawner.stop()


async def test_says_that_it_is_starting(spawner: Spawner, packages: Any, settled: Any) -> None:
    packages.gate = asyncio.Event()
    spawner.start()
    await settled()
    status = await spawner.status(0)
    assert (status.running, status.failureException) == (False, STARTING)
    packages.gate.set()
    await settled()
    assert (await spawner.status(0)).running
    await spawner.stop()


async def test_a_death_is_told_at_once(spawner: Spawner, factory: Any, settled: Any) -> None:
    spawner.start()
    await settled()
    factory.runtimes[0].die("exit code 3: out of memory")
    await settled()
    status = await spawner.status(0)
    assert (status.running, status.failureException) == (False, "exit code 3: out of memory")
    await spawner.stop()


async def test_the_dead_start_again_later_each_time(spawner: Spawner, factory: Any, time: Any, settled: Any) -> None:
    spawner.start()
    for restarts, wait in enumerate([0.2, 0.4, 0.8]):
        await settled()
        factory.runtimes[0].die("killed")
        await settled()
        assert time.waits == [wait]
        assert spawner.num_restarts == restarts
        await time.pass_seconds(wait)
        assert (await spawner.status(0)).running
    assert spawner.num_restarts == 3
    await spawner.stop()


async def test_after_a_long_life_it_starts_again_soon(spawner: Spawner, factory: Any, time: Any, settled: Any) -> None:
    spawner.start()
    await settled()
    for lived in (1.0, 1.0, 61.0):
        time.now += lived
        factory.runtimes[0].die("killed")
        await settled()
        waits = time.waits
        await time.pass_seconds(waits[0])
    assert waits == [0.2]
    await spawner.stop()


async def test_one_runtime_serves_every_life(spawner: Spawner, factory: Any, time: Any, settled: Any) -> None:
    spawner.start()
    await settled()
    factory.runtimes[0].die("killed")
    await time.pass_seconds(0.2)
    assert len(factory.runtimes) == 1
    assert factory.events == ["start public/default/exclaim:0"] * 2
    await spawner.stop()


async def test_a_package_that_cannot_be_fetched_is_the_reason(
    spawner: Spawner, packages: Any, time: Any, settled: Any
) -> None:
    packages.missing = True
    spawner.start()
    await settled()
    assert (await spawner.status(0)).failureException == "the package is gone"
    packages.missing = False
    await time.pass_seconds(0.2)
    assert (await spawner.status(0)).running
    await spawner.stop()


@pytest.mark.parametrize(
    ("failure", "reason"), [(PulsemillError("no python3"), "no python3"), (KeyError("x"), "KeyError: 'x'")]
)
async def test_a_start_that_fails_is_tried_again_with_a_new_runtime(
    spawner: Spawner, factory: Any, time: Any, settled: Any, failure: Exception, reason: str
) -> None:
    factory.prepare = lambda runtime: setattr(runtime, "start_failure", failure)
    spawner.start()
    await settled()
    assert (await spawner.status(0)).failureException == reason
    factory.prepare = lambda _: None
    await time.pass_seconds(0.2)
    assert (await spawner.status(0)).running
    assert len(factory.runtimes) == 2
    assert factory.events[1] == "stop public/default/exclaim:0"
    await spawner.stop()


async def test_a_runtime_that_breaks_its_contract_is_replaced_too(
    spawner: Spawner, factory: Any, time: Any, settled: Any
) -> None:
    async def lose_track() -> None:
        raise OSError("lost the process")

    factory.prepare = lambda runtime: setattr(runtime, "wait", lose_track)
    spawner.start()
    await settled()
    assert (await spawner.status(0)).failureException == "OSError: lost the process"
    factory.prepare = lambda _: None
    await time.pass_seconds(0.2)
    assert (await spawner.status(0)).running
    await spawner.stop()


@pytest.mark.parametrize(
    ("failure", "reason"), [(PulsemillError("no answer"), "no answer"), (OSError("broken"), "OSError: broken")]
)
async def test_a_status_that_cannot_be_asked_for_says_why(
    spawner: Spawner, factory: Any, settled: Any, failure: Exception, reason: str
) -> None:
    async def refuse(_: int) -> None:
        raise failure

    spawner.start()
    await settled()
    factory.runtimes[0].get_function_status = refuse
    status = await spawner.status(0)
    assert (status.running, status.failureException, status.instanceId) == (False, reason, "0")
    await spawner.stop()


async def test_past_deaths_stay_in_the_status(spawner: Spawner, factory: Any, time: Any, settled: Any) -> None:
    spawner.start()
    await settled()
    factory.runtimes[0].die("killed")
    await time.pass_seconds(0.2)
    status = await spawner.status(0)
    assert status.running
    assert status.numSystemExceptions == 1
    assert [one.exceptionString for one in status.latestSystemExceptions] == ["killed"]
    assert status.latestSystemExceptions[0].msSinceEpoch == 1_000_000
    await spawner.stop()


async def test_stopped_it_stays_down(spawner: Spawner, factory: Any, time: Any, settled: Any) -> None:
    spawner.start()
    await settled()
    await spawner.stop()
    await spawner.stop()
    await time.pass_seconds(100)
    assert not factory.runtimes[0].is_alive
    assert factory.events.count("start public/default/exclaim:0") == 1


async def test_stopped_while_it_waits_it_does_not_start(
    spawner: Spawner, factory: Any, time: Any, settled: Any
) -> None:
    spawner.start()
    await settled()
    factory.runtimes[0].die("killed")
    await settled()
    await spawner.stop()
    await time.pass_seconds(100)
    assert factory.events.count("start public/default/exclaim:0") == 1


async def test_stop_waits_for_the_files_that_are_being_copied(
    spawner: Spawner, packages: Any, factory: Any, settled: Any
) -> None:
    packages.gate = asyncio.Event()
    spawner.start()
    await settled()
    stopping = asyncio.create_task(spawner.stop())
    await settled()
    assert not stopping.done()
    packages.gate.set()
    await stopping
    assert not any(event.startswith("start") for event in factory.events)


async def test_a_stop_that_fails_is_not_the_callers_trouble(spawner: Spawner, factory: Any, settled: Any) -> None:
    spawner.start()
    await settled()

    async def refuse() -> None:
        raise OSError("no such process")

    factory.runtimes[0].stop = refuse
    await spawner.stop()


async def test_the_instance_is_told_that_its_worker_lives(
    spawner: Spawner, factory: Any, time: Any, settled: Any
) -> None:
    spawner.health_check_seconds = 30.0
    spawner.start()
    await settled()
    for _ in range(3):
        await time.pass_seconds(30)
    assert factory.runtimes[0].health_checks == 3
    factory.runtimes[0].die("killed")
    await time.pass_seconds(29)
    assert factory.runtimes[0].health_checks == 3
    await spawner.stop()


async def test_without_an_interval_there_are_no_health_checks(
    spawner: Spawner, factory: Any, time: Any, settled: Any
) -> None:
    spawner.health_check_seconds = 0.0
    spawner.start()
    await time.pass_seconds(100)
    assert factory.runtimes[0].health_checks == 0
    assert factory.runtimes[0].is_alive
    await spawner.stop()


async def test_an_unhealthy_instance_is_named_but_lives(
    spawner: Spawner, factory: Any, time: Any, settled: Any, caplog: pytest.LogCaptureFixture
) -> None:
    spawner.health_check_seconds = 30.0
    spawner.start()
    await settled()
    factory.runtimes[0].healthy = False
    await time.pass_seconds(30)
    assert "instance public/default/exclaim:0 does not answer its health check" in caplog.text
    assert factory.runtimes[0].is_alive
    await spawner.stop()


async def test_an_external_instance_is_left_to_who_manages_it(
    external_factory: Any, packages: Any, time: Any, instance: Callable[..., Instance], settled: Any
) -> None:
    spawner = make_spawner(external_factory, packages, time, instance(instance_id=-1))
    spawner.start()
    await settled()
    await spawner.detach()
    assert external_factory.events == ["start public/default/exclaim:-1"]


async def test_what_runs_of_an_external_instance_survives_a_start_that_fails(
    external_factory: Any, packages: Any, time: Any, instance: Callable[..., Instance], settled: Any
) -> None:
    def fail(runtime: Any) -> None:
        runtime.start_failure = PulsemillError("the API server is away")

    external_factory.prepare = fail
    spawner = make_spawner(external_factory, packages, time, instance(instance_id=-1))
    spawner.start()
    await settled()
    assert (await spawner.status(0)).failureException == "the API server is away"
    external_factory.runtimes[0].start_failure = None
    await time.pass_seconds(0.2)
    assert external_factory.events == ["start public/default/exclaim:-1"] * 2
    await spawner.detach()


def test_only_the_last_deaths_are_kept() -> None:
    deaths = Deaths()
    for number in range(KEPT + 5):
        deaths.add(str(number))
    assert (deaths.count, deaths.last) == (KEPT + 5, str(KEPT + 4))


async def test_a_reason_that_cannot_be_encoded_does_not_end_the_restarts(
    spawner: Spawner, factory: Any, time: Any, settled: Any
) -> None:
    spawner.start()
    await settled()
    factory.runtimes[0].die("unknown \ud83d" + "x" * 10**6)
    await settled()
    assert (await spawner.status(0)).failureException.startswith("unknown \\ud83dx")
    assert (await spawner.status(0)).ByteSize() < 2**18
    await time.pass_seconds(0.2)
    assert (await spawner.status(0)).running
    await spawner.stop()
