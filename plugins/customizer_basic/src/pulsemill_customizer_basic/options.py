"""The options, as the worker's configuration and each function give them.

Upstream: org.apache.pulsar.functions.runtime.kubernetes.BasicKubernetesManifestCustomizer.RuntimeOpts.
"""

from typing import Any

import attrs

from pulsemill_customizer_basic.names import check_extra_labels, check_keys, check_labels, check_namespace
from pulsemill_customizer_basic.quantities import QuantityError, canonical


def _check_quantity(_: Any, attribute: "attrs.Attribute[Any]", value: str | None) -> None:
    try:
        canonical(value or "0")
    except QuantityError as error:
        raise ValueError(f"'{attribute.name}' {error}") from error


@attrs.frozen
class ResourceAmounts:
    """Quantities, in the form that they were given."""

    cpu: str | None = attrs.field(default=None, validator=_check_quantity)
    memory: str | None = attrs.field(default=None, validator=_check_quantity)

    def merged(self, own: "ResourceAmounts") -> "ResourceAmounts":
        """Each from the function if it gives it."""
        return ResourceAmounts(own.cpu or self.cpu, own.memory or self.memory)

    def quantities(self) -> dict[str, str]:
        """Those that are given, as they stand in a manifest."""
        given = {"cpu": self.cpu, "memory": self.memory}
        return {name: canonical(text) for name, text in given.items() if text}


@attrs.frozen
class ResourceRequirements:
    """Of every container."""

    requests: ResourceAmounts = attrs.field(factory=ResourceAmounts)
    limits: ResourceAmounts = attrs.field(factory=ResourceAmounts)

    def merged(self, own: "ResourceRequirements") -> "ResourceRequirements":
        """Entry by entry."""
        return ResourceRequirements(self.requests.merged(own.requests), self.limits.merged(own.limits))


@attrs.frozen
class Toleration:
    """As in a pod (Kubernetes' Toleration)."""

    key: str | None = None
    operator: str | None = None
    value: str | None = None
    effect: str | None = None
    toleration_seconds: int | None = None

    def manifest(self) -> dict[str, Any]:
        """What is given of it."""
        fields = {
            "key": self.key,
            "operator": self.operator,
            "value": self.value,
            "effect": self.effect,
            "tolerationSeconds": self.toleration_seconds,
        }
        return {name: value for name, value in fields.items() if value is not None}


@attrs.frozen
class RuntimeOptions:
    """runtimeCustomizerConfig, or customRuntimeOptions of one function. Empty texts count as not given."""

    job_namespace: str = attrs.field(default="", validator=check_namespace)
    job_name: str = ""
    extra_labels: dict[str, str] = attrs.field(factory=dict, validator=check_extra_labels)
    extra_annotations: dict[str, str] = attrs.field(factory=dict, validator=check_keys)
    node_selector_labels: dict[str, str] = attrs.field(factory=dict, validator=check_labels)
    tolerations: tuple[Toleration, ...] = ()
    resource_requirements: ResourceRequirements = attrs.field(factory=ResourceRequirements)

    def merged(self, own: "RuntimeOptions") -> "RuntimeOptions":
        """These as the base, with a function's own over them."""
        return RuntimeOptions(
            job_namespace=own.job_namespace or self.job_namespace,
            job_name=own.job_name or self.job_name,
            extra_labels=self.extra_labels | own.extra_labels,
            extra_annotations=self.extra_annotations | own.extra_annotations,
            node_selector_labels=self.node_selector_labels | own.node_selector_labels,
            tolerations=self.tolerations + own.tolerations,
            resource_requirements=self.resource_requirements.merged(own.resource_requirements),
        )
