"""Which object of the cluster's side of a worker knows which: the wiring, and nothing else."""

import attrs
import pulsar.asyncio

from pulsemill.cluster.assignments import AssignmentTable
from pulsemill.cluster.leader import LeaderService
from pulsemill.cluster.membership import SoleMembership
from pulsemill.cluster.metadata import FunctionMetaDataManager
from pulsemill.cluster.scheduler_manager import Clock, SchedulerManager
from pulsemill.cluster.tailer import TopicTailer
from pulsemill.cluster.topic_log import PulsarTopicLog
from pulsemill.cluster.topics import ClusterTopics
from pulsemill.cluster.view import ClusterView
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.rest.ports import WorkerInfo


@attrs.frozen
class ClusterParts:
    """What a worker takes part in its cluster with. Nothing is started."""

    topics: ClusterTopics
    functions: FunctionMetaDataManager
    table: AssignmentTable
    assignments: TopicTailer
    membership: SoleMembership
    leading: LeaderService
    view: ClusterView

    @classmethod
    def wired(
        cls, config: WorkerConfig, client: pulsar.asyncio.Client, schedule_times: Clock, *, externally_managed: bool
    ) -> "ClusterParts":
        """Make and connect everything. Whoever runs instances listens to `table.on_change`."""
        topics, table = ClusterTopics.of(config), AssignmentTable()
        membership = SoleMembership(WorkerInfo(config.worker_id, config.worker_hostname, config.worker_port or 0))
        assignments = TopicTailer(PulsarTopicLog(client, topics.assignments), table.apply_record)
        functions = FunctionMetaDataManager(
            PulsarTopicLog(client, topics.metadata), config.worker_id, config.use_compacted_metadata_topic
        )
        scheduler = SchedulerManager(functions.all, table, assignments, membership, externally_managed, schedule_times)
        leading = LeaderService(functions.tailer, assignments, scheduler)
        view = ClusterView(membership, leading, table)
        functions.leader = view.current_leader
        functions.on_change = scheduler.request
        return cls(topics, functions, table, assignments, membership, leading, view)
