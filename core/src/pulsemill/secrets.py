"""The contract of a secrets provider configurator: how secrets reach instances, without passing the worker.

Upstream: org.apache.pulsar.functions.secretsproviderconfigurator.SecretsProviderConfigurator.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from pulsemill.plugin import Plugin
from pulsemill_instance.proto.Function_pb2 import FunctionDetails


class SecretsProviderConfigurator(Plugin, ABC):
    """Says which secrets provider an instance uses and prepares its environment. One per worker."""

    def __init__(self, config: Any) -> None:
        self.config = config

    @abstractmethod
    def get_secrets_provider_class_name(self, details: FunctionDetails) -> str:
        """The instance-side class for the function's language, empty for none."""

    def get_secrets_provider_config(self, details: FunctionDetails) -> Mapping[str, Any] | None:
        """What the instance-side class is initialized with."""
        return None

    def configure_process_runtime(self, details: FunctionDetails) -> Mapping[str, str]:
        """Environment variables to add to an instance that runs as a process."""
        return {}

    def configure_kubernetes_runtime(
        self, details: FunctionDetails, pod_spec: dict[str, Any], container: dict[str, Any]
    ) -> None:
        """Change a pod's manifest (Kubernetes JSON shapes) in place so that it receives its secrets."""
        return

    def do_admission_checks(self, details: FunctionDetails) -> None:
        """Raise AdmissionError when the function's secrets are not of this configurator's form."""
        return
