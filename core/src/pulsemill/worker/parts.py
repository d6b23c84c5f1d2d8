"""Which object of a worker knows which: the wiring, and nothing else."""

import attrs
import pulsar.asyncio

from pulsemill.broker.admin import BrokerAdmin
from pulsemill.broker.port import AdminBroker, ClientBroker
from pulsemill.cluster.duties import Duty
from pulsemill.cluster.parts import ClusterParts
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.packages.builtins import Builtins
from pulsemill.packages.choice import PackageSurroundings, package_reader
from pulsemill.packages.peers import PeerPackages
from pulsemill.packages.provider import PackageDescriber, PackageProvider
from pulsemill.packages.store import PackageStore
from pulsemill.rest.services import RestPorts
from pulsemill.runtime import RuntimeFactory
from pulsemill.security.guard import Guard
from pulsemill.security.policies import BrokerPolicies
from pulsemill.state.worker_state import WorkerState
from pulsemill.worker.cleanup import Cleanup, pattern_deleter, subscription_deleter
from pulsemill.worker.instances import Instances
from pulsemill.worker.leftovers import Leftovers
from pulsemill.worker.metrics import WorkerMetrics
from pulsemill.worker.runtime_manager import FunctionRuntimeManager
from pulsemill.worker.runtime_setup import RuntimeSetup
from pulsemill.worker.spawners import Spawners


@attrs.frozen
class WorkerParts:
    """What a worker is made of. Nothing is started."""

    cluster: ClusterParts
    manager: FunctionRuntimeManager
    metrics: WorkerMetrics
    ports: RestPorts

    @classmethod
    def wired(
        cls, config: WorkerConfig, setup: RuntimeSetup, client: pulsar.asyncio.Client, admin: BrokerAdmin | None
    ) -> "WorkerParts":
        """Make and connect everything."""
        metrics = WorkerMetrics(config.pulsar_functions_cluster)
        external = setup.factory.externally_managed
        cluster = ClusterParts.wired(config, client, admin, metrics, externally_managed=external)
        store = PackageStore.from_config(config)
        around = PackageSurroundings(client, admin, package_peers(cluster))
        reader = package_reader(config, store, around)
        builtins = Builtins.from_config(config)
        packages = PackageDescriber() if external else PackageProvider.from_config(config, reader, builtins)
        state = WorkerState.at(config.state_storage_service_url)
        leftovers = Leftovers(
            cleanup(setup, client, admin, state, keeps_tenants_apart=config.authorization_enabled),
            cluster.functions.deletions,
            cluster.functions.all,
            cluster.table,
            config.worker_id,
            lambda: cluster.functions.has_gaps,
        )
        cluster.leading.duties.add(orphans_duty(config, setup.factory, cluster, leftovers if admin else None))
        manager = FunctionRuntimeManager(
            worker_id=config.worker_id,
            functions=cluster.functions.table,
            assignments=cluster.table,
            packages=packages,
            new_spawner=Spawners(config, setup.factory, packages, metrics.start_instance),
            after_delete=leftovers.after_delete,
            externally_managed=external,
            stop_times=metrics.stop_instance,
        )
        cluster.table.on_change = manager.on_change
        metrics.instance_count = lambda: len(cluster.table.by_worker().get(config.worker_id, ()))
        metrics.leader_gauges = lambda: leader_gauges(cluster)
        ports = RestPorts(
            config=config,
            functions=cluster.functions,
            instances=Instances(
                manager, cluster.table, metrics, cluster.view.member, setup.check_admission, cluster.peers
            ),
            membership=cluster.view,
            broker=AdminBroker(client, admin) if admin else ClientBroker(client),
            packages=store,
            reader=reader,
            builtins=builtins,
            auth_provider=setup.auth_provider,
            state=state,
            guard=Guard.from_config(config, BrokerPolicies(admin) if admin else None),
        )
        return cls(cluster, manager, metrics, ports)


def orphans_duty(
    config: WorkerConfig, factory: RuntimeFactory, cluster: ClusterParts, leftovers: Leftovers | None
) -> Duty:
    """Deleting what a worker left behind that died in the midst of deleting a function.

    Pods before subscriptions: one that still starts would subscribe again. Without the broker's admin API no cleanup is
    repeated: the client would make topics anew that are gone. Nothing is done while functions may be missing here: some
    that cannot be read, or, where the broker was lost, what another leader registered meanwhile.
    """

    async def work() -> None:
        await cluster.functions.catch_up()
        if cluster.functions.has_gaps or not cluster.view.is_leader_ready:
            return
        try:
            if factory.externally_managed:
                await factory.delete_orphans(cluster.functions.all, cluster.functions.deletions.due())
        finally:
            if leftovers:
                await leftovers.look_again()

    return Duty("orphan-check", config.pulsemill.orphan_check_seconds, work)


def cleanup(
    setup: RuntimeSetup,
    client: pulsar.asyncio.Client,
    admin: BrokerAdmin | None,
    state: WorkerState | None,
    *,
    keeps_tenants_apart: bool,
) -> Cleanup:
    """What removes subscriptions and credentials, through the admin API where there is one."""
    if admin is None:
        return Cleanup(subscription_deleter(client), setup.auth_provider, None, state, keeps_tenants_apart)
    of_pattern = pattern_deleter(admin)
    return Cleanup(admin.delete_subscription, setup.auth_provider, of_pattern, state, keeps_tenants_apart)


def package_peers(cluster: ClusterParts) -> PeerPackages:
    """The other workers, as sources of packages that only they can read."""

    async def addresses() -> list[str]:
        others = [one for one in await cluster.view.members() if one.worker_id != cluster.view.worker_id]
        return [f"{cluster.peers.scheme}://{one.worker_hostname}:{one.port}" for one in others]

    return PeerPackages(addresses, cluster.peers.headers, cluster.peers.transport, cluster.peers.verify)


def leader_gauges(cluster: ClusterParts) -> dict[str, float]:
    """The gauges that only a leader shows."""
    if not cluster.leading.is_leader:
        return {}
    details = [metadata.functionDetails for metadata in cluster.functions.all()]
    return {
        "total_function_count": len(details),
        "total_expected_instance_count": sum(one.parallelism for one in details),
        "is_leader": 1,
    }
