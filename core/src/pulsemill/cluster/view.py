"""The cluster as the REST API shows it (`rest.ports.MembershipPort`)."""

from collections.abc import Mapping, Sequence

import attrs

from pulsemill.cluster.assignments import AssignmentTable
from pulsemill.cluster.leader import LeaderService
from pulsemill.cluster.membership import SoleMembership
from pulsemill.names import InstanceName
from pulsemill.rest.ports import WorkerInfo


@attrs.define
class ClusterView:
    """Members, leader and assignments. The worker's service sets `initialized`."""

    membership: SoleMembership
    leading: LeaderService
    table: AssignmentTable
    initialized: bool = False

    @property
    def is_leader_ready(self) -> bool:
        """Whether this worker leads and accepts writes."""
        return self.initialized and self.leading.is_leader

    def member(self, worker_id: str) -> WorkerInfo | None:
        """A current member by its id."""
        return next((one for one in self.membership.members() if one.worker_id == worker_id), None)

    def current_leader(self) -> WorkerInfo | None:
        """The leader as far as this worker knows."""
        return self.membership.me if self.leading.is_leader else None

    async def members(self) -> Sequence[WorkerInfo]:
        """The current members, sorted by id."""
        return sorted(self.membership.members(), key=lambda one: one.worker_id)

    async def leader(self) -> WorkerInfo | None:
        """The current leader."""
        return self.current_leader()

    def assignments_by_worker(self) -> Mapping[str, Sequence[InstanceName]]:
        """Every assignment, by worker id."""
        return self.table.by_worker()
