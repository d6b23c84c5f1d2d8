"""The suite of manifest customizers."""

import copy
import json
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from pulsemill.customizer import ManifestCustomizer
from pulsemill.errors import AdmissionError
from pulsemill.plugins.kinds import MANIFEST_CUSTOMIZER
from pulsemill.testing.functions import function_details
from pulsemill.testing.plugins import PluginContract
from pulsemill_instance.proto.Function_pb2 import FunctionDetails

CONTAINER: dict[str, Any] = {"name": "pulsarfunction", "image": "apachepulsar/pulsar", "resources": {"requests": {}}}
SERVICE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "pf-tested", "labels": {"app": "pulsar"}},
    "spec": {"clusterIP": "None", "ports": [{"name": "grpc", "port": 9093}]},
}
STATEFUL_SET: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "StatefulSet",
    "metadata": {"name": "pf-tested", "labels": {"app": "pulsar"}},
    "spec": {
        "replicas": 1,
        "selector": {"matchLabels": {"app": "pulsar"}},
        "template": {"metadata": {"labels": {"app": "pulsar"}}, "spec": {"containers": [CONTAINER]}},
    },
}


class ManifestCustomizerContract(PluginContract):
    """What every ManifestCustomizer must do.

    `custom_runtime_options` is a function's option that it accepts, `refused_options` one that it refuses.
    """

    kind = MANIFEST_CUSTOMIZER
    custom_runtime_options: ClassVar[Mapping[str, Any]] = {}
    refused_options: ClassVar[str | None] = None

    @pytest.fixture
    def customizer(self, plugin_config: Any) -> ManifestCustomizer:
        """The tested customizer, as a worker makes it."""
        constructor: Any = self.plugin_class
        made: ManifestCustomizer = constructor(plugin_config)
        return made

    @pytest.fixture(params=["without options", "with options"])
    def details(self, request: pytest.FixtureRequest) -> FunctionDetails:
        """A function without and with customRuntimeOptions."""
        if request.param == "without options":
            return function_details()
        return function_details(customRuntimeOptions=json.dumps(self.custom_runtime_options))

    def test_manifests_stay_manifests_of_the_same_objects(
        self, customizer: ManifestCustomizer, details: FunctionDetails
    ) -> None:
        """What comes out is JSON of the same kind, with its containers."""
        service = customizer.customize_service(details, copy.deepcopy(SERVICE))
        stateful_set = customizer.customize_stateful_set(details, copy.deepcopy(STATEFUL_SET))
        for before, after in ((SERVICE, service), (STATEFUL_SET, stateful_set)):
            assert json.loads(json.dumps(after)) == after
            assert [after[key] for key in ("apiVersion", "kind")] == [before[key] for key in ("apiVersion", "kind")]
        assert stateful_set["spec"]["template"]["spec"]["containers"]

    def test_selectors_still_find_the_pods(self, customizer: ManifestCustomizer, details: FunctionDetails) -> None:
        """A StatefulSet whose selector misses its own template is refused by Kubernetes."""
        stateful_set = customizer.customize_stateful_set(details, copy.deepcopy(STATEFUL_SET))
        labels = stateful_set["spec"]["template"]["metadata"]["labels"]
        assert stateful_set["spec"]["selector"]["matchLabels"].items() <= labels.items()

    def test_arguments_are_left_alone(self, customizer: ManifestCustomizer, details: FunctionDetails) -> None:
        """Every method returns the manifest to use; the one given is the caller's."""
        service, stateful_set, before = copy.deepcopy(SERVICE), copy.deepcopy(STATEFUL_SET), copy.deepcopy(details)
        customizer.customize_service(details, service)
        customizer.customize_stateful_set(details, stateful_set)
        assert (service, stateful_set, details) == (SERVICE, STATEFUL_SET, before)

    def test_the_same_function_gets_the_same_again(
        self, customizer: ManifestCustomizer, details: FunctionDetails
    ) -> None:
        """Otherwise a restarted worker would not recognize its objects."""
        first, second = (
            (
                customizer.customize_namespace(details, "default"),
                customizer.customize_name(details, "pf-tested"),
                customizer.customize_service(details, copy.deepcopy(SERVICE)),
                customizer.customize_stateful_set(details, copy.deepcopy(STATEFUL_SET)),
            )
            for _ in range(2)
        )
        assert first == second
        assert all(first[:2])

    def test_a_function_in_its_form_is_admitted(self, customizer: ManifestCustomizer, details: FunctionDetails) -> None:
        """With options or without."""
        customizer.do_admission_checks(details)

    def test_options_of_another_form_are_refused(self, customizer: ManifestCustomizer) -> None:
        """An AdmissionError with a text for the user."""
        if self.refused_options is not None:
            with pytest.raises(AdmissionError, match=r"\w"):
                customizer.do_admission_checks(function_details(customRuntimeOptions=self.refused_options))
