"""Which object of a worker knows which: the wiring, and nothing else."""

import attrs
import pulsar.asyncio

from pulsemill.broker.port import ClientBroker
from pulsemill.cluster.assignments import AssignmentTable
from pulsemill.cluster.leader import LeaderService
from pulsemill.cluster.membership import SoleMembership
from pulsemill.cluster.metadata import FunctionMetaDataManager
from pulsemill.cluster.scheduler_manager import SchedulerManager
from pulsemill.cluster.tailer import TopicTailer
from pulsemill.cluster.topic_log import PulsarTopicLog
from pulsemill.cluster.topics import ClusterTopics
from pulsemill.cluster.view import ClusterView
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.packages.provider import PackageProvider
from pulsemill.packages.store import PackageStore
from pulsemill.rest.ports import WorkerInfo
from pulsemill.rest.services import RestPorts
from pulsemill.worker.cleanup import Cleanup, subscription_deleter
from pulsemill.worker.instances import Instances
from pulsemill.worker.metrics import WorkerMetrics
from pulsemill.worker.runtime_manager import FunctionRuntimeManager
from pulsemill.worker.runtime_setup import RuntimeSetup
from pulsemill.worker.spawners import Spawners


@attrs.frozen
class WorkerParts:
    """What a worker is made of. Nothing is started."""

    topics: ClusterTopics
    functions: FunctionMetaDataManager
    assignments: TopicTailer
    leading: LeaderService
    membership: SoleMembership
    view: ClusterView
    manager: FunctionRuntimeManager
    metrics: WorkerMetrics
    ports: RestPorts

    @classmethod
    def wired(cls, config: WorkerConfig, setup: RuntimeSetup, client: pulsar.asyncio.Client) -> "WorkerParts":
        """Make and connect everything."""
        topics = ClusterTopics.of(config)
        table = AssignmentTable()
        membership = SoleMembership(WorkerInfo(config.worker_id, config.worker_hostname, config.worker_port or 0))
        assignments = TopicTailer(PulsarTopicLog(client, topics.assignments), table.apply_record)
        functions = FunctionMetaDataManager(
            PulsarTopicLog(client, topics.metadata), config.worker_id, config.use_compacted_metadata_topic
        )
        metrics = WorkerMetrics(config.pulsar_functions_cluster)
        scheduler = SchedulerManager(
            functions=functions.all,
            table=table,
            tailer=assignments,
            workers=membership,
            externally_managed=setup.factory.externally_managed,
            times=metrics.schedule,
        )
        leading = LeaderService(functions.tailer, assignments, scheduler)
        view = ClusterView(membership, leading, table)
        store = PackageStore.from_config(config)
        packages = PackageProvider.from_config(config, store)
        manager = FunctionRuntimeManager(
            worker_id=config.worker_id,
            functions=functions.table,
            assignments=table,
            packages=packages,
            new_spawner=Spawners(config, setup.factory, packages, metrics.start_instance),
            after_delete=Cleanup(subscription_deleter(client), setup.auth_provider).after_delete,
            externally_managed=setup.factory.externally_managed,
            stop_times=metrics.stop_instance,
        )
        functions.leader = view.current_leader
        functions.on_change = scheduler.request
        table.on_change = manager.on_change
        metrics.instance_count = lambda: len(table.by_worker().get(config.worker_id, ()))
        metrics.leader_gauges = lambda: leader_gauges(functions) if leading.is_leader else {}
        ports = RestPorts(
            config=config,
            functions=functions,
            instances=Instances(manager, table, metrics, view.member, setup.check_admission),
            membership=view,
            broker=ClientBroker(client),
            packages=store,
            auth_provider=setup.auth_provider,
        )
        return cls(topics, functions, assignments, leading, membership, view, manager, metrics, ports)


def leader_gauges(functions: FunctionMetaDataManager) -> dict[str, float]:
    """The gauges that only a leader shows."""
    details = [metadata.functionDetails for metadata in functions.all()]
    return {
        "total_function_count": len(details),
        "total_expected_instance_count": sum(one.parallelism for one in details),
        "is_leader": 1,
    }
