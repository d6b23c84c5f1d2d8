"""Names and import paths lead to classes; whatever keeps them from it is said, with the distribution."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import attrs
import pytest

from pulsemill import hookspecs
from pulsemill.config.derived import KUBERNETES_RUNTIMES
from pulsemill.errors import PluginError
from pulsemill.plugins import (
    FUNCTION_AUTH_PROVIDER,
    KINDS,
    MANIFEST_CUSTOMIZER,
    RUNTIME_FACTORY,
    SECRETS_CONFIGURATOR,
    PluginKind,
    PluginRegistry,
)
from pulsemill.plugins.discovery import PluginSource
from pulsemill.plugins.errors import (
    AmbiguousPluginError,
    PluginImportError,
    PluginNotInstalledError,
    UnknownHookError,
    UnknownPluginError,
    WrongKindError,
)
from pulsemill.plugins.known import OWN_NAMES
from pulsemill.secrets_configurators import DefaultSecretsProviderConfigurator

Plug = Callable[..., PluginSource]
HOOK = "pulsemill_secrets_configurators"


class Vault(DefaultSecretsProviderConfigurator):
    names: ClassVar = ("org.example.Vault", "vault")


class OtherVault(DefaultSecretsProviderConfigurator):
    names: ClassVar = ("vault",)


class Nameless(DefaultSecretsProviderConfigurator):
    names: ClassVar = ()


class OneString(DefaultSecretsProviderConfigurator):
    names: ClassVar = "vault"


class BadConfig(DefaultSecretsProviderConfigurator):
    names: ClassVar = ("bad-config",)
    config_class: ClassVar = dict


def refused(registry: PluginRegistry, name: str, kind: PluginKind[Any] = SECRETS_CONFIGURATOR) -> PluginError:
    with pytest.raises(PluginError) as caught:
        registry.resolve(kind, name)
    return caught.value


@pytest.mark.parametrize("name", ["org.example.Vault", "vault"])
def test_a_class_is_found_by_each_of_its_names(name: str, plug: Plug) -> None:
    registry = PluginRegistry([plug("acme-vault", pulsemill_secrets_configurators=lambda: [Vault])])
    assert registry.resolve(SECRETS_CONFIGURATOR, name) is Vault


def test_a_hook_may_be_a_generator_or_return_nothing(plug: Plug) -> None:
    def some() -> Any:
        yield Vault

    sources = [plug("a", pulsemill_secrets_configurators=some), plug("b", pulsemill_secrets_configurators=lambda: None)]
    assert PluginRegistry(sources).resolve(SECRETS_CONFIGURATOR, "vault") is Vault


def test_an_unknown_name_lists_the_known_ones_and_the_nearest(plug: Plug) -> None:
    error = refused(PluginRegistry([plug("acme", pulsemill_secrets_configurators=lambda: [Vault])]), "vualt")
    assert isinstance(error, UnknownPluginError)
    assert str(error) == (
        "secretsProviderConfiguratorClassName: no plugin has the name vualt; did you mean vault?; "
        "known are org.example.Vault, vault; a class that no plugin registers is written package.module:Class"
    )


def test_an_unknown_name_without_any_plugin() -> None:
    assert "no installed plugin has a RuntimeFactory" in str(
        refused(PluginRegistry([]), "thread-pool", RUNTIME_FACTORY)
    )


RUNTIME = "org.apache.pulsar.functions.runtime"
AUTH = "org.apache.pulsar.functions.auth"
SECRETS = "org.apache.pulsar.functions.secretsproviderconfigurator"


@pytest.mark.parametrize(
    ("kind", "name", "distribution"),
    [
        (RUNTIME_FACTORY, f"{RUNTIME}.thread.ThreadRuntimeFactory", "pulsemill-runtime-thread"),
        (RUNTIME_FACTORY, f"{RUNTIME}.ThreadRuntimeFactory", "pulsemill-runtime-thread"),
        (RUNTIME_FACTORY, f"{RUNTIME}.process.ProcessRuntimeFactory", "pulsemill-runtime-process"),
        (RUNTIME_FACTORY, f"{RUNTIME}.ProcessRuntimeFactory", "pulsemill-runtime-process"),
        (RUNTIME_FACTORY, f"{RUNTIME}.kubernetes.KubernetesRuntimeFactory", "pulsemill-runtime-k8s"),
        (RUNTIME_FACTORY, f"{RUNTIME}.KubernetesRuntimeFactory", "pulsemill-runtime-k8s"),
        (SECRETS_CONFIGURATOR, f"{SECRETS}.KubernetesSecretsProviderConfigurator", "pulsemill-secrets-k8s"),
        (FUNCTION_AUTH_PROVIDER, f"{AUTH}.KubernetesSecretsTokenAuthProvider", "pulsemill-auth-token"),
        (FUNCTION_AUTH_PROVIDER, f"{AUTH}.KubernetesServiceAccountTokenAuthProvider", "pulsemill-auth-token"),
        (MANIFEST_CUSTOMIZER, f"{RUNTIME}.kubernetes.BasicKubernetesManifestCustomizer", "pulsemill-customizer-basic"),
    ],
)
def test_a_name_of_ours_that_is_not_installed_says_what_to_install(
    kind: PluginKind[Any], name: str, distribution: str
) -> None:
    error = refused(PluginRegistry([]), name, kind)
    assert isinstance(error, PluginNotInstalledError)
    assert str(error).endswith(f"is not installed: pip install {distribution}")


@pytest.mark.parametrize(
    ("kind", "name", "cls"),
    [
        (SECRETS_CONFIGURATOR, f"{SECRETS}.DefaultSecretsProviderConfigurator", "DefaultSecretsProviderConfigurator"),
        (
            SECRETS_CONFIGURATOR,
            f"{SECRETS}.NameAndConfigBasedSecretsProviderConfigurator",
            "NameAndConfigBasedSecretsProviderConfigurator",
        ),
        (FUNCTION_AUTH_PROVIDER, f"{AUTH}.ClearTextFunctionTokenAuthProvider", "ClearTextFunctionTokenAuthProvider"),
        (RUNTIME_FACTORY, f"{RUNTIME}.process.ProcessRuntimeFactory", "ProcessRuntimeFactory"),
        (RUNTIME_FACTORY, f"{RUNTIME}.ProcessRuntimeFactory", "ProcessRuntimeFactory"),
        (RUNTIME_FACTORY, f"{RUNTIME}.thread.ThreadRuntimeFactory", "ThreadRuntimeFactory"),
        (RUNTIME_FACTORY, f"{RUNTIME}.ThreadRuntimeFactory", "ThreadRuntimeFactory"),
    ],
)
def test_upstreams_names_lead_to_the_installed_plugins(
    kind: PluginKind[Any], name: str, cls: str, installed: PluginRegistry
) -> None:
    assert installed.resolve(kind, name).__name__ == cls


def test_two_owners_of_a_name_are_both_named(plug: Plug) -> None:
    sources = [
        plug("acme-vault", pulsemill_secrets_configurators=lambda: [Vault]),
        plug("other-vault", pulsemill_secrets_configurators=lambda: [OtherVault]),
    ]
    error = refused(PluginRegistry(sources), "vault")
    assert isinstance(error, AmbiguousPluginError)
    assert "acme-vault 1.2" in str(error)
    assert "other-vault 1.2" in str(error)
    assert PluginRegistry(sources).resolve(SECRETS_CONFIGURATOR, "org.example.Vault") is Vault


def test_a_name_of_another_kind_says_which(plug: Plug) -> None:
    error = refused(
        PluginRegistry([plug("acme", pulsemill_secrets_configurators=lambda: [Vault])]), "vault", RUNTIME_FACTORY
    )
    assert isinstance(error, WrongKindError)
    assert "vault selects a SecretsProviderConfigurator (acme 1.2); expected a RuntimeFactory" in str(error)


def no_module() -> Any:
    raise ModuleNotFoundError("No module named 'hvac'")


def leaves() -> Any:
    raise SystemExit("bye")


def raises() -> Any:
    raise RuntimeError("no server")


def with_argument(config: Any) -> Any:
    return [Vault]


@pytest.mark.parametrize(
    ("functions", "kind", "message"),
    [
        ({"load": no_module}, PluginImportError, "cannot be imported: ModuleNotFoundError: No module named 'hvac'"),
        ({"load": leaves}, PluginImportError, "cannot be imported: SystemExit: bye"),
        ({HOOK: raises}, PluginImportError, f"{HOOK}() raised RuntimeError: no server"),
        (
            {"pulsemill_secret_configurators": lambda: [Vault]},
            UnknownHookError,
            "pulsemill_secret_configurators in acme_vault implements no hook; the hooks are pulsemill_runtime",
        ),
        ({f"{HOOK}_": lambda: [Vault]}, UnknownHookError, f"function {HOOK} in acme_vault lacks the @hookimpl"),
        ({HOOK: with_argument}, UnknownHookError, "config"),
        ({HOOK: lambda: Vault}, WrongKindError, f"{HOOK}() returned <class"),
        ({HOOK: lambda: Vault(None)}, WrongKindError, "expected a list of classes"),
        ({HOOK: lambda: [Vault(None)]}, WrongKindError, "which is no class"),
        ({HOOK: lambda: "vault"}, WrongKindError, "expected a list of classes"),
        ({HOOK: lambda: 3}, WrongKindError, "returned 3; expected a list of classes"),
        (
            {"pulsemill_runtime_factories": lambda: [Vault]},
            WrongKindError,
            "Vault is no RuntimeFactory; derive it from",
        ),
        ({HOOK: lambda: [SECRETS_CONFIGURATOR.base]}, WrongKindError, "lacks get_secrets_provider_class_name"),
        ({HOOK: lambda: [Nameless]}, WrongKindError, "Nameless.names is ()"),
        ({HOOK: lambda: [OneString]}, WrongKindError, "OneString.names is 'vault'"),
        ({HOOK: lambda: [BadConfig]}, WrongKindError, "expected an attrs class"),
    ],
)
def test_a_broken_plugin_says_what_is_wrong_with_it(
    functions: dict[str, Any], kind: type[PluginError], message: str, plug: Plug
) -> None:
    (plugin,) = PluginRegistry([plug("acme-vault", **functions)]).all()
    assert isinstance(plugin.error, kind)
    assert str(plugin.error).startswith("plugin acme-vault 1.2: ")
    assert message in str(plugin.error)
    assert plugin.classes == ()


def test_a_broken_plugin_does_not_keep_another_from_working(plug: Plug, caplog: pytest.LogCaptureFixture) -> None:
    sources = [plug("broken", load=no_module), plug("acme", pulsemill_secrets_configurators=lambda: [Vault])]
    assert PluginRegistry(sources).resolve(SECRETS_CONFIGURATOR, "vault") is Vault
    assert "plugin broken 1.2" in caplog.text


def test_an_unknown_name_tells_of_broken_plugins_that_may_have_it(plug: Plug) -> None:
    error = refused(PluginRegistry([plug("broken", load=no_module)]), "vault")
    assert "not used: plugin broken 1.2: its module broken cannot be imported" in str(error)


def test_a_broken_plugin_of_ours_is_the_error_itself(plug: Plug) -> None:
    error = refused(PluginRegistry([plug("pulsemill-runtime-thread", load=no_module)]), "thread", RUNTIME_FACTORY)
    assert isinstance(error, PluginImportError)
    assert "No module named 'hvac'" in str(error)


def test_plugins_of_ours_are_imported_only_for_their_names(plug: Plug) -> None:
    sources = [
        plug("pulsemill-runtime-k8s", load=lambda: pytest.fail("imported")),
        plug("acme", pulsemill_secrets_configurators=lambda: [Vault]),
    ]
    assert PluginRegistry(sources).resolve(SECRETS_CONFIGURATOR, "vault") is Vault


def test_an_import_path_imports_no_plugin(plug: Plug) -> None:
    registry = PluginRegistry([plug("acme", load=lambda: pytest.fail("imported"))])
    path = "pulsemill.secrets_configurators:DefaultSecretsProviderConfigurator"
    assert registry.resolve(SECRETS_CONFIGURATOR, path) is DefaultSecretsProviderConfigurator


def test_a_plugin_is_imported_once(plug: Plug) -> None:
    imports: list[int] = []
    source = plug("acme", load=lambda: imports.append(1) or no_module())
    registry = PluginRegistry([source])
    for _ in range(2):
        refused(registry, "vault")
    assert imports == [1]


@pytest.mark.parametrize(
    ("path", "kind", "message"),
    [
        ("no_such_package.module:Class", PluginImportError, "there is no module no_such_package; install"),
        ("pulsemill.no_such_module:Class", PluginImportError, "there is no module pulsemill.no_such_module"),
        ("pulsemill.secrets_configurators:Defaul", PluginImportError, "has no Defaul; it has"),
        ("pulsemill.names:FunctionName", WrongKindError, "FunctionName is no SecretsProviderConfigurator"),
        ("pulsemill.names:FunctionName.of", WrongKindError, "which is no class"),
        ("pulsemill.secrets:SecretsProviderConfigurator", WrongKindError, "lacks get_secrets_provider_class_name"),
        (":Class", PluginImportError, "cannot be imported"),
        ("pulsemill.names:", PluginImportError, "has no"),
        ("..relative:Class", PluginImportError, "cannot be imported"),
    ],
)
def test_an_import_path_that_leads_nowhere(path: str, kind: type[PluginError], message: str) -> None:
    error = refused(PluginRegistry([]), path)
    assert isinstance(error, kind)
    assert f"secretsProviderConfiguratorClassName: {path}: " in str(error)
    assert message in str(error)


def test_a_module_that_fails_to_import_shows_its_own_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "half_written.py").write_text("import hvac_that_is_missing\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    error = refused(PluginRegistry([]), "half_written:Vault")
    assert "module half_written cannot be imported: ModuleNotFoundError: No module named 'hvac_that" in str(error)


def test_every_installed_plugin_is_sound(installed: PluginRegistry) -> None:
    assert [str(plugin.error) for plugin in installed.all() if plugin.error] == []


def test_the_configuration_knows_the_kubernetes_runtime_by_the_same_names() -> None:
    assert set(OWN_NAMES["pulsemill-runtime-k8s"]) == KUBERNETES_RUNTIMES


def test_every_hook_has_a_kind() -> None:
    hooks = {name for name in vars(hookspecs) if name.startswith("pulsemill_")}
    assert {kind.hook for kind in KINDS} == hooks
    assert all(attrs.has(kind.base.config_class) for kind in KINDS)


def test_our_distributions_own_exactly_the_names_that_they_are_known_for(installed: PluginRegistry) -> None:
    for plugin in installed.all():
        if known := OWN_NAMES.get(plugin.source.distribution):
            assert {name for each in plugin.classes for name in each.cls.names} == set(known)
