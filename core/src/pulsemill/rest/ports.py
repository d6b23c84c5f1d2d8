"""What the REST API needs of the worker around it, and nothing more.

The worker's classes satisfy these protocols; tests of routes use small fakes. Everything here is called on the event
loop.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Protocol

import attrs

from pulsemill.errors import PulsemillError
from pulsemill.names import FunctionName, InstanceName
from pulsemill_instance.proto.Function_pb2 import Assignment, FunctionDetails, FunctionMetaData
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus, MetricsData


@attrs.frozen
class WorkerInfo:
    """A member of the cluster, as GET /admin/v2/worker/cluster shows it."""

    worker_id: str
    worker_hostname: str
    port: int


class OwnedElsewhereError(PulsemillError):
    """The request belongs to another worker: answer 307 with its address."""

    def __init__(self, owner: WorkerInfo) -> None:
        super().__init__(f"worker {owner.worker_id} owns it")
        self.owner = owner


class SchedulingRefusedError(PulsemillError):
    """The leader cannot rebalance or drain as the cluster is now (400)."""


class DrainInProgressError(SchedulingRefusedError):
    """One drain at a time (409)."""


class NotRemovedAfterDrainError(SchedulingRefusedError):
    """The worker was drained before and is still there (412)."""


class DrainState(Enum):
    """How far a drain is, named as in answers."""

    RUNNING = "RUNNING"
    SUCCESS = "SUCCESS"
    ERROR = "ERROR"


@attrs.frozen
class DrainStatus:
    """A worker's last drain."""

    state: DrainState
    last_error: str = ""


class FunctionMetaDataPort(Protocol):
    """The functions of the cluster (upstream's FunctionMetaDataManager)."""

    def get(self, name: FunctionName) -> FunctionMetaData | None:
        """A function's metadata as last read from the topic. Callers must copy before they change it."""

    def in_namespace(self, tenant: str, namespace: str) -> Sequence[FunctionMetaData]:
        """All components of a namespace, of every kind."""

    def all(self) -> Sequence[FunctionMetaData]:
        """All components of all namespaces: the package store asks which packages are in use."""

    async def write(self, metadata: FunctionMetaData, *, delete: bool = False) -> None:
        """Append an update or a delete whose version is current + 1, and return when it is stored and visible here.

        Where another worker leads, it is asked to. Raises MetadataOutOfDateError when someone else was faster (the
        function is at that version, gone, or another one of its name, by its createTime),
        LeaderNotReadyError when nobody leads, MetadataWriteError when storing failed or its outcome is not known.
        """

    async def write_as_leader(self, metadata: FunctionMetaData, *, delete: bool = False) -> None:
        """The same on the leader itself; raises OwnedElsewhereError when another worker leads."""


class InstancesPort(Protocol):
    """The running instances (upstream's FunctionRuntimeManager)."""

    def assignments(self, name: FunctionName) -> Sequence[Assignment]:
        """The function's assignments, by instance id."""

    async def get_function_status(self, name: InstanceName) -> FunctionStatus:
        """One instance's status with workerId, instanceId, numRestarts set; never raises for a dead instance.

        Without an assignment: running=False and failureException "Function has not been scheduled".
        Raises OwnedElsewhereError for an instance of another worker.
        """

    async def get_metrics(self, name: InstanceName) -> MetricsData | None:
        """One instance's metrics, None when it is not running. Raises OwnedElsewhereError."""

    async def restart_instance(self, name: InstanceName) -> None:
        """Stop and start an instance. Raises InstanceNotFoundError without an assignment, OwnedElsewhereError."""

    async def restart_function(self, name: FunctionName) -> None:
        """Restart all instances of a function. Raises InstanceNotFoundError without any assignment."""

    async def get_prometheus_metrics(self) -> str:
        """The worker's own metrics and those of all local instances, in Prometheus' text format."""

    def do_admission_checks(self, details: FunctionDetails) -> None:
        """Ask the runtime and the secrets configurator; raises AdmissionError."""


class MembershipPort(Protocol):
    """Who is in the cluster and who leads it."""

    @property
    def initialized(self) -> bool:
        """Whether the worker has replayed its topics and takes requests."""

    @property
    def is_leader_ready(self) -> bool:
        """Whether this worker leads and accepts writes."""

    @property
    def trouble(self) -> str:
        """Why nobody is known to lead, if that is known; "" while somebody leads."""

    async def members(self) -> Sequence[WorkerInfo]:
        """The current members, sorted by id."""

    async def leader(self) -> WorkerInfo | None:
        """The current leader."""

    def assignments_by_worker(self) -> Mapping[str, Sequence[InstanceName]]:
        """Every assignment, by worker id."""

    @property
    def worker_id(self) -> str:
        """This worker's id."""

    def rebalance(self) -> None:
        """Begin to spread the instances evenly.

        This and what follows raise OwnedElsewhereError when another worker leads, LeaderNotReadyError when none does,
        SchedulingRefusedError when the cluster does not allow it.
        """

    def drain(self, worker_id: str) -> None:
        """Begin to move all instances away from a worker, which then gets none until it has left the cluster."""

    def drain_status(self, worker_id: str) -> DrainStatus:
        """How a worker's drain goes."""


class BrokerPort(Protocol):
    """Questions to the broker and messages through it."""

    async def tenant_exists(self, tenant: str) -> bool:
        """Whether the broker knows the tenant (the embedded broker knows all)."""

    async def namespace_exists(self, tenant: str, namespace: str) -> bool:
        """Whether the broker knows the namespace."""

    async def trigger(self, details: FunctionDetails, topic: str, data: bytes) -> bytes | None:
        """Send data to an input topic and wait for the output that it led to; None for a function without output.

        Raises TimeoutError when no output came in time.
        """
