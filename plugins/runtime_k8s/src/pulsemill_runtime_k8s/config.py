"""The Kubernetes runtime's own configuration.

Every value is judged when the worker starts; upstream finds most of what cannot work at the first function.
"""

import math
import re
from typing import Any, Final

import attrs
from attrs.validators import ge, gt, in_, le, matches_re, optional

from pulsemill.config.keys import key_name
from pulsemill_runtime_k8s.admissible import OBJECT_NAME, PULL_POLICIES, problem_of

LARGEST_PORT: Final = 65535
DEFAULT_METRICS_COLLECTION_SECONDS: Final = 30
LANGUAGES: Final = ("JAVA", "PYTHON", "GO")
IDENTITY_LABELS: Final = ("tenant", "namespace", "name")
_LABEL_KEY: Final = re.compile(r"([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")


def _known_languages(_: object, attribute: "attrs.Attribute[Any]", value: dict[str, str] | None) -> None:
    for language in value or {}:
        if language not in LANGUAGES:
            raise ValueError(f"'{attribute.name}' has the key {language}; expected {', '.join(LANGUAGES)}")


def _harmless_labels(_: object, attribute: "attrs.Attribute[Any]", value: dict[str, str] | None) -> None:
    for label in value or {}:
        if label in IDENTITY_LABELS:
            raise ValueError(f"'{attribute.name}' would replace the label {label}, which tells functions' pods apart")
        if not _LABEL_KEY.fullmatch(label):
            raise ValueError(f"'{attribute.name}' has the label {label}, which Kubernetes does not allow")


def _admissible(_: object, attribute: "attrs.Attribute[Any]", value: str | None) -> None:
    if value and (problem := problem_of(key_name(attribute), value)):
        raise ValueError(f"'{attribute.name}' {problem}")


def _not_less_than_one(_: object, attribute: "attrs.Attribute[Any]", value: float) -> None:
    if not 1 <= value < math.inf:
        raise ValueError(f"'{attribute.name}' must be >= 1: pods would request more than their limit: {value}")


def _not_the_grpc_port(config: Any, attribute: "attrs.Attribute[Any]", value: int) -> None:
    if value == config.grpc_port:
        raise ValueError(f"'{attribute.name}' must differ from grpcPort, which instances listen at too: {value}")


@attrs.frozen(kw_only=True)
class Probes:
    """Probes that open a TCP connection to the instance's gRPC port. Seconds."""

    period_seconds: int = attrs.field(default=10, validator=ge(1))
    timeout_seconds: int = attrs.field(default=5, validator=ge(1))
    failure_threshold: int = attrs.field(default=3, validator=ge(1))
    start_up_seconds: int = attrs.field(default=300, validator=ge(1))


@attrs.frozen(kw_only=True)
class OwnOptions:
    """What upstream does not have; the defaults are upstream's objects.

    `restricted` makes pods that the Pod Security Standard of that name admits. `status_access` is how the worker
    reaches an instance: by the pod's DNS name, its IP, or through the API server; `auto` goes by where the worker runs.
    `python_instance` is whose instance the image for Python functions holds; `auto` takes it for Pulsemill's if the
    image's name says so. `broker_client_trust_certs_secret_name` is a Secret in the namespaces of functions, whose key
    `ca.crt` pods trust.
    """

    service_account_name: str | None = None
    image_pull_secrets: tuple[str, ...] = ()
    restricted: bool = False
    run_as_user: int | None = attrs.field(default=None, validator=optional(ge(0)))
    probes: Probes | None = None
    termination_grace_period_seconds: int = attrs.field(default=0, validator=ge(0))
    status_access: str = attrs.field(default="auto", validator=in_(("auto", "dns", "pod-ip", "port-forward")))
    cluster_domain: str = "cluster.local"
    rbac_check: bool = True
    python_instance: str = attrs.field(default="auto", validator=in_(("auto", "pulsemill", "upstream")))
    broker_client_trust_certs_secret_name: str | None = attrs.field(
        default=None, validator=optional(matches_re(f"({OBJECT_NAME})?"))
    )
    change_config_map_seconds: float = attrs.field(default=300.0, validator=gt(0))


@attrs.frozen(kw_only=True)
class KubernetesRuntimeFactoryConfig:
    """functionRuntimeFactoryConfigs of the Kubernetes runtime (upstream: KubernetesRuntimeFactoryConfig).

    An empty text counts as not set. `settings.settings_of` fills in what is left open.
    """

    k8_uri: str | None = None
    submitting_inside_pod: bool | None = None
    job_namespace: str | None = attrs.field(default=None, validator=_admissible)
    job_name: str | None = attrs.field(default=None, validator=_admissible)
    pulsar_docker_image_name: str | None = None
    function_docker_images: dict[str, str] | None = attrs.field(default=None, validator=_known_languages)
    image_pull_policy: str | None = attrs.field(default=None, validator=optional(in_(("", *PULL_POLICIES))))
    pulsar_root_dir: str | None = None
    config_admin_cli: str | None = attrs.field(default=None, metadata={"key": "configAdminCLI"})
    pulsar_service_url: str | None = None
    pulsar_admin_url: str | None = None
    install_user_code_dependencies: bool | None = None
    python_dependency_repository: str | None = None
    python_extra_dependency_repository: str | None = None
    extra_function_dependencies_dir: str | None = None
    custom_labels: dict[str, str] | None = attrs.field(default=None, validator=_harmless_labels)
    expected_metrics_collection_interval: int | None = DEFAULT_METRICS_COLLECTION_SECONDS
    change_config_map: str | None = attrs.field(default=None, validator=_admissible)
    change_config_map_namespace: str | None = attrs.field(default=None, validator=_admissible)
    percent_memory_padding: int = attrs.field(default=0, validator=ge(0))
    cpu_over_commit_ratio: float = attrs.field(default=1.0, validator=_not_less_than_one)
    memory_over_commit_ratio: float = attrs.field(default=1.0, validator=_not_less_than_one)
    grpc_port: int = attrs.field(default=9093, validator=[ge(1), le(LARGEST_PORT)])
    metrics_port: int = attrs.field(default=9094, validator=[ge(0), le(LARGEST_PORT), _not_the_grpc_port])
    nar_extraction_directory: str = "/tmp"  # noqa: S108 a folder of the pod, and upstream's default
    function_instance_class_path: str | None = None
    grace_period_seconds: int = attrs.field(default=5, validator=ge(0))
    kubernetes_function_auth_provider_config: dict[str, Any] = attrs.field(factory=dict, repr=False)
    pulsemill: OwnOptions = OwnOptions()
