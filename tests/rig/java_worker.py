"""Upstream's functions worker beside a broker: the peer to compare with."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import yaml

from tests.rig.broker import Broker
from tests.rig.distribution import PULSAR_VERSION, pulsar_home
from tests.rig.jvm import collector
from tests.rig.ports import free_port
from tests.rig.server import Server
from tests.rig.upstream_python import upstream_python

FUNCTIONS = "org.apache.pulsar.functions"
RUNTIMES = f"{FUNCTIONS}.runtime"
THREAD = {
    "functionRuntimeFactoryClassName": f"{RUNTIMES}.thread.ThreadRuntimeFactory",
    "functionRuntimeFactoryConfigs": {"threadGroupName": "functions"},
}
# Upstream's code defaults are 0 for many periods, and it ends on them.
PERIODS = {
    "failureCheckFreqMs": 30000,
    "rescheduleTimeoutMs": 60000,
    "initialBrokerReconnectMaxRetries": 60,
    "assignmentWriteMaxRetries": 60,
    "instanceLivenessCheckFreqMs": 30000,
    "topicCompactionFrequencySec": 1800,
    "rebalanceCheckFreqSec": -1,
    "metricsSamplingPeriodSec": 60,
}


@attrs.frozen
class JavaWorker:
    """A running worker of upstream's."""

    server: Server
    folder: Path
    web_service_url: str
    functions_namespace: str
    configuration: Mapping[str, Any]


@contextmanager
def running_java_worker(
    folder: Path,
    broker: Broker,
    runtime: str = "thread",
    settings: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Iterator[JavaWorker]:
    """A worker with a functions namespace of its own (`public/functions-PORT`).

    Its runtime is `thread`, `process` or `kubernetes`, which asks the cluster of KUBECONFIG in `environ`. `settings`
    replace keys of its functions_worker.yml.
    """
    folder.mkdir(parents=True, exist_ok=True)
    configuration = worker_configuration(folder, broker, runtime, free_port()) | dict(settings or {})
    (folder / "functions_worker.yml").write_text(yaml.safe_dump(configuration))
    environment = {**java_environ(folder), **(environ or {})}
    server = Server.start("worker", [pulsar_home() / "bin/pulsar", "functions-worker"], folder, environment)
    address = f"http://127.0.0.1:{configuration['workerPort']}"
    server.wait_for(f"{address}/admin/v2/worker/cluster/leader/ready", "true")
    try:
        yield JavaWorker(server, folder, address, configuration["pulsarFunctionsNamespace"], configuration)
    finally:
        server.stop()


def worker_configuration(folder: Path, broker: Broker, runtime: str, port: int) -> dict[str, Any]:
    """The content of a functions_worker.yml that suits both workers."""
    return {
        "workerId": f"java-{port}",
        "workerHostname": "127.0.0.1",
        "workerPort": port,
        "pulsarFunctionsCluster": "standalone",
        "pulsarFunctionsNamespace": f"public/functions-{port}",
        "pulsarServiceUrl": broker.service_url,
        "pulsarWebServiceUrl": broker.web_service_url,
        "stateStorageServiceUrl": broker.state_storage_service_url,
        "numFunctionPackageReplicas": 1,
        "functionsWorkerEnablePackageManagement": True,
        "downloadDirectory": str(folder / "download"),
        "narExtractionDirectory": str(folder / "nar"),
        "connectorsDirectory": str(folder / "connectors"),
        "functionsDirectory": str(folder / "functions"),
        "schedulerClassName": "org.apache.pulsar.functions.worker.scheduler.RoundRobinScheduler",
        "functionAssignmentTopicName": "assignments",
        "functionMetadataTopicName": "metadata",
        "clusterCoordinationTopicName": "coordinate",
        **PERIODS,
        **_runtime(runtime, folder, broker),
    }


def _runtime(runtime: str, folder: Path, broker: Broker) -> dict[str, Any]:
    if runtime == "kubernetes":
        return kubernetes_runtime(broker)
    return THREAD if runtime == "thread" else _process(folder)


def kubernetes_runtime(broker: Broker) -> dict[str, Any]:
    """Keys of a functions_worker.yml for function pods that reach `broker` at its address."""
    return {
        "functionRuntimeFactoryClassName": f"{RUNTIMES}.kubernetes.KubernetesRuntimeFactory",
        "functionRuntimeFactoryConfigs": {
            "jobNamespace": "default",
            "pulsarDockerImageName": f"apachepulsar/pulsar:{PULSAR_VERSION}",
            "submittingInsidePod": False,
            "pulsarServiceUrl": broker.service_url,
            "pulsarAdminUrl": broker.web_service_url,
        },
        "secretsProviderConfiguratorClassName": f"{FUNCTIONS}.secretsproviderconfigurator."
        "KubernetesSecretsProviderConfigurator",
        "runtimeCustomizerClassName": f"{RUNTIMES}.kubernetes.BasicKubernetesManifestCustomizer",
    }


def _process(folder: Path) -> dict[str, Any]:
    return {
        "functionRuntimeFactoryClassName": f"{RUNTIMES}.process.ProcessRuntimeFactory",
        "functionRuntimeFactoryConfigs": {"logDirectory": str(folder / "logs")},
    }


def java_environ(folder: Path) -> dict[str, str]:
    """The environment of a worker whose functions_worker.yml is in `folder`."""
    return {
        "PULSAR_WORKER_CONF": str(folder / "functions_worker.yml"),
        "PULSAR_LOG_DIR": str(folder / "logs"),
        "PULSAR_MEM": "-Xmx512m",
        **collector("-XX:+UseG1GC"),
        "PATH": f"{upstream_python().parent}{os.pathsep}{os.environ['PATH']}",
    }
