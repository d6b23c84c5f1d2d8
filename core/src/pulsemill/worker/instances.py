"""What others may ask of instances: the REST API's view (`rest.ports.InstancesPort`).

Questions about an instance of another member are answered by raising OwnedElsewhereError with that member.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, TypeVar

import attrs

from pulsemill.cluster.assignments import AssignmentTable
from pulsemill.cluster.peers import Peers
from pulsemill.cluster.scheduler import ALL_INSTANCES
from pulsemill.errors import InstanceNotFoundError, PulsemillError
from pulsemill.names import FunctionName, InstanceName
from pulsemill.rest.ports import OwnedElsewhereError, WorkerInfo
from pulsemill.worker.expositions import merge, without_process
from pulsemill.worker.metrics import WorkerMetrics
from pulsemill.worker.runtime_manager import FunctionRuntimeManager
from pulsemill.worker.spawner import Spawner
from pulsemill_instance.proto.Function_pb2 import Assignment, FunctionDetails
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus, MetricsData

UNSCHEDULED: Final = "Function has not been scheduled"
ANSWER_SECONDS: Final = 5.0

Answer = TypeVar("Answer")

logger = logging.getLogger(__name__)


@attrs.define
class Instances:
    """Answers from the assignments and, for local instances, from their runtimes.

    `member` finds a live member by worker id, `check_admission` asks the runtime and the secrets configurator, `peers`
    are the other workers.
    """

    manager: FunctionRuntimeManager
    table: AssignmentTable
    metrics: WorkerMetrics
    member: Callable[[str], WorkerInfo | None]
    check_admission: Callable[[FunctionDetails], None]
    peers: Peers = attrs.field(factory=Peers)

    @property
    def externally_managed(self) -> bool:
        """Whether the runtime keeps the instances by itself."""
        return self.manager.externally_managed

    def assignments(self, name: FunctionName) -> Sequence[Assignment]:
        """The function's assignments, by instance id."""
        return self.table.of_function(name)

    async def get_function_status(self, name: InstanceName) -> FunctionStatus:
        """One instance's status."""
        assignment = self._assignment(name)
        if assignment is None or self.member(assignment.workerId) is None:
            return FunctionStatus(failureException=UNSCHEDULED, instanceId=str(name.instance_id))
        self._require_local(assignment)
        spawner = self._spawner(name)
        status = await spawner.status(name.instance_id) if spawner else FunctionStatus(instanceId=str(name.instance_id))
        status.workerId = assignment.workerId
        return status

    async def get_metrics(self, name: InstanceName) -> MetricsData | None:
        """One instance's metrics, None when it is not running or does not answer."""
        assignment = self._assignment(name)
        if assignment is None or self.member(assignment.workerId) is None:
            return None
        self._require_local(assignment)
        spawner = self._spawner(name)
        runtime = spawner.runtime if spawner else None
        return await answer_of(name, runtime.get_metrics(name.instance_id)) if runtime else None

    async def restart_instance(self, name: InstanceName) -> None:
        """Stop and start an instance."""
        assignment = self._assignment(name)
        if assignment is None:
            raise InstanceNotFoundError(f"{name.function}/{name.instance_id} doesn't exist")
        self._require_local(assignment)
        await self._restart_here(name)

    async def restart_function(self, name: FunctionName) -> None:
        """Restart all instances of a function."""
        assignments = self.table.of_function(name)
        if not assignments:
            raise InstanceNotFoundError(f"{name} has not been assigned yet")
        await asyncio.gather(*map(self._restart_at_owner, assignments))

    async def get_prometheus_metrics(self) -> str:
        """The worker's metrics and those of all local instances, asked at the same time."""
        spawners = self.manager.spawners()
        texts = await asyncio.gather(*(scrape(name, spawner) for name, spawner in spawners.items()))
        return merge([self.metrics.exposition(), *texts])

    def do_admission_checks(self, details: FunctionDetails) -> None:
        """Raise AdmissionError when a function cannot run here."""
        self.check_admission(details)

    async def _restart_at_owner(self, assignment: Assignment) -> None:
        """Those of workers that are gone are left to the scheduler."""
        name = InstanceName.assigned(assignment)
        owner = self.member(assignment.workerId)
        if assignment.workerId == self.manager.worker_id:
            await self._restart_here(name)
        elif owner:
            await self.peers.restart(owner, name, assignment.instance.functionMetaData.functionDetails)

    async def _restart_here(self, name: InstanceName) -> None:
        if self.externally_managed:
            await self.manager.restart_in_place(self._owner(name), name.instance_id)
        else:
            await self.manager.restart(name)

    def _assignment(self, name: InstanceName) -> Assignment | None:
        return self.table.get(self._owner(name))

    def _spawner(self, name: InstanceName) -> Spawner | None:
        return self.manager.spawner(self._owner(name))

    def _owner(self, name: InstanceName) -> InstanceName:
        return InstanceName(name.function, ALL_INSTANCES) if self.externally_managed else name

    def _require_local(self, assignment: Assignment) -> None:
        owner = self.member(assignment.workerId)
        if owner and owner.worker_id != self.manager.worker_id:
            raise OwnedElsewhereError(owner)


async def scrape(name: InstanceName, spawner: Spawner) -> str:
    """An instance's metrics, empty when it is not running or does not answer."""
    runtime = spawner.runtime
    return without_process((await answer_of(name, runtime.get_prometheus_metrics()) if runtime else None) or "")


async def answer_of(name: InstanceName, question: Coroutine[Any, Any, Answer]) -> Answer | None:
    """What a runtime answers in time; None, with a line in the log, for one that does not or that fails."""
    try:
        return await asyncio.wait_for(question, ANSWER_SECONDS)
    except (PulsemillError, TimeoutError) as error:
        logger.warning("no metrics of instance %s: %s", name, str(error) or "it does not answer")
    except Exception:
        logger.exception("no metrics of instance %s", name)
    return None
