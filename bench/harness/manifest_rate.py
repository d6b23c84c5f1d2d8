"""How fast manifests are made, without a cluster."""

import time
from typing import Final

from pulsemill.config.structuring import structure
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.runtime import FunctionPackage, InstanceConfig
from pulsemill.secrets_configurators import DefaultSecretsProviderConfigurator
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_k8s.config import KubernetesRuntimeFactoryConfig
from pulsemill_runtime_k8s.manifests import plan_objects
from pulsemill_runtime_k8s.settings import settings_of

WORKER: Final = {"pulsarServiceUrl": "pulsar://broker:6650", "pulsarWebServiceUrl": "http://broker:8080"}


def manifests_per_cpu_second(seconds: float = 1.0) -> float:
    """Services and StatefulSets of a Python function, made one after the other in one thread.

    CPU seconds of this process, which other load on the machine hardly changes.
    """
    settings = settings_of(structure({}, KubernetesRuntimeFactoryConfig), structure(WORKER, WorkerConfig))
    secrets, package = DefaultSecretsProviderConfigurator(None), FunctionPackage(None, "exclaim.py", "t/n/f/exclaim.py")
    instance = InstanceConfig(
        function_details=_details(),
        instance_id=-1,
        function_id="11111111-1111-1111-1111-111111111111",
        function_version="22222222-2222-2222-2222-222222222222",
        cluster_name="standalone",
        health_check_interval_seconds=-1,
    )
    plan_objects(instance, package, settings, secrets)  # the first one imports what the others use
    made, began = 0, time.process_time()
    while time.process_time() - began < seconds:
        plan_objects(instance, package, settings, secrets)
        made += 2
    return made / (time.process_time() - began)


def _details() -> FunctionDetails:
    details = FunctionDetails(tenant="t", namespace="n", name="f", runtime=FunctionDetails.PYTHON, parallelism=2)
    details.source.inputSpecs["persistent://t/n/in"].SetInParent()
    details.sink.topic = "persistent://t/n/out"
    details.resources.cpu, details.resources.ram, details.resources.disk = 0.5, 1 << 30, 10 << 30
    return details
