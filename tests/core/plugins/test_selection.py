"""The configuration selects plugins and gives each its own configuration, structured."""

from collections.abc import Callable
from typing import Any, ClassVar

import attrs
import pytest

from pulsemill.config.derived import with_derived_values
from pulsemill.config.findings import Origins, Severity
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.customizer import ManifestCustomizer
from pulsemill.errors import ConfigurationError, PluginError, PulsemillError
from pulsemill.plugins import RUNTIME_FACTORY, PluginRegistry, SelectedPlugins, Selection, select
from pulsemill.plugins.discovery import PluginSource
from pulsemill.runtime import FunctionPackage, InstanceConfig, Runtime, RuntimeFactory
from pulsemill.token_auth import ClearTextFunctionTokenAuthProvider

Plug = Callable[..., PluginSource]


@attrs.frozen
class SandboxConfig:
    log_directory: str = "logs"
    memory_limit: int | None = None
    password: str = attrs.field(default="", repr=False)


class SandboxFactory(RuntimeFactory):
    names: ClassVar = ("sandbox",)
    config_class: ClassVar = SandboxConfig

    async def create_container(self, instance: InstanceConfig, package: FunctionPackage) -> Runtime:
        raise NotImplementedError


class Labels(ManifestCustomizer):
    names: ClassVar = ("labels",)


@pytest.fixture
def registry(plug: Plug, installed: PluginRegistry) -> PluginRegistry:
    """The core's plugins and ones of a made-up distribution."""
    core = next(plugin.source for plugin in installed.all() if plugin.source.distribution == "pulsemill")
    return PluginRegistry(
        [
            core,
            plug(
                "acme",
                pulsemill_runtime_factories=lambda: [SandboxFactory],
                pulsemill_manifest_customizers=lambda: [Labels],
            ),
        ]
    )


def selected(registry: PluginRegistry, origins: Origins | None = None, **values: Any) -> SelectedPlugins:
    values = {"function_runtime_factory_class_name": "sandbox", **values}
    config = with_derived_values(WorkerConfig(**values), lambda: "host")
    return SelectedPlugins(registry, config, origins or Origins())


def test_a_runtime_gets_its_configuration(registry: PluginRegistry) -> None:
    configs = {"logDirectory": "x", "memoryLimit": "5"}
    selection = selected(registry, function_runtime_factory_configs=configs).runtime_factory()
    assert (selection.plugin, selection.config) == (SandboxFactory, SandboxConfig("x", 5))
    made = selection.create("context")
    assert (type(made), made.config, made.context) == (SandboxFactory, selection.config, "context")


def test_no_configuration_gives_the_defaults(registry: PluginRegistry) -> None:
    assert selected(registry).runtime_factory().config == SandboxConfig()


def test_a_value_that_does_not_fit_is_told_with_its_path_and_line(registry: PluginRegistry) -> None:
    origins = Origins("f.yml", {"functionRuntimeFactoryConfigs": 3, "functionRuntimeFactoryConfigs.memoryLimit": 4})
    configs = {"memoryLimit": "lots", "logDirectory": []}
    with pytest.raises(ConfigurationError) as caught:
        selected(registry, origins, function_runtime_factory_configs=configs).runtime_factory()
    assert sorted(str(caught.value).splitlines()) == [
        "f.yml:3: functionRuntimeFactoryConfigs.logDirectory: expected text, got []",
        "f.yml:4: functionRuntimeFactoryConfigs.memoryLimit: expected a whole number, got 'lots'",
    ]


def test_a_secret_is_not_told(registry: PluginRegistry) -> None:
    with pytest.raises(ConfigurationError) as caught:
        selected(registry, function_runtime_factory_configs={"password": ["hunter2"]}).runtime_factory()
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(Selection(SandboxFactory, SandboxConfig(password="hunter2")))


def test_an_unknown_key_is_a_finding_with_the_nearest(registry: PluginRegistry) -> None:
    selection = selected(registry, function_runtime_factory_configs={"logDirectry": "x"}).runtime_factory()
    (finding,) = selection.findings
    assert (finding.severity, finding.path) == (Severity.WARNING, "functionRuntimeFactoryConfigs.logDirectry")
    assert finding.message == "is unknown to SandboxFactory and has no effect; did you mean logDirectory?"


def test_what_is_not_configured_is_not_selected(registry: PluginRegistry) -> None:
    plugins = selected(registry)
    assert plugins.manifest_customizer() is None
    assert plugins.function_auth_provider() is None
    assert plugins.secrets_configurator().plugin.__name__ == "DefaultSecretsProviderConfigurator"
    assert [each.plugin.__name__ for each in plugins.all()] == ["DefaultSecretsProviderConfigurator", "SandboxFactory"]


def test_a_customizer_and_an_auth_provider_are_selected(registry: PluginRegistry) -> None:
    plugins = selected(
        registry,
        runtime_customizer_class_name="labels",
        function_auth_provider_class_name="clear-text-token",
        authentication_enabled=True,
    )
    assert [each.plugin for each in plugins.all()][1:3] == [ClearTextFunctionTokenAuthProvider, Labels]


def test_an_auth_provider_is_not_selected_without_authentication(registry: PluginRegistry) -> None:
    assert selected(registry, function_auth_provider_class_name="clear-text-token").function_auth_provider() is None


class Unmakable(SandboxFactory):
    names: ClassVar = ("unmakable",)

    def __init__(self, config: Any, context: Any) -> None:
        raise context


@pytest.mark.parametrize(
    ("raised", "kind", "message"),
    [
        (PulsemillError("no bubblewrap"), PulsemillError, "no bubblewrap"),
        (KeyError("oops"), PluginError, "Unmakable cannot be made: KeyError: 'oops'"),
    ],
)
def test_a_class_that_cannot_be_made(raised: Exception, kind: type[Exception], message: str, plug: Plug) -> None:
    registry = PluginRegistry([plug("acme", pulsemill_runtime_factories=lambda: [Unmakable])])
    selection = select(registry, RUNTIME_FACTORY, "unmakable", {}, Origins(), "functionRuntimeFactoryConfigs")
    with pytest.raises(kind, match=message):
        selection.create(raised)
