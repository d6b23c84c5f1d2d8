"""Manifest customizers keep their contract."""

from typing import ClassVar

from pulsemill.testing import ManifestCustomizerContract
from pulsemill_customizer_basic.customizer import BasicKubernetesManifestCustomizer


class TestBasicKubernetesManifestCustomizer(ManifestCustomizerContract):
    plugin_class = BasicKubernetesManifestCustomizer
    configuration: ClassVar = {
        "extraLabels": {"team": "data"},
        "tolerations": [{"key": "dedicated", "operator": "Exists"}],
        "resourceRequirements": {"requests": {"cpu": 1}},
    }
    custom_runtime_options: ClassVar = {
        "jobNamespace": "functions",
        "jobName": "mine",
        "extraLabels": {"cost": "high"},
        "extraAnnotations": {"acme.com/note": "any text"},
        "nodeSelectorLabels": {"disk": "ssd"},
        "resourceRequirements": {"limits": {"memory": "2Gi"}},
    }
    refused_options: ClassVar = '{"extraLabels": ["a"]}'
