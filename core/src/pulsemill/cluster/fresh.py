"""Brings a broker to where workers can begin: reached, with the functions namespace and its topics.

Upstream: org.apache.pulsar.functions.worker.PulsarWorkerService.initializeStandaloneWorkerService, and WorkerUtils,
which creates the topics. What exists is never altered.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pulsemill.broker.admin import BrokerAdmin, BrokerAdminError
from pulsemill.cluster.client import BrokerUnreachableError
from pulsemill.cluster.topics import ClusterTopics
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import ConfigurationError

RETRY_SECONDS: Final = 1.0

logger = logging.getLogger(__name__)


async def prepare_broker(admin: BrokerAdmin, config: WorkerConfig) -> None:
    """Wait for the broker and create what it lacks.

    BrokerUnreachableError when none answers, ConfigurationError when the worker does not fit it, BrokerAdminError when
    it refuses something.
    """
    check_cluster(config, await known_clusters(admin, config))
    try:
        await _ensure_namespace(admin, config)
        topics = ClusterTopics.of(config)
        for topic in (topics.assignments.topic, topics.coordination, topics.metadata.topic):
            await admin.create_topic(topic)
    except BrokerAdminError as error:
        if not error.is_refusal:
            raise
        namespace = config.pulsar_functions_namespace
        raise ConfigurationError(
            f"the worker may not use pulsarFunctionsNamespace {namespace}: {error}; to be an admin of the tenant "
            f"{namespace.partition('/')[0]} is enough where that tenant exists"
        ) from error


async def known_clusters(admin: BrokerAdmin, config: WorkerConfig) -> Sequence[str]:
    """The clusters that the broker knows, asked again for initialBrokerReconnectMaxRetries seconds (at least once).

    A new broker answers before it has told itself of its own cluster.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + config.initial_broker_reconnect_max_retries * RETRY_SECONDS
    while True:
        try:
            if (clusters := await admin.clusters()) or loop.time() >= deadline:
                return clusters
            logger.warning("the broker knows of no cluster yet")
        except BrokerAdminError as error:
            if not error.may_heal:
                raise
            if loop.time() >= deadline:
                raise BrokerUnreachableError(str(error)) from error
            logger.warning("no broker yet: %s", error)
        await asyncio.sleep(RETRY_SECONDS)


def check_cluster(config: WorkerConfig, known: Sequence[str]) -> None:
    """ConfigurationError unless pulsarFunctionsCluster is one of the clusters."""
    if config.pulsar_functions_cluster not in known:
        raise ConfigurationError(
            f"pulsarFunctionsCluster {config.pulsar_functions_cluster}: the broker at {config.pulsar_web_service_url} "
            f"knows no such cluster, only {', '.join(sorted(known)) or 'none'}; give the name of its own cluster"
        )


def check_replication(config: WorkerConfig, policies: Mapping[str, Any]) -> None:
    """ConfigurationError unless the functions namespace belongs to this cluster alone.

    Workers of two clusters that share it would take each other's for dead and run each other's functions.
    """
    clusters = policies.get("replication_clusters") or []
    if list(clusters) == [config.pulsar_functions_cluster]:
        return
    raise ConfigurationError(
        f"pulsarFunctionsNamespace {config.pulsar_functions_namespace} is in the clusters {', '.join(clusters)}, but "
        f"must be in {config.pulsar_functions_cluster} (pulsarFunctionsCluster) alone: workers of several clusters "
        "would run each other's functions; give each cluster a namespace of its own, such as "
        f"{config.pulsar_functions_namespace}-{config.pulsar_functions_cluster}"
    )


def namespace_policies(cluster: str) -> Mapping[str, Any]:
    """The policies of a new functions namespace: everything is kept, in this cluster, and no topic ever deleted."""
    return {
        "retention_policies": {"retentionTimeInMinutes": -1, "retentionSizeInMB": -1},
        "replication_clusters": [cluster],
        "inactive_topic_policies": {"maxInactiveDurationSeconds": 0, "deleteWhileInactive": False},
    }


async def _ensure_namespace(admin: BrokerAdmin, config: WorkerConfig) -> None:
    namespace, cluster = config.pulsar_functions_namespace, config.pulsar_functions_cluster
    policies = await admin.namespace_policies(namespace)
    if policies is None:
        tenant = namespace.partition("/")[0]
        if not await admin.tenant_exists(tenant):
            logger.info("creating the tenant %s", tenant)
            await admin.create_tenant(tenant, config.super_user_roles, [cluster])
        logger.info("creating the namespace %s", namespace)
        await admin.create_namespace(namespace, namespace_policies(cluster))
        policies = await admin.namespace_policies(namespace) or {}
    check_replication(config, policies)
