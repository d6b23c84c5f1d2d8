"""The contract of a manifest customizer: changes to what the Kubernetes runtime creates.

Upstream: org.apache.pulsar.functions.runtime.kubernetes.KubernetesManifestCustomizer. Manifests are in the
JSON shapes of the Kubernetes API; every method returns the manifest to use and leaves its argument alone.
"""

from abc import ABC
from typing import Any

from pulsemill.plugin import Plugin
from pulsemill_instance.proto.Function_pb2 import FunctionDetails

Manifest = dict[str, Any]


class ManifestCustomizer(Plugin, ABC):
    """Customizes the objects of each function. One per worker."""

    def __init__(self, config: Any) -> None:
        self.config = config

    def do_admission_checks(self, details: FunctionDetails) -> None:
        """Raise AdmissionError when the function's customRuntimeOptions are not of this customizer's form."""
        return

    def customize_namespace(self, details: FunctionDetails, namespace: str) -> str:
        """The Kubernetes namespace of the function's objects."""
        return namespace

    def customize_name(self, details: FunctionDetails, name: str) -> str:
        """The name of the function's objects."""
        return name

    def customize_service(self, details: FunctionDetails, service: Manifest) -> Manifest:
        """The function's Service. Asked at registration too: an AdmissionError refuses the function there."""
        return service

    def customize_stateful_set(self, details: FunctionDetails, stateful_set: Manifest) -> Manifest:
        """The function's StatefulSet."""
        return stateful_set
