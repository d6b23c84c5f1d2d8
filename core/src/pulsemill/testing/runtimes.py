"""The suite of runtimes that run instances themselves.

An externally managed one, such as Kubernetes, needs a suite of its own.
"""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from pulsemill.errors import AdmissionError, PulsemillError
from pulsemill.runtime import FunctionPackage, Runtime, RuntimeFactory
from pulsemill.testing.functions import function_details
from pulsemill.testing.runtime_fixtures import RuntimeFixtures, instance_config
from pulsemill.testing.runtime_functions import ANSWER_SECONDS, Traffic, write_package
from pulsemill_instance.proto.Function_pb2 import FunctionDetails

STOP_SECONDS: Final = 15.0
"""Most that a stop may take: ten seconds of grace, and what force needs."""


async def eventually(condition: Callable[[], Any]) -> None:
    """Wait until a coroutine function gives something true; TimeoutError when it does not."""
    async with asyncio.timeout(ANSWER_SECONDS):
        while not await condition():  # noqa: ASYNC110 # another process changes it, which sets no event
            await asyncio.sleep(0.02)


class RuntimeFactoryContract(RuntimeFixtures):
    """What every RuntimeFactory and its runtimes must do."""

    @pytest.mark.asyncio
    async def test_before_its_start_an_instance_is_not_alive_and_answers_so(self, runtime: Runtime) -> None:
        """No question may fail because nothing runs yet, except for metrics, which there are none of."""
        assert not runtime.is_alive
        assert runtime.death_exception is None
        assert not (await runtime.get_function_status(0)).running
        assert await runtime.get_prometheus_metrics() == ""
        assert not await runtime.health_check()
        with pytest.raises(PulsemillError):
            await runtime.get_metrics(0)
        await runtime.stop()

    @pytest.mark.asyncio
    async def test_a_started_instance_processes_and_tells_of_it(self, runtime: Runtime, traffic: Traffic) -> None:
        """Outputs arrive; status, metrics and metrics text agree on how many there were."""
        await runtime.start()
        assert runtime.is_alive
        await traffic.send("a", "raise", "b")
        assert [await traffic.receive(), await traffic.receive()] == ["a!", "b!"]
        await eventually(lambda: _processed(runtime, 2))
        status = await runtime.get_function_status(0)
        assert status.running
        assert runtime.death_exception is None
        assert status.numUserExceptions >= 1
        assert await runtime.health_check()
        assert "pulsar_function_received_total{" in await runtime.get_prometheus_metrics()

    @pytest.mark.asyncio
    async def test_metrics_of_the_minute_can_be_reset(self, runtime: Runtime, traffic: Traffic) -> None:
        """Totals stay what they are."""
        await runtime.start()
        await traffic.send("a")
        await traffic.receive()
        await eventually(lambda: _processed(runtime, 1))
        assert (await runtime.get_and_reset_metrics(0)).receivedTotal == 1
        await runtime.reset_metrics(0)
        metrics = await runtime.get_metrics(0)
        assert (metrics.receivedTotal, metrics.receivedTotal_1min) == (1, 0)

    @pytest.mark.asyncio
    async def test_waiting_ends_with_the_instance_and_not_before(self, runtime: Runtime) -> None:
        """A waiter may give up without harm; one that waits sees a stop."""
        await runtime.start()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(runtime.wait(), 0.2)
        assert runtime.is_alive
        waiting = asyncio.create_task(runtime.wait())
        await runtime.stop()
        await asyncio.wait_for(waiting, 5)
        assert not runtime.is_alive

    @pytest.mark.asyncio
    async def test_a_stop_can_be_repeated(self, runtime: Runtime) -> None:
        """After a stop nothing runs, and stopping that is no error."""
        await runtime.start()
        await runtime.stop()
        await runtime.stop()
        assert not runtime.is_alive
        assert not (await runtime.get_function_status(0)).running

    @pytest.mark.asyncio
    async def test_two_stops_at_once_do_no_harm(self, runtime: Runtime) -> None:
        """A worker that closes may stop what is being stopped already."""
        await runtime.start()
        await asyncio.gather(runtime.stop(), runtime.stop())
        assert not runtime.is_alive

    @pytest.mark.asyncio
    async def test_a_stop_does_not_wait_for_user_code_that_blocks(self, runtime: Runtime, traffic: Traffic) -> None:
        """Within about ten seconds it is over, one way or another."""
        await runtime.start()
        await traffic.send("a", "block")
        await traffic.receive()
        started = time.monotonic()
        await runtime.stop()
        assert time.monotonic() - started < STOP_SECONDS
        assert not runtime.is_alive

    @pytest.mark.asyncio
    async def test_a_death_is_noticed_explained_and_can_be_followed_by_another_life(
        self, runtime: Runtime, traffic: Traffic
    ) -> None:
        """The input that ended the instance comes again, and no output is lost."""
        await runtime.start()
        await traffic.send("leave")
        await asyncio.wait_for(runtime.wait(), ANSWER_SECONDS)
        assert not runtime.is_alive
        assert runtime.death_exception
        status = await runtime.get_function_status(0)
        assert (status.running, status.failureException) == (False, runtime.death_exception)
        await runtime.start()
        assert runtime.is_alive
        assert runtime.death_exception is None
        assert await traffic.receive() == "leave!"

    @pytest.mark.asyncio
    async def test_a_class_that_the_package_lacks_is_told(
        self, factory: RuntimeFactory, package: FunctionPackage
    ) -> None:
        """By the start, or by the death that follows it."""
        details = function_details(className="tested.Missing")
        runtime = await factory.create_container(instance_config(details), package)
        try:
            await runtime.start()
            await asyncio.wait_for(runtime.wait(), ANSWER_SECONDS)
            reason = runtime.death_exception
        except PulsemillError as error:
            reason = str(error)
        finally:
            await runtime.stop()
        assert "Missing" in (reason or "")

    @pytest.mark.asyncio
    async def test_instances_do_not_see_each_others_modules(
        self, factory: RuntimeFactory, tmp_path: Path, traffic: Traffic
    ) -> None:
        """Two packages have a module of the same name and different contents."""
        for suffix in ("?", "#"):
            package = write_package(tmp_path / f"package{suffix}", suffix)
            runtime = await factory.create_container(instance_config(function_details()), package)
            await runtime.start()
            try:
                await traffic.send("a")
                assert await traffic.receive() == f"a{suffix}"
            finally:
                await runtime.stop()

    @pytest.mark.asyncio
    @pytest.mark.parametrize("language", FunctionDetails.Runtime.values(), ids=FunctionDetails.Runtime.keys())
    async def test_each_language_is_refused_at_registration_or_taken(
        self, factory: RuntimeFactory, package: FunctionPackage, language: FunctionDetails.Runtime
    ) -> None:
        """A refusal is an AdmissionError with a text for the user; what is admitted has a runtime."""
        details = function_details(runtime=language)
        try:
            factory.do_admission_checks(details)
        except AdmissionError as error:
            assert str(error)  # noqa: PT017 # either outcome is right
        else:
            assert isinstance(await factory.create_container(instance_config(details), package), Runtime)


async def _processed(runtime: Runtime, count: int) -> bool:
    return (await runtime.get_metrics(0)).processedSuccessfullyTotal == count
