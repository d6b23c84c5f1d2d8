"""The suites fail for classes that break their contracts: a suite that lets them pass would prove nothing."""

import os
import re
import subprocess
import sys

import pytest

BROKEN = """
from pulsemill.customizer import ManifestCustomizer
from pulsemill.secrets_configurators import DefaultSecretsProviderConfigurator
from pulsemill.testing import (
    FunctionAuthProviderContract,
    ManifestCustomizerContract,
    SecretsProviderConfiguratorContract,
)
from pulsemill.token_auth import ClearTextFunctionTokenAuthProvider


class Nameless(DefaultSecretsProviderConfigurator):
    names = ()

class TestNameless(SecretsProviderConfiguratorContract):
    plugin_class = Nameless


class TestUnknownKey(SecretsProviderConfiguratorContract):
    plugin_class = DefaultSecretsProviderConfigurator
    configuration = {"url": "x"}


class TestOtherKind(SecretsProviderConfiguratorContract):
    plugin_class = ClearTextFunctionTokenAuthProvider


class Meddling(DefaultSecretsProviderConfigurator):
    def get_secrets_provider_class_name(self, details):
        details.className = "other"
        return None

    def get_secrets_provider_config(self, details):
        return {"at": object()}

    def configure_process_runtime(self, details):
        return {"A=B": "c"}

    def configure_kubernetes_runtime(self, details, pod_spec, container):
        pod_spec["containers"] = [dict(container, name="mine")]

class TestMeddling(SecretsProviderConfiguratorContract):
    plugin_class = Meddling
    refused_secrets = {"password": 1}


class Leaking(ClearTextFunctionTokenAuthProvider):
    async def cache_auth_data(self, details, caller):
        self.token = caller.token
        return "text"

    async def clean_up_auth_data(self, details, auth_spec):
        raise KeyError("gone")

    def configure_authentication_config(self, auth_config, auth_spec):
        return auth_config

    def __repr__(self):
        return self.token

class TestLeaking(FunctionAuthProviderContract):
    plugin_class = Leaking


class Careless(ManifestCustomizer):
    names = ("careless",)
    calls = 0

    def customize_name(self, details, name):
        Careless.calls += 1
        return f"{name}-{self.calls}"

    def customize_stateful_set(self, details, stateful_set):
        stateful_set["spec"]["template"]["metadata"]["labels"] = {}
        return stateful_set

    def customize_service(self, details, service):
        return {**service, "kind": "Pod"}

class TestCareless(ManifestCustomizerContract):
    plugin_class = Careless
    refused_options = "no JSON"
"""
FOUND = {
    "TestNameless": {"test_each_of_its_names_selects_it"},
    "TestUnknownKey": {"test_it_knows_every_key_of_its_configuration"},
    "TestOtherKind": {
        "test_its_class_is_of_the_hooks_kind",
        "test_each_of_its_names_selects_it",
        "test_its_import_path_selects_it",
    },
    "TestMeddling": {
        "test_it_names_a_provider_for_each_language",
        "test_the_providers_configuration_fits_a_command_line",
        "test_a_process_gets_environment_variables_or_a_refusal",
        "test_a_pod_stays_a_manifest",
        "test_it_leaves_the_function_alone",
        "test_secrets_of_another_form_are_refused",
    },
    "TestLeaking": {
        "test_what_registration_keeps_configures_instances",
        "test_a_function_without_kept_data_does_not_get_the_workers_credentials",
        "test_clean_up_can_be_repeated",
        "test_the_token_never_shows",
    },
    "TestCareless": {
        "test_manifests_stay_manifests_of_the_same_objects",
        "test_selectors_still_find_the_pods",
        "test_arguments_are_left_alone",
        "test_the_same_function_gets_the_same_again",
        "test_options_of_another_form_are_refused",
    },
}


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str]]:
    """Which tests of which classes failed."""
    folder = tmp_path_factory.mktemp("broken")
    (folder / "test_broken.py").write_text(BROKEN)
    command = [sys.executable, "-m", "pytest", "-q", "-rf", "-p", "no:cacheprovider", "-c", os.devnull, str(folder)]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    return set(re.findall(r"^(?:FAILED|ERROR) .*::(\w+)::(\w+)", result.stdout, re.MULTILINE))


@pytest.mark.parametrize("name", FOUND)
def test_a_suite_finds_what_is_wrong(name: str, failed: set[tuple[str, str]]) -> None:
    assert FOUND[name] <= {test for cls, test in failed if cls == name}


def test_the_suites_of_a_sound_class_find_nothing(failed: set[tuple[str, str]]) -> None:
    assert ("TestUnknownKey", "test_its_class_is_of_the_hooks_kind") not in failed
    assert ("TestMeddling", "test_its_import_path_selects_it") not in failed
