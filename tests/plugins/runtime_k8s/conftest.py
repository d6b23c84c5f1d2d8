from collections.abc import Callable
from typing import Any

import attrs
import pytest

from pulsemill.config.structuring import structure
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.runtime import FunctionPackage, InstanceConfig
from pulsemill.secrets_configurators import DefaultSecretsProviderConfigurator
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_k8s.config import KubernetesRuntimeFactoryConfig
from pulsemill_runtime_k8s.manifests import ObjectPlan, plan_objects
from pulsemill_runtime_k8s.settings import Settings, settings_of

WORKER = {
    "pulsarServiceUrl": "pulsar://broker.pulsar:6650",
    "pulsarWebServiceUrl": "http://broker.pulsar:8080",
    "downloadDirectory": "",
}
FILES = {FunctionDetails.PYTHON: "exclaim.py", FunctionDetails.JAVA: "exclaim.jar", FunctionDetails.GO: "exclaim"}


def _settings(worker: dict[str, Any] | None = None, **keys: Any) -> Settings:
    return settings_of(
        structure(keys, KubernetesRuntimeFactoryConfig), structure(WORKER | (worker or {}), WorkerConfig)
    )


def _details(runtime: "FunctionDetails.Runtime.ValueType" = FunctionDetails.PYTHON, **fields: Any) -> FunctionDetails:
    details = FunctionDetails(
        tenant="acme",
        namespace="ns",
        name="exclaim",
        runtime=runtime,
        autoAck=True,
        parallelism=2,
        componentType=FunctionDetails.FUNCTION,
    )
    details.source.inputSpecs["persistent://acme/ns/in"].SetInParent()
    details.source.cleanupSubscription = True
    details.sink.topic = "persistent://acme/ns/out"
    details.resources.cpu = 0.5
    details.resources.ram = 1073741824
    details.resources.disk = 10737418240
    for name in fields:
        details.ClearField(name)
    details.MergeFrom(FunctionDetails(**fields))
    return details


def _plan(
    details: FunctionDetails | None = None,
    settings: Settings | None = None,
    package: FunctionPackage | None = None,
    instance: dict[str, Any] | None = None,
    **others: Any,
) -> ObjectPlan:
    details = details or _details()
    made = InstanceConfig(
        function_details=details,
        instance_id=-1,
        function_id="11111111-1111-1111-1111-111111111111",
        function_version="22222222-2222-2222-2222-222222222222",
        cluster_name="standalone",
        health_check_interval_seconds=-1,
    )
    file = FILES[details.runtime]
    package = package or FunctionPackage(code=None, original_name=file, location=f"acme/ns/exclaim/1-{file}")
    others.setdefault("secrets", DefaultSecretsProviderConfigurator(None))
    return plan_objects(attrs.evolve(made, **(instance or {})), package, settings or _settings(), **others)


@pytest.fixture
def new_settings() -> Callable[..., Settings]:
    """Makes settings from keys of functionRuntimeFactoryConfigs and, in `worker`, of functions_worker.yml."""
    return _settings


@pytest.fixture
def new_details() -> Callable[..., FunctionDetails]:
    """Makes the worked example's function in a language, with fields replaced."""
    return _details


@pytest.fixture
def new_plan() -> Callable[..., ObjectPlan]:
    """Plans the objects of a function, the worked example's unless told otherwise."""
    return _plan
