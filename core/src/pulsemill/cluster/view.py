"""The cluster as the REST API shows it (`rest.ports.MembershipPort`)."""

from collections.abc import Mapping, Sequence

import attrs

from pulsemill.cluster.assignments import AssignmentTable
from pulsemill.cluster.leader import LeaderService
from pulsemill.cluster.membership import Membership
from pulsemill.errors import LeaderNotReadyError
from pulsemill.names import InstanceName
from pulsemill.rest.ports import DrainStatus, OwnedElsewhereError, WorkerInfo


@attrs.define
class ClusterView:
    """Members, leader and assignments. The worker's service sets `initialized`."""

    membership: Membership
    leading: LeaderService
    table: AssignmentTable
    initialized: bool = False

    @property
    def worker_id(self) -> str:
        """This worker's id."""
        return self.membership.me.worker_id

    @property
    def is_leader_ready(self) -> bool:
        """Whether this worker leads and accepts writes."""
        return self.initialized and self.current_leader() == self.membership.me

    @property
    def trouble(self) -> str:
        """Why nobody is known to lead, if that is known; "" while somebody leads."""
        return self.membership.trouble if self.current_leader() is None else ""

    def member(self, worker_id: str) -> WorkerInfo | None:
        """A current member by its id."""
        return next((one for one in self.membership.members() if one.worker_id == worker_id), None)

    def current_leader(self) -> WorkerInfo | None:
        """The leader as far as this worker knows; itself only while it can write."""
        leader = self.membership.leader()
        return leader if leader != self.membership.me or self.leading.is_ready else None

    async def members(self) -> Sequence[WorkerInfo]:
        """The current members, sorted by id."""
        return sorted(self.membership.members(), key=lambda one: one.worker_id)

    async def leader(self) -> WorkerInfo | None:
        """The current leader."""
        return self.current_leader()

    def assignments_by_worker(self) -> Mapping[str, Sequence[InstanceName]]:
        """Every assignment, by worker id."""
        return self.table.by_worker()

    def rebalance(self) -> None:
        """Begin to spread the instances evenly."""
        self._require_leading()
        self.leading.scheduler.rebalance()

    def drain(self, worker_id: str) -> None:
        """Begin to move all instances away from a worker."""
        self._require_leading()
        self.leading.scheduler.drain(worker_id)

    def drain_status(self, worker_id: str) -> DrainStatus:
        """How a worker's drain goes."""
        self._require_leading()
        return self.leading.scheduler.drains.status(worker_id)

    def _require_leading(self) -> None:
        leader = self.current_leader()
        if leader is None:
            raise LeaderNotReadyError(self.trouble)
        if leader != self.membership.me:
            raise OwnedElsewhereError(leader)
