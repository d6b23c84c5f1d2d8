"""The plugins of a worker, made from its configuration."""

import sys
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from pulsemill.auth import AuthenticationConfig, FunctionAuthProvider
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import AdmissionError, ConfigurationError, PluginError
from pulsemill.plugins import PluginRegistry, SelectedPlugins
from pulsemill.runtime import FunctionPackage, InstanceConfig, Runtime, RuntimeFactory
from pulsemill.worker.runtime_setup import RuntimeSetup, authentication
from pulsemill_instance.proto.Function_pb2 import FunctionDetails


@attrs.frozen
class OwnConfig:
    """The configuration of the runtime below."""

    log_directory: str = "logs"


class OwnRuntimeFactory(RuntimeFactory):
    """Selected by its import path."""

    config_class = OwnConfig

    def do_admission_checks(self, details: FunctionDetails) -> None:
        if details.runtime == FunctionDetails.JAVA:
            raise AdmissionError("no Java here")

    async def create_container(self, instance: InstanceConfig, package: FunctionPackage) -> Runtime:
        raise NotImplementedError


@pytest.fixture
def selected() -> Callable[..., SelectedPlugins]:
    def make(**config: Any) -> SelectedPlugins:
        given = {"function_runtime_factory_class_name": f"{__name__}:OwnRuntimeFactory", **config}
        return SelectedPlugins(PluginRegistry.installed(), WorkerConfig(**given))

    return make


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The import path of the class above works however the test module was imported."""
    monkeypatch.setitem(sys.modules, __name__, sys.modules.get(__name__) or __import__(__name__))


def test_the_runtime_gets_its_configuration_and_its_surroundings(selected: Callable[..., SelectedPlugins]) -> None:
    setup = RuntimeSetup.selected(selected(function_runtime_factory_configs={"logDirectory": "here"}))
    assert setup.factory.config == OwnConfig("here")
    assert setup.factory.context.secrets is setup.secrets
    assert setup.factory.context.authentication is None
    assert setup.auth_provider is None


def test_functions_are_admitted_by_the_runtime(selected: Callable[..., SelectedPlugins]) -> None:
    setup = RuntimeSetup.selected(selected())
    setup.check_admission(FunctionDetails(runtime=FunctionDetails.PYTHON))
    with pytest.raises(AdmissionError, match="no Java here"):
        setup.check_admission(FunctionDetails(runtime=FunctionDetails.JAVA))


def test_with_authentication_there_is_a_provider_and_the_workers_credentials_stay_out_of_sight(
    selected: Callable[..., SelectedPlugins],
) -> None:
    plugins = selected(
        authentication_enabled=True,
        function_auth_provider_class_name="clear-text-token",
        broker_client_authentication_plugin="plugin",
        broker_client_authentication_parameters="token:hidden",
    )
    setup = RuntimeSetup.selected(plugins)
    assert isinstance(setup.auth_provider, FunctionAuthProvider)
    given = setup.factory.context.authentication
    assert given is not None
    assert given.client_authentication_parameters == "token:hidden"
    assert "hidden" not in repr(given)


def test_without_authentication_instances_have_none() -> None:
    assert authentication(WorkerConfig(broker_client_authentication_plugin="plugin")) is None


def test_with_tls_alone_instances_get_trust_and_no_credentials() -> None:
    config = WorkerConfig(
        pulsar_service_url="pulsar+ssl://broker:6651",
        broker_client_authentication_plugin="plugin",
        broker_client_authentication_parameters="hidden",
        broker_client_trust_certs_file_path="trusted.pem",
        tls_enable_hostname_verification=True,
    )
    assert authentication(config) == AuthenticationConfig(
        use_tls=True, tls_trust_certs_file_path="trusted.pem", tls_hostname_verification_enable=True
    )


def test_an_unknown_key_of_a_plugin_is_logged_or_refused(
    selected: Callable[..., SelectedPlugins], caplog: pytest.LogCaptureFixture
) -> None:
    plugins = selected(function_runtime_factory_configs={"logDirectry": "here"})
    RuntimeSetup.selected(plugins)
    assert caplog.text.count("functionRuntimeFactoryConfigs.logDirectry") == 1
    with pytest.raises(ConfigurationError, match="logDirectry"):
        RuntimeSetup.selected(plugins, strict=True)


def test_an_unknown_runtime_is_an_error(selected: Callable[..., SelectedPlugins]) -> None:
    with pytest.raises(PluginError, match="nowhere"):
        RuntimeSetup.selected(selected(function_runtime_factory_class_name="nowhere"))
