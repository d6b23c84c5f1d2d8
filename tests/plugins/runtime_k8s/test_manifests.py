"""What holds for the objects of every function."""

import json
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pulsemill.config.structuring import structure
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.customizer import Manifest, ManifestCustomizer
from pulsemill.runtime import FunctionPackage, InstanceConfig
from pulsemill.secrets import SecretsProviderConfigurator
from pulsemill.secrets_configurators import NameAndConfig, NameAndConfigBasedSecretsProviderConfigurator
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_k8s.admissible import problem_of
from pulsemill_runtime_k8s.config import KubernetesRuntimeFactoryConfig
from pulsemill_runtime_k8s.manifests import ObjectPlan, plan_objects
from pulsemill_runtime_k8s.settings import settings_of

texts = st.text(st.characters(exclude_categories=["Cs"]))
names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)
functions = st.builds(
    FunctionDetails,
    tenant=names,
    namespace=names,
    name=names,
    className=texts,
    userConfig=texts,
    logTopic=texts,
    parallelism=st.integers(1, 100),
    runtime=st.sampled_from([FunctionDetails.PYTHON, FunctionDetails.JAVA, FunctionDetails.GO]),
    componentType=st.sampled_from([FunctionDetails.FUNCTION, FunctionDetails.SOURCE, FunctionDetails.SINK]),
)
keys = st.fixed_dictionaries(
    {},
    optional={
        "jobName": names.map(lambda name: f"j{name}".rstrip()).filter(lambda name: problem_of("jobName", name) is None),
        "customLabels": st.dictionaries(st.sampled_from(["app", "x.y/z", "component"]), texts),
        "percentMemoryPadding": st.integers(0, 100),
        "cpuOverCommitRatio": st.floats(1, 10),
        "metricsPort": st.integers(0, 65535).filter(lambda port: port != 9093),
    },
)


class AddsEnvironment(SecretsProviderConfigurator):
    def get_secrets_provider_class_name(self, details: FunctionDetails) -> str:
        return ""

    def configure_kubernetes_runtime(
        self, details: FunctionDetails, pod_spec: dict[str, Any], container: dict[str, Any]
    ) -> None:
        assert pod_spec["containers"] == [container]
        container["env"].append({"name": "SECRET", "value": "x"})


class Moves(ManifestCustomizer):
    def customize_namespace(self, details: FunctionDetails, namespace: str) -> str:
        return f"{namespace}-own"

    def customize_name(self, details: FunctionDetails, name: str) -> str:
        return name or "job"

    def customize_service(self, details: FunctionDetails, service: Manifest) -> Manifest:
        return {**service, "metadata": {"name": "other", "annotations": {"a": "b"}}}

    def customize_stateful_set(self, details: FunctionDetails, stateful_set: Manifest) -> Manifest:
        assert stateful_set["spec"]["template"]["spec"]["containers"][0]["env"][1]["name"] == "SECRET"
        return {**stateful_set, "metadata": {**stateful_set["metadata"], "name": "other", "namespace": "elsewhere"}}


def plan(details: FunctionDetails, config: dict[str, Any], **others: Any) -> ObjectPlan:
    instance = InstanceConfig(
        function_details=details,
        instance_id=-1,
        function_id="11111111-1111-1111-1111-111111111111",
        function_version="22222222-2222-2222-2222-222222222222",
        cluster_name="standalone",
    )
    settings = settings_of(structure(config, KubernetesRuntimeFactoryConfig), WorkerConfig())
    package = FunctionPackage(code=None, original_name="x.py", location="x")
    return plan_objects(instance, package, settings, **({"secrets": AddsEnvironment(None)} | others))


@given(functions, keys)
def test_selectors_find_the_pods_and_everything_is_json(details: FunctionDetails, config: dict[str, Any]) -> None:
    made = plan(details, config)
    spec = made.stateful_set["spec"]
    assert spec["selector"]["matchLabels"] == spec["template"]["metadata"]["labels"] == made.service["spec"]["selector"]
    assert spec["serviceName"] == made.service["metadata"]["name"] == made.stateful_set["metadata"]["name"]
    assert spec["replicas"] == details.parallelism
    for manifest in (made.service, made.stateful_set):
        assert json.loads(json.dumps(manifest)) == manifest


@given(functions, keys)
def test_the_same_function_has_the_same_objects(details: FunctionDetails, config: dict[str, Any]) -> None:
    copy = FunctionDetails.FromString(details.SerializeToString())
    assert plan(details, config) == plan(copy, config)


@given(functions)
def test_instances_read_the_function_that_was_stored(details: FunctionDetails) -> None:
    line = plan(details, {}).stateful_set["spec"]["template"]["spec"]["containers"][0]["command"][2]
    quoted = re.search(r"(?:--function_details|-instance-conf) '([^']*)'", line)
    assert quoted
    read = json.loads(quoted[1])
    if details.runtime == FunctionDetails.GO:
        read = json.loads(read["functionDetails"])
    assert read.get("userConfig", "") == details.userConfig
    assert read.get("name", "") == details.name


def test_a_customizer_comes_after_the_secrets_and_moves_nothing_by_itself() -> None:
    made = plan(
        FunctionDetails(tenant="t", namespace="n", name="f", runtime=FunctionDetails.PYTHON), {}, customizer=Moves(None)
    )
    assert made.namespace == "default-own"
    assert made.name.startswith("job-")
    for manifest in (made.service, made.stateful_set):
        assert (manifest["metadata"]["namespace"], manifest["metadata"]["name"]) == (made.namespace, made.name)
    assert made.service["metadata"]["annotations"] == {"a": "b"}


def test_the_secrets_providers_configuration_is_quoted() -> None:
    secrets = NameAndConfigBasedSecretsProviderConfigurator(NameAndConfig("x.Vault", {"url": "http://v?a=b's"}))
    made = plan(
        FunctionDetails(tenant="t", namespace="n", name="f", runtime=FunctionDetails.PYTHON), {}, secrets=secrets
    )
    line = made.stateful_set["spec"]["template"]["spec"]["containers"][0]["command"][2]
    assert (
        "--secrets_provider x.Vault --secrets_provider_config "
        '\'{"url":"http://v?a\\u003db\\u0027s"}\' --cluster_name' in line
    )
