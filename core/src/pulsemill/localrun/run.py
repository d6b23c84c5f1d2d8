"""A local run, from the broker to the last instance.

One event loop in the main thread owns everything. Order of the end, whatever caused it: the tasks that watch, all
instances at the same time, the runtime, the embedded broker, the temporary folder.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from pulsemill.admin.components import Code
from pulsemill.broker.data_directory import DataDirectory
from pulsemill.broker.embedded import EmbeddedBroker
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import PulsemillError
from pulsemill.localrun.logs import LogFollower
from pulsemill.localrun.settings import (
    CLUSTER,
    HEALTH_CHECK_SECONDS,
    LocalRunSettings,
    local_instances,
    package_url,
    worker_config,
)
from pulsemill.names import FunctionName
from pulsemill.packages.provider import PackageProvider
from pulsemill.packages.reader import PackageReader
from pulsemill.packages.store import PackageStore
from pulsemill.plugins import PluginRegistry, SelectedPlugins
from pulsemill.runtime import InstanceConfig, Runtime
from pulsemill.worker.runtime_setup import RuntimeSetup
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, Instance

Say = Callable[[str], None]


class InstanceEndedError(PulsemillError):
    """An instance of a local run ended by itself."""


async def run_locally(details: FunctionDetails, code: Code, settings: LocalRunSettings, say: Say) -> None:
    """Run until an instance ends by itself (InstanceEndedError) or the task is cancelled.

    PulsemillError when what the instances log can be shown no more.
    """
    instances = local_instances(details, code, settings.instance_id_offset)
    async with AsyncExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pulsemill-localrun-")))
        broker_url = await stack.enter_async_context(_broker(settings, root, say))
        worker = worker_config(settings, root, broker_url, package_url(code))
        setup = await stack.enter_async_context(_runtime(worker))
        setup.check_admission(details)
        follower = LogFollower(root / "logs", say)
        stack.callback(follower.look_last)
        runtimes = await stack.enter_async_context(_started(worker, setup, instances))
        say(f"{FunctionName.of(details)} runs ({len(runtimes)} instances); Ctrl-C stops it")
        await _watch(runtimes, follower)


@asynccontextmanager
async def _broker(settings: LocalRunSettings, root: Path, say: Say) -> AsyncIterator[str]:
    if settings.broker_service_url:
        yield settings.broker_service_url
        return
    with DataDirectory(root / "broker") as directory:
        async with EmbeddedBroker(directory) as broker:
            say(f"embedded broker: {broker.service_url}")
            yield broker.service_url


@asynccontextmanager
async def _runtime(config: WorkerConfig) -> AsyncIterator[RuntimeSetup]:
    setup = RuntimeSetup.selected(SelectedPlugins(PluginRegistry.installed(), config))
    try:
        await setup.factory.initialize()
        yield setup
    finally:
        await setup.factory.close()


@asynccontextmanager
async def _started(
    config: WorkerConfig, setup: RuntimeSetup, instances: Sequence[Instance]
) -> AsyncIterator[dict[int, Runtime]]:
    packages = PackageProvider.from_config(config, PackageReader.local(config, PackageStore.from_config(config)))
    runtimes: dict[int, Runtime] = {}
    try:
        for instance in instances:
            package = await packages.fetch(instance.functionMetaData, instance.instanceId)
            runtimes[instance.instanceId] = await setup.factory.create_container(_instance_config(instance), package)
            await runtimes[instance.instanceId].start()
        yield runtimes
    finally:
        await asyncio.gather(*(runtime.stop() for runtime in runtimes.values()), return_exceptions=True)


def _instance_config(instance: Instance) -> InstanceConfig:
    details = instance.functionMetaData.functionDetails
    return InstanceConfig(
        function_details=details,
        instance_id=instance.instanceId,
        function_id=str(FunctionName.of(details)),
        function_version="localrun",
        cluster_name=CLUSTER,
        health_check_interval_seconds=HEALTH_CHECK_SECONDS,
    )


async def _watch(runtimes: Mapping[int, Runtime], follower: LogFollower) -> None:
    ends = {asyncio.create_task(runtime.wait()): instance_id for instance_id, runtime in runtimes.items()}
    others = [asyncio.create_task(follower.follow()), asyncio.create_task(_check_health(list(runtimes.values())))]
    try:
        done, _ = await asyncio.wait([*ends, *others], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (*ends, *others):
            task.cancel()
        await asyncio.gather(*ends, *others, return_exceptions=True)
    ended = done & ends.keys()
    if not ended:
        error = done.pop().exception()
        raise PulsemillError(f"the local run cannot go on: {type(error).__name__}: {error}") from error
    instance_id = ends[ended.pop()]
    raise InstanceEndedError(
        f"instance {instance_id} ended: {runtimes[instance_id].death_exception or 'no reason given'}"
    )


async def _check_health(runtimes: Sequence[Runtime]) -> None:
    """Tell the instances that somebody lives who wants them; without that they end themselves."""
    while True:
        await asyncio.sleep(HEALTH_CHECK_SECONDS)
        await asyncio.gather(*(runtime.health_check() for runtime in runtimes), return_exceptions=True)
