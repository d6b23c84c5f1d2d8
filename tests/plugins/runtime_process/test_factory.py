from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from pulsemill.auth import AuthenticationConfig, CallerCredentials, FunctionAuthProvider
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import AdmissionError, ConfigurationError, PackageError
from pulsemill.runtime import FunctionPackage, RuntimeContext
from pulsemill.secrets import SecretsProviderConfigurator
from pulsemill_instance.proto.Function_pb2 import EFFECTIVELY_ONCE, FunctionAuthenticationSpec, FunctionDetails
from pulsemill_runtime_process.config import ProcessRuntimeFactoryConfig
from pulsemill_runtime_process.factory import ProcessRuntimeFactory
from pulsemill_runtime_process.launch import Launch
from pulsemill_runtime_process.plugin import pulsemill_runtime_factories


class TokenProvider(FunctionAuthProvider):
    """Hands out what was kept, as the clear-text provider does."""

    async def cache_auth_data(self, details: FunctionDetails, caller: CallerCredentials) -> bytes | None:
        return None

    async def update_auth_data(
        self, details: FunctionDetails, existing: FunctionAuthenticationSpec | None, caller: CallerCredentials
    ) -> bytes | None:
        return None

    def configure_authentication_config(
        self, auth_config: AuthenticationConfig, auth_spec: FunctionAuthenticationSpec | None
    ) -> AuthenticationConfig:
        token = auth_spec.data.decode() if auth_spec else ""
        return attrs.evolve(auth_config, client_authentication_parameters=f"token:{token}")


@pytest.fixture
def context(no_secrets: SecretsProviderConfigurator) -> RuntimeContext:
    config = WorkerConfig(pulsar_service_url="pulsar://broker:6650", additional_java_runtime_arguments=("-XX:+UseZGC",))
    return RuntimeContext(worker_config=config, secrets=no_secrets)


@pytest.fixture
def package(tmp_path: Path) -> FunctionPackage:
    return FunctionPackage(code=tmp_path / "exclaim.py", original_name="exclaim.py", location="x")


def factory(context: RuntimeContext, **config: str) -> ProcessRuntimeFactory:
    return ProcessRuntimeFactory(ProcessRuntimeFactoryConfig(**config), context)


def test_the_hook_gives_the_factory_with_upstreams_names() -> None:
    (found,) = pulsemill_runtime_factories()
    assert found is ProcessRuntimeFactory
    assert found.names == (
        "org.apache.pulsar.functions.runtime.process.ProcessRuntimeFactory",
        "org.apache.pulsar.functions.runtime.ProcessRuntimeFactory",
        "process",
    )
    assert not found.externally_managed


async def test_the_workers_settings_reach_the_launch(
    context: RuntimeContext, package: FunctionPackage, new_launch: Callable[..., Launch], tmp_path: Path
) -> None:
    instance = new_launch().instance
    launch = factory(context, log_directory=str(tmp_path))._launch(instance, package)
    assert launch.instance is instance
    assert launch.code == package.code
    assert launch.worker.pulsar_service_url == "pulsar://broker:6650"
    assert launch.worker.additional_java_runtime_arguments == ("-XX:+UseZGC",)
    assert launch.locations.log_directory == tmp_path
    assert launch.secrets_provider == "secretsprovider.ClearTextSecretsProvider"
    assert launch.authentication is None


def test_each_function_authenticates_with_what_was_kept_for_it(
    context: RuntimeContext, package: FunctionPackage, new_launch: Callable[..., Launch]
) -> None:
    shared = AuthenticationConfig(client_authentication_plugin="token", use_tls=True)
    context = attrs.evolve(context, authentication=shared, auth_provider=TokenProvider(None))
    instance = attrs.evolve(new_launch().instance, function_auth_spec=FunctionAuthenticationSpec(data=b"mine"))
    launch = factory(context)._launch(instance, package)
    assert launch.authentication == attrs.evolve(shared, client_authentication_parameters="token:mine")
    assert shared.client_authentication_parameters == ""
    assert "mine" not in repr(launch)


def test_without_a_provider_it_authenticates_as_the_worker(
    context: RuntimeContext, package: FunctionPackage, new_launch: Callable[..., Launch]
) -> None:
    context = attrs.evolve(context, authentication=AuthenticationConfig(use_tls=True))
    assert factory(context)._launch(new_launch().instance, package).authentication == context.authentication


async def test_it_needs_the_package_as_a_file(context: RuntimeContext, new_launch: Callable[..., Launch]) -> None:
    package = FunctionPackage(code=None, original_name="a.py", location="function://public/default/a@1")
    with pytest.raises(PackageError, match="public/default/exclaim:0"):
        await factory(context).create_container(new_launch().instance, package)


async def test_a_container_is_not_started_yet(
    context: RuntimeContext, package: FunctionPackage, new_launch: Callable[..., Launch]
) -> None:
    made = factory(context)
    runtime = await made.create_container(new_launch().instance, package)
    assert not runtime.is_alive
    await made.close()


async def test_initialize_refuses_files_that_are_not_there(context: RuntimeContext, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="pythonInstanceLocation"):
        await factory(context, log_directory=str(tmp_path), python_instance_location="/nowhere/main.py").initialize()


async def test_initialize_makes_the_log_directory(context: RuntimeContext, tmp_path: Path) -> None:
    await factory(context, log_directory=str(tmp_path / "new/logs")).initialize()
    assert (tmp_path / "new/logs").is_dir()


def test_java_functions_are_refused_when_nothing_can_run_them(
    context: RuntimeContext, new_details: Callable[..., FunctionDetails], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PULSAR_HOME", "PULSAR_JAVA_INSTANCE_JAR"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(AdmissionError, match="No JavaInstanceJar specified"):
        factory(context).do_admission_checks(new_details(FunctionDetails.JAVA))


def test_another_python_instance_gets_nothing_that_it_cannot_do(
    context: RuntimeContext, new_details: Callable[..., FunctionDetails]
) -> None:
    details = new_details(FunctionDetails.PYTHON)
    details.processingGuarantees = EFFECTIVELY_ONCE
    factory(context).do_admission_checks(details)
    with pytest.raises(AdmissionError, match=r"not yet supported in Python: .*pythonInstanceLocation"):
        factory(context, python_instance_location="/main.py").do_admission_checks(details)


def test_every_language_is_taken_when_there_is_a_java_instance(
    context: RuntimeContext, new_details: Callable[..., FunctionDetails]
) -> None:
    made = factory(context, java_instance_jar_location="/pulsar/instances/java-instance.jar")
    for language in (FunctionDetails.JAVA, FunctionDetails.PYTHON, FunctionDetails.GO):
        made.do_admission_checks(new_details(language))
