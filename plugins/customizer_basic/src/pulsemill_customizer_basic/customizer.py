"""Changes to a function's objects by the worker's configuration and the function's own options.

Upstream: org.apache.pulsar.functions.runtime.kubernetes.BasicKubernetesManifestCustomizer.
"""

from typing import ClassVar

from pulsemill.customizer import Manifest, ManifestCustomizer
from pulsemill_customizer_basic.manifests import customized_service, customized_stateful_set
from pulsemill_customizer_basic.options import RuntimeOptions
from pulsemill_customizer_basic.reading import check_known, function_options
from pulsemill_instance.proto.Function_pb2 import FunctionDetails


class BasicKubernetesManifestCustomizer(ManifestCustomizer):
    """`runtimeCustomizerConfig` is the base, `customRuntimeOptions` of a function, source or sink stand over it."""

    names: ClassVar = ("org.apache.pulsar.functions.runtime.kubernetes.BasicKubernetesManifestCustomizer", "basic")
    config_class: ClassVar = RuntimeOptions

    def do_admission_checks(self, details: FunctionDetails) -> None:
        """Refuse options that are no JSON, of another form or not known."""
        check_known(details)
        self._options(details)

    def customize_namespace(self, details: FunctionDetails, namespace: str) -> str:
        """jobNamespace, if it is given."""
        return self._options(details).job_namespace or namespace

    def customize_name(self, details: FunctionDetails, name: str) -> str:
        """jobName, if it is given."""
        return self._options(details).job_name or name

    def customize_service(self, details: FunctionDetails, service: Manifest) -> Manifest:
        """With extraLabels and extraAnnotations."""
        return customized_service(service, self._options(details))

    def customize_stateful_set(self, details: FunctionDetails, stateful_set: Manifest) -> Manifest:
        """With extraLabels, extraAnnotations, nodeSelectorLabels, tolerations and resourceRequirements."""
        return customized_stateful_set(stateful_set, self._options(details))

    def _options(self, details: FunctionDetails) -> RuntimeOptions:
        base: RuntimeOptions = self.config
        return base.merged(function_options(details))
