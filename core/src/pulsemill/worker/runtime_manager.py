"""The instances of this worker: started and stopped as the assignments say.

Upstream: org.apache.pulsar.functions.worker.FunctionRuntimeManager. The event loop owns everything here. A change of
an assignment only puts jobs into the instance's lane (`lanes`), so neither the topics' readers nor the scheduler ever
wait for an instance.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

import attrs

from pulsemill.cluster.assignments import AssignmentTable, Reassignment
from pulsemill.cluster.metadata import FunctionTable
from pulsemill.names import FunctionName, InstanceName
from pulsemill.worker.decisions import Step, steps
from pulsemill.worker.lanes import Lanes
from pulsemill.worker.metrics import Times
from pulsemill.worker.spawner import PackageSource, Spawner
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData, Instance

STOP_SECONDS = 60.0

logger = logging.getLogger(__name__)


@attrs.define
class FunctionRuntimeManager:
    """Runs spawners. Idle until `start`, so that a replay of the topics starts nothing that is out of date."""

    worker_id: str
    functions: FunctionTable
    assignments: AssignmentTable
    packages: PackageSource
    new_spawner: Callable[[Instance], Spawner]
    after_delete: Callable[[FunctionMetaData], Awaitable[None]]
    externally_managed: bool = False
    stop_times: Times = attrs.field(factory=Times)
    _spawners: dict[InstanceName, Spawner] = attrs.field(factory=dict, init=False)
    _lanes: Lanes = attrs.field(factory=Lanes, init=False)
    _started: bool = attrs.field(default=False, init=False)

    def start(self) -> None:
        """Start the instances that are assigned to this worker, and react on changes from now on."""
        self._started = True
        for name, assignment in self.assignments.all().items():
            if self.functions.get(name.function):
                self.on_change(Reassignment(name, None, assignment))

    def on_change(self, change: Reassignment) -> None:
        """Bring an instance in line with its new assignment, some time soon."""
        if not self._started:
            return
        for step in steps(change, self.worker_id, externally_managed=self.externally_managed):
            self._submit(step, change)
        if change.before and change.before.workerId == self.worker_id and not change.after:
            self._clean_up_later(change.before.instance.functionMetaData, change.name.function)

    def spawner(self, name: InstanceName) -> Spawner | None:
        """What runs an instance here."""
        return self._spawners.get(name)

    def spawners(self) -> Mapping[InstanceName, Spawner]:
        """Everything that runs here."""
        return dict(self._spawners)

    async def restart(self, name: InstanceName) -> None:
        """Stop and start an instance that runs here, without its metadata being changed."""
        await asyncio.shield(self._lanes.submit(name, lambda: self._restart(name)))

    async def restart_in_place(self, owner: InstanceName, instance_id: int) -> None:
        """Let an externally managed runtime restart an instance, or with -1 all; raises what keeps it from that."""
        spawner = self._spawners.get(owner)
        if spawner and spawner.runtime:
            await asyncio.wait_for(spawner.runtime.restart(instance_id), STOP_SECONDS)

    async def stop(self) -> None:
        """Stop all instances at the same time; those that outlive the worker are left alone."""
        self._started = False
        for name in self._spawners:
            self._lanes.submit(name, lambda name=name: self._leave(name))  # type: ignore[misc] # bound per turn
        try:
            await asyncio.wait_for(self._lanes.drain(), STOP_SECONDS)
        except TimeoutError:
            logger.error("instances did not stop within %.0f s: %s", STOP_SECONDS, sorted(map(str, self._spawners)))  # noqa: TRY400

    def _submit(self, step: Step, change: Reassignment) -> None:
        match step:
            case Step.STOP:
                self._lanes.submit(change.name, lambda: self._stop(change.name))
            case Step.HAND_OVER if change.after:
                successor = change.after.instance
                self._lanes.submit(change.name, lambda: self._hand_over(change.name, successor))
            case Step.START if change.after:
                instance = change.after.instance
                self._lanes.submit(change.name, lambda: self._start(change.name, instance))

    def _clean_up_later(self, metadata: FunctionMetaData, name: FunctionName) -> None:
        if not any(one.workerId == self.worker_id for one in self.assignments.of_function(name)):
            self._lanes.submit_for_function(name, lambda: self._clean_up(metadata, name))

    async def _clean_up(self, metadata: FunctionMetaData, name: FunctionName) -> None:
        """Clean up after a function, now that no instance of it runs here, unless that is not, or not yet, to be done.

        One that is known still only lost instances. While other workers are to run some, they clean up after that. Of
        several workers each cleans up, because nobody knows whose instances stop last.
        """
        known = self.functions.get(name)
        is_over = not self.assignments.of_function(name) if known is None else known.createTime != metadata.createTime
        if is_over:
            await self.after_delete(metadata)

    async def _start(self, name: InstanceName, instance: Instance) -> None:
        if not self._started:
            return
        self._spawners[name] = self.new_spawner(instance)
        self._spawners[name].start()

    async def _stop(self, name: InstanceName) -> None:
        spawner = self._spawners.pop(name, None)
        if spawner:
            with self.stop_times.measure():
                await spawner.stop()
            await self.packages.discard(name)

    async def _hand_over(self, name: InstanceName, successor: Instance) -> None:
        spawner = self._spawners.pop(name, None)
        if spawner:
            await spawner.hand_over(self.new_spawner(successor).instance)

    async def _detach(self, name: InstanceName) -> None:
        spawner = self._spawners.pop(name, None)
        if spawner:
            await spawner.detach()

    async def _restart(self, name: InstanceName) -> None:
        spawner = self._spawners.get(name)
        if spawner:
            await self._stop(name)
            await self._start(name, Instance(functionMetaData=spawner.metadata, instanceId=name.instance_id))

    async def _leave(self, name: InstanceName) -> None:
        await (self._detach(name) if self.externally_managed else self._stop(name))
