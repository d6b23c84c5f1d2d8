"""The suite of secrets provider configurators."""

import copy
import json
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from pulsemill.errors import AdmissionError, PulsemillError
from pulsemill.plugins.kinds import SECRETS_CONFIGURATOR
from pulsemill.secrets import SecretsProviderConfigurator
from pulsemill.testing.functions import function_details
from pulsemill.testing.plugins import PluginContract
from pulsemill_instance.proto.Function_pb2 import FunctionDetails

LANGUAGES = pytest.mark.parametrize("language", FunctionDetails.Runtime.values(), ids=FunctionDetails.Runtime.keys())


class SecretsProviderConfiguratorContract(PluginContract):
    """What every SecretsProviderConfigurator must do.

    `secrets` are a function's `secrets` that it accepts, `refused_secrets` such that it refuses (None: there are none).
    """

    kind = SECRETS_CONFIGURATOR
    secrets: ClassVar[Mapping[str, Any]] = {"password": "a-reference"}
    refused_secrets: ClassVar[Mapping[str, Any] | None] = None

    @pytest.fixture
    def configurator(self, plugin_config: Any) -> SecretsProviderConfigurator:
        """The tested configurator, as a worker makes it."""
        constructor: Any = self.plugin_class
        made: SecretsProviderConfigurator = constructor(plugin_config)
        return made

    @pytest.fixture
    def details(self) -> FunctionDetails:
        """A function with secrets."""
        return function_details(secretsMap=json.dumps(self.secrets))

    @LANGUAGES
    def test_it_names_a_provider_for_each_language(
        self, configurator: SecretsProviderConfigurator, details: FunctionDetails, language: FunctionDetails.Runtime
    ) -> None:
        """The name of a class of that language, or nothing."""
        details.runtime = language
        name = configurator.get_secrets_provider_class_name(details)
        assert isinstance(name, str)
        assert name == name.strip()

    @LANGUAGES
    def test_the_providers_configuration_fits_a_command_line(
        self, configurator: SecretsProviderConfigurator, details: FunctionDetails, language: FunctionDetails.Runtime
    ) -> None:
        """It is a mapping that JSON can carry, or None."""
        details.runtime = language
        config = configurator.get_secrets_provider_config(details)
        assert config is None or json.loads(json.dumps(dict(config))) == config

    def test_a_process_gets_environment_variables_or_a_refusal(
        self, configurator: SecretsProviderConfigurator, details: FunctionDetails
    ) -> None:
        """Names and values are text that an environment can hold."""
        try:
            variables = configurator.configure_process_runtime(details)
        except PulsemillError:
            return
        for name, value in variables.items():
            assert name
            assert "=" not in name
            assert "\0" not in name + value

    def test_a_pod_stays_a_manifest(self, configurator: SecretsProviderConfigurator, details: FunctionDetails) -> None:
        """What it changes remains JSON, and the container stays in its pod."""
        container: dict[str, Any] = {"name": "function", "image": "pulsar"}
        pod_spec: dict[str, Any] = {"containers": [container]}
        configurator.configure_kubernetes_runtime(details, pod_spec, container)
        assert json.loads(json.dumps(pod_spec)) == pod_spec
        assert pod_spec["containers"][0] is container
        assert container["name"] == "function"

    def test_it_leaves_the_function_alone(
        self, configurator: SecretsProviderConfigurator, details: FunctionDetails
    ) -> None:
        """A function's details are shared; nobody may change them."""
        before = copy.deepcopy(details)
        configurator.do_admission_checks(details)
        configurator.get_secrets_provider_class_name(details)
        configurator.get_secrets_provider_config(details)
        assert details == before

    def test_a_function_with_or_without_secrets_is_admitted(self, configurator: SecretsProviderConfigurator) -> None:
        """Admission is about the form of secrets."""
        configurator.do_admission_checks(function_details())
        configurator.do_admission_checks(function_details(secretsMap=json.dumps(self.secrets)))

    def test_secrets_of_another_form_are_refused(self, configurator: SecretsProviderConfigurator) -> None:
        """An AdmissionError with a text for the user."""
        if self.refused_secrets is not None:
            with pytest.raises(AdmissionError, match=r"\w"):
                configurator.do_admission_checks(function_details(secretsMap=json.dumps(self.refused_secrets)))
