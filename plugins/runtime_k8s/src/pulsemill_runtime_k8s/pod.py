"""The pods of a function (upstream: KubernetesRuntime.getPodSpec, getFunctionContainer)."""

from typing import Any, Final

from pulsemill.secrets import SecretsProviderConfigurator
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_k8s.config import Probes
from pulsemill_runtime_k8s.download import download_commands
from pulsemill_runtime_k8s.instance_line import instance_words
from pulsemill_runtime_k8s.pod_function import PodFunction
from pulsemill_runtime_k8s.resources import resource_requirements
from pulsemill_runtime_k8s.settings import Settings
from pulsemill_runtime_k8s.trust import mount_trust

CONTAINER_NAME: Final = "pulsarfunction"
_GIVE_SHARD_ID: Final = "SHARD_ID=${POD_NAME##*-} && echo shardId=${SHARD_ID}"
_TOLERATION_SECONDS: Final = 10
_TOLERATED: Final = (
    "node.kubernetes.io/not-ready",
    "node.alpha.kubernetes.io/notReady",
    "node.alpha.kubernetes.io/unreachable",
)


def pod_spec(function: PodFunction, secrets: SecretsProviderConfigurator) -> dict[str, Any]:
    """The pods' spec, with the secrets that the configurator brings into it."""
    own = function.settings.own
    container = _container(function)
    spec: dict[str, Any] = {
        "terminationGracePeriodSeconds": own.termination_grace_period_seconds,
        "tolerations": [_toleration(taint) for taint in _TOLERATED],
        "containers": [container],
    }
    if own.service_account_name:
        spec["serviceAccountName"] = own.service_account_name
    if own.image_pull_secrets:
        spec["imagePullSecrets"] = [{"name": name} for name in own.image_pull_secrets]
    if security := _pod_security(function.settings):
        spec["securityContext"] = security
    if own.broker_client_trust_certs_secret_name:
        mount_trust(spec, container, own.broker_client_trust_certs_secret_name)
    secrets.configure_kubernetes_runtime(function.details, spec, container)
    return spec


def shell_line(function: PodFunction) -> str:
    """What the pod's shell does: fetch the code, find out which instance this is, become it."""
    return " && ".join([*download_commands(function), _GIVE_SHARD_ID, " ".join(instance_words(function))])


def _container(function: PodFunction) -> dict[str, Any]:
    settings = function.settings
    container = {
        "name": CONTAINER_NAME,
        "image": settings.docker_image(FunctionDetails.Runtime.Name(function.details.runtime)),
        "imagePullPolicy": settings.image_pull_policy,
        "command": ["sh", "-c", shell_line(function)],
        "env": [{"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
        "ports": _ports(settings),
        "resources": resource_requirements(function.details, settings),
    }
    if settings.own.restricted:
        container["securityContext"] = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    return container | (_probes(settings.own.probes, settings.grpc_port) if settings.own.probes else {})


def _ports(settings: Settings) -> list[dict[str, Any]]:
    metrics = [{"name": "prometheus", "containerPort": settings.metrics_port}] if settings.metrics_port else []
    return [{"name": "grpc", "containerPort": settings.grpc_port}, *metrics]


def _toleration(taint: str) -> dict[str, Any]:
    """Pods move soon when their node is gone."""
    return {"key": taint, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": _TOLERATION_SECONDS}


def _pod_security(settings: Settings) -> dict[str, Any]:
    own = settings.own
    context: dict[str, Any] = {}
    if own.restricted:
        context |= {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    return context if own.run_as_user is None else context | {"runAsUser": own.run_as_user}


def _probes(probes: Probes, port: int) -> dict[str, Any]:
    probe = {
        "tcpSocket": {"port": port},
        "periodSeconds": probes.period_seconds,
        "timeoutSeconds": probes.timeout_seconds,
        "failureThreshold": probes.failure_threshold,
    }
    attempts = -(-probes.start_up_seconds // probes.period_seconds)
    return {"startupProbe": probe | {"failureThreshold": attempts}, "livenessProbe": probe, "readinessProbe": probe}
