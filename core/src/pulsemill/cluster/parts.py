"""Which object of the cluster's side of a worker knows which: the wiring, and nothing else."""

from functools import partial
from typing import Final

import attrs
import pulsar.asyncio

from pulsemill.broker.admin import BrokerAdmin
from pulsemill.cluster.assignments import AssignmentTable
from pulsemill.cluster.compaction import Compaction
from pulsemill.cluster.duties import Duty, LeaderDuties
from pulsemill.cluster.election import LeaderElection
from pulsemill.cluster.failover_election import FailoverElection
from pulsemill.cluster.leader import LeaderService
from pulsemill.cluster.membership import ClusterMembership, Membership, SoleMembership
from pulsemill.cluster.metadata import FunctionMetaDataManager
from pulsemill.cluster.peers import Peers
from pulsemill.cluster.scheduler_manager import SchedulerManager
from pulsemill.cluster.scheduler_times import SchedulerTimes
from pulsemill.cluster.sole_leader import SoleLeader
from pulsemill.cluster.tailer import TopicTailer
from pulsemill.cluster.topic_log import PulsarTopicLog
from pulsemill.cluster.topics import ClusterTopics
from pulsemill.cluster.view import ClusterView
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.rest.ports import WorkerInfo
from pulsemill.security.broker_client import BrokerClientSecurity

MILLISECONDS: Final = 1000


@attrs.frozen
class ClusterParts:
    """What a worker takes part in its cluster with. Nothing is started."""

    topics: ClusterTopics
    functions: FunctionMetaDataManager
    table: AssignmentTable
    assignments: TopicTailer
    membership: Membership
    election: LeaderElection
    leading: LeaderService
    view: ClusterView
    peers: Peers

    @classmethod
    def wired(
        cls,
        config: WorkerConfig,
        client: pulsar.asyncio.Client,
        admin: BrokerAdmin | None,
        times: SchedulerTimes,
        *,
        externally_managed: bool,
    ) -> "ClusterParts":
        """Make and connect everything. Whoever runs instances listens to `table.on_change`.

        Without the broker's admin API nobody can tell who else is there: the worker is a cluster of one.
        """
        topics, table = ClusterTopics.of(config), AssignmentTable()
        membership, election = _taking_part(config, topics, client, admin)
        assignments = TopicTailer(PulsarTopicLog(client, topics.assignments), table.apply_record)
        functions = FunctionMetaDataManager(
            PulsarTopicLog(client, topics.metadata), config.worker_id, config.use_compacted_metadata_topic
        )
        scheduler = SchedulerManager(functions.all, table, assignments, membership, externally_managed, times)
        duties = LeaderDuties(_duties(config, admin, scheduler, functions.tailer))
        leading = LeaderService(functions.tailer, assignments, scheduler, duties)
        view = ClusterView(membership, leading, table)
        peers = _peers(config)
        functions.leader = view.current_leader
        functions.trouble = lambda: view.trouble
        functions.forward = peers.write
        functions.on_change = scheduler.request
        return cls(topics, functions, table, assignments, membership, election, leading, view, peers)


def _peers(config: WorkerConfig) -> Peers:
    security = BrokerClientSecurity.from_config(config)
    scheme = "https" if _serves_tls(config) else "http"
    return Peers(scheme, security.verify(f"{scheme}:"), security.http_headers)


def _taking_part(
    config: WorkerConfig, topics: ClusterTopics, client: pulsar.asyncio.Client, admin: BrokerAdmin | None
) -> tuple[Membership, LeaderElection]:
    port = config.worker_port_tls if _serves_tls(config) else config.worker_port
    me = WorkerInfo(config.worker_id, config.worker_hostname, port or 0)
    if admin is None:
        alone = SoleMembership(me)
        return alone, SoleLeader(alone)
    membership = ClusterMembership(me, grace_seconds=config.reschedule_timeout_ms / MILLISECONDS)
    rejoin = partial(membership.rejoin, client, topics.coordination)
    return membership, FailoverElection(admin, topics.coordination, membership, rejoin)


def _duties(
    config: WorkerConfig, admin: BrokerAdmin | None, scheduler: SchedulerManager, metadata: TopicTailer
) -> list[Duty]:
    async def check_failures() -> None:
        scheduler.request()

    async def rebalance() -> None:
        scheduler.rebalance()

    async def probe_workers() -> None:
        scheduler.forget_gone_workers()

    if admin is None:
        return []
    duties = [
        Duty("membership-monitor", config.failure_check_freq_ms / MILLISECONDS, check_failures),
        Duty("rebalance-periodic-check", config.rebalance_check_freq_sec, rebalance),
        Duty("drain-worker-list-probe", config.worker_list_probe_interval_sec, probe_workers),
    ]
    # Compaction drops messages without a key, as those of an uncompacted metadata topic are.
    compacted = [scheduler.tailer, *([metadata] if config.use_compacted_metadata_topic else [])]
    every = config.topic_compaction_frequency_sec
    return duties + [Duty(f"compaction of {each.log.topic}", every, Compaction(admin, each).run) for each in compacted]


def _serves_tls(config: WorkerConfig) -> bool:
    return config.tls_enabled and config.worker_port_tls is not None
