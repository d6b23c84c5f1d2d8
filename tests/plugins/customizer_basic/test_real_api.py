"""A real API server takes what customizer and secrets make, and refuses what they refuse."""

import json
from typing import Any

import pytest
from kubernetes import client

from pulsemill.config.structuring import structure
from pulsemill.plugin import NoConfig
from pulsemill.testing import function_details
from pulsemill_customizer_basic.customizer import BasicKubernetesManifestCustomizer
from pulsemill_customizer_basic.options import RuntimeOptions
from pulsemill_secrets_k8s.configurator import KubernetesSecretsProviderConfigurator
from tests.rig.kubernetes.cluster import Cluster

pytestmark = pytest.mark.kubernetes

OPTIONS = {
    "extraLabels": {"acme.com/team": "data", "empty": ""},
    "extraAnnotations": {"acme.com/note": "any text: ü"},
    "nodeSelectorLabels": {"disk": "ssd"},
    "tolerations": [
        {"key": "dedicated", "operator": "Equal", "value": "x", "effect": "NoSchedule"},
        {"operator": "Exists"},
    ],
    "resourceRequirements": {"requests": {"cpu": 0.5, "memory": "1e3"}, "limits": {"cpu": "1500m", "memory": "1.5Gi"}},
}


def manifest() -> dict[str, Any]:
    labels = {"component": "function", "tenant": "public", "namespace": "default", "name": "tested"}
    container: dict[str, Any] = {"name": "pulsarfunction", "image": "none", "env": [{"name": "POD_NAME", "value": "p"}]}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "pf-tested", "labels": labels},
        "spec": {"serviceName": "pf-tested", "selector": {"matchLabels": labels}, "template": template},
    }


def dry_run(cluster: Cluster, namespace: str, stateful_set: dict[str, Any]) -> Any:
    return client.AppsV1Api(cluster.api()).create_namespaced_stateful_set(namespace, stateful_set, dry_run="All")


def test_every_option_is_accepted(cluster: Cluster, kubernetes_namespace: str) -> None:
    customizer = BasicKubernetesManifestCustomizer(structure(OPTIONS, RuntimeOptions))
    details = function_details(customRuntimeOptions=json.dumps(OPTIONS))
    accepted = dry_run(cluster, kubernetes_namespace, customizer.customize_stateful_set(details, manifest()))
    assert accepted.metadata.labels["acme.com/team"] == "data"
    assert len(accepted.spec.template.spec.tolerations) == 4
    (container,) = accepted.spec.template.spec.containers
    assert container.resources.requests == {"cpu": "500m", "memory": "1e3"}
    assert container.resources.limits == {"cpu": "1500m", "memory": "1610612736"}


def test_secrets_are_accepted(cluster: Cluster, kubernetes_namespace: str) -> None:
    secrets = {"PASSWORD": {"path": "database", "key": "pass_word"}, "with space": {"path": "a.b", "key": ".key"}}
    stateful_set = manifest()
    pod = stateful_set["spec"]["template"]["spec"]
    configurator = KubernetesSecretsProviderConfigurator(NoConfig())
    details = function_details(secretsMap=json.dumps(secrets))
    configurator.configure_kubernetes_runtime(details, pod, pod["containers"][0])
    accepted = dry_run(cluster, kubernetes_namespace, stateful_set)
    variables = accepted.spec.template.spec.containers[0].env
    assert [variable.name for variable in variables] == ["POD_NAME", "PASSWORD", "with space"]
    assert variables[1].value_from.secret_key_ref.name == "database"


@pytest.mark.parametrize(
    ("place", "value"),
    [("labels", {"a": "b c"}), ("labels", {"a b": "c"}), ("labels", {"a": "b" * 64}), ("annotations", {"/a": "b"})],
)
def test_what_the_options_refuse_is_refused(
    cluster: Cluster, kubernetes_namespace: str, place: str, value: dict[str, str]
) -> None:
    stateful_set = manifest()
    stateful_set["metadata"][place] = value
    with pytest.raises(client.ApiException) as error:
        dry_run(cluster, kubernetes_namespace, stateful_set)
    assert error.value.status == 422
