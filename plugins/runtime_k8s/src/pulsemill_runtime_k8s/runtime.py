"""All instances of one function, as one StatefulSet (upstream: KubernetesRuntime).

Everything belongs to the worker's event loop. `start` brings the objects in line, `wait` returns when somebody else
deleted or changed them, so that the spawner brings them in line again. A status comes from the namespace's watches and,
for an instance that runs, from the instance itself. Order of a stop: channels, StatefulSet and pods, Service.
"""

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Callable
from typing import Final

from google.protobuf.empty_pb2 import Empty

from pulsemill.errors import PulsemillError
from pulsemill.names import InstanceName
from pulsemill.runtime import InstanceConfig, Runtime
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus, MetricsData
from pulsemill_runtime_k8s.channels import Channels
from pulsemill_runtime_k8s.deployment import Deployment
from pulsemill_runtime_k8s.instances import Instances
from pulsemill_runtime_k8s.made_objects import MadeObjects
from pulsemill_runtime_k8s.view import NamespaceView

NOT_STARTED: Final = "The function's objects were not created yet"
STOPPED: Final = "The function is stopped"
LAG_SECONDS: Final = 30.0

Place = tuple[str, str]
"""Namespace and name of a function's objects."""

logger = logging.getLogger(__name__)


class KubernetesRuntime(Runtime):
    """A function's StatefulSet. `configure` makes the deployment at each start, so that new settings count then.

    `place_of` tells where another version of the function would be. What the objects were when we left them is
    `_made`, which only means something while `_end` is None.
    """

    def __init__(
        self,
        name: InstanceName,
        configure: Callable[[], Deployment],
        view_of: Callable[[str], NamespaceView],
        channels_of: Callable[[Deployment], Channels],
        place_of: Callable[[InstanceConfig], Place],
    ) -> None:
        self._name = name
        self._configure = configure
        self._view_of = view_of
        self._channels_of = channels_of
        self._place_of = place_of
        self._deployment: Deployment | None = None
        self._instances: Instances | None = None
        self._made = MadeObjects("", "", 0, {})
        self._end: str | None = NOT_STARTED
        self._restarting = asyncio.Lock()

    async def start(self) -> None:
        """Create or update the objects; those that an earlier configuration put elsewhere are deleted first."""
        deployment = self._configure()
        if self._deployment and _place(self._deployment) != _place(deployment):
            await self._deployment.delete()
        await self._close_channels()
        self._deployment = deployment
        instances = Instances(self._view_of(deployment.namespace), deployment.name, self._end or NOT_STARTED)
        self._instances = instances
        self._made = MadeObjects.of(*await deployment.bring_in_line())
        instances.channels = self._channels_of(deployment)
        self._end = None
        logger.info("%s runs as StatefulSet %s/%s", self._name.function, deployment.namespace, deployment.name)

    async def wait(self) -> None:
        """Return once somebody else deleted or changed the objects."""
        if self._deployment is None:
            return
        view = self._view_of(self._deployment.namespace)
        changed = asyncio.Event()
        changed.set()
        unlisten = view.listen(self._deployment.name, changed.set)
        try:
            await self._watch(view, changed)
        finally:
            unlisten()

    async def _watch(self, view: NamespaceView, changed: asyncio.Event) -> None:
        """The view may lag behind what was just made: what is missing or old counts once it was right, or after a time.

        A view that is out of date accuses nobody.
        """
        clock = asyncio.get_running_loop().time
        trusted_from = clock() + LAG_SECONDS
        while self._end is None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAG_SECONDS):
                    await changed.wait()
            changed.clear()
            if self._made.is_shown_by(view):
                trusted_from = clock()
            if clock() >= trusted_from and view.problem is None and not self._restarting.locked():
                self._end = self._made.interference(view)

    async def stop(self) -> None:
        """Delete everything and wait until it is gone; PulsemillError says what is left."""
        self._end = STOPPED
        await self._close_channels()
        if self._deployment:
            await self._deployment.delete()
            logger.info("%s: StatefulSet %s is deleted", self._name.function, self._deployment.name)

    @property
    def is_alive(self) -> bool:
        """Whether the objects are as they should be; what becomes of the pods is another question."""
        return self._end is None

    @property
    def death_exception(self) -> str | None:
        """Who changed or deleted the objects."""
        return self._end

    async def get_function_status(self, instance_id: int) -> FunctionStatus:
        """The instance's own answer, else what keeps its pod from running."""
        if self._instances is None:
            return FunctionStatus(running=False, failureException=NOT_STARTED)
        return await self._instances.status(instance_id)

    async def get_metrics(self, instance_id: int) -> MetricsData:
        """Counters since the start and of the current minute."""
        return await self._started().ask(instance_id, "GetMetrics", MetricsData)

    async def get_and_reset_metrics(self, instance_id: int) -> MetricsData:
        """As `get_metrics`, then as `reset_metrics`."""
        return await self._started().ask(instance_id, "GetAndResetMetrics", MetricsData)

    async def reset_metrics(self, instance_id: int) -> None:
        """Clear the current minute and the user's metrics."""
        await self._started().ask(instance_id, "ResetMetrics", Empty)

    async def get_prometheus_metrics(self) -> str:
        """Nothing: Prometheus finds the pods by their annotations."""
        return ""

    async def restart(self, instance_id: int) -> None:
        """Let the controller make one pod anew, or with -1 all, one after the other."""
        deployment = self._deployment
        if deployment is None:
            raise PulsemillError(f"{self._name.function}: {NOT_STARTED}")
        if instance_id >= 0:
            await deployment.restart_pod(instance_id)
            return
        async with self._restarting:
            live = await deployment.restart_all(dt.datetime.now(dt.UTC).isoformat(timespec="microseconds"))
            self._made = self._made.after_restart(live)

    async def hand_over(self, successor: InstanceConfig) -> None:
        """Leave the objects to the next version, or delete them when it will have others."""
        self._end = self._end or STOPPED
        await self._close_channels()
        if self._deployment and self._place_of(successor) != _place(self._deployment):
            await self._deployment.delete()

    def _started(self) -> Instances:
        if self._instances is None:
            raise PulsemillError(NOT_STARTED)
        return self._instances

    async def _close_channels(self) -> None:
        if self._instances:
            await self._instances.close(self._end or NOT_STARTED)


def _place(deployment: Deployment) -> Place:
    return deployment.namespace, deployment.name
