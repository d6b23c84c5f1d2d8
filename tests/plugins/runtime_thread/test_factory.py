import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pulsemill.errors import AdmissionError, PackageError, PulsemillError
from pulsemill.runtime import FunctionPackage, InstanceConfig, RuntimeContext, RuntimeFactory
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_thread.config import MemoryLimit, ThreadRuntimeFactoryConfig
from pulsemill_runtime_thread.factory import ThreadRuntimeFactory
from pulsemill_runtime_thread.plugin import pulsemill_runtime_factories

NewContext = Callable[..., RuntimeContext]


def details(runtime: int = FunctionDetails.PYTHON) -> FunctionDetails:
    return FunctionDetails(tenant="t", namespace="n", name="f", className="m.C", runtime=runtime)  # type: ignore[arg-type]


def instance_of(function: FunctionDetails) -> InstanceConfig:
    return InstanceConfig(function, 0, "id", "version", "cluster")


@pytest.fixture
def factory(new_context: NewContext) -> ThreadRuntimeFactory:
    return ThreadRuntimeFactory(ThreadRuntimeFactoryConfig(), new_context())


def test_the_hook_gives_the_factory_with_upstreams_names() -> None:
    (factory,) = pulsemill_runtime_factories()
    assert issubclass(factory, RuntimeFactory)
    assert factory.names == (
        "org.apache.pulsar.functions.runtime.thread.ThreadRuntimeFactory",
        "org.apache.pulsar.functions.runtime.ThreadRuntimeFactory",
        "thread",
    )


def test_the_hook_does_not_load_the_client() -> None:
    check = "import sys, pulsemill_runtime_thread.plugin; sys.exit('pulsar' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


@pytest.mark.parametrize(("runtime", "language"), [(FunctionDetails.JAVA, "JAVA"), (FunctionDetails.GO, "GO")])
def test_other_languages_are_refused_saying_who_takes_them(
    factory: ThreadRuntimeFactory, runtime: int, language: str
) -> None:
    with pytest.raises(AdmissionError) as raised:
        factory.do_admission_checks(details(runtime))
    assert f"t/n/f is a {language} function" in str(raised.value)
    assert "pulsemill-runtime-process" in str(raised.value)
    assert "org.apache.pulsar.functions.runtime.process.ProcessRuntimeFactory" in str(raised.value)


def test_python_is_admitted(factory: ThreadRuntimeFactory) -> None:
    factory.do_admission_checks(details())


async def test_a_package_that_is_no_local_file_is_refused(factory: ThreadRuntimeFactory) -> None:
    with pytest.raises(PackageError, match="t/n/f:0: the thread runtime needs the package as a local file"):
        await factory.create_container(instance_of(details()), FunctionPackage(None, "f.py", "url"))


async def test_a_client_that_cannot_be_made_is_told_at_the_start(new_context: NewContext, tmp_path: Path) -> None:
    factory = ThreadRuntimeFactory(ThreadRuntimeFactoryConfig(), new_context("no url"))
    package = FunctionPackage(tmp_path / "f.py", "f.py", "x")
    runtime = await factory.create_container(instance_of(details()), package)
    with pytest.raises(PulsemillError, match="t/n/f:0: Cannot make a Pulsar client for 'no url'"):
        await runtime.start()
    assert not runtime.is_alive
    await factory.close()


@pytest.mark.parametrize(("limit", "told"), [(MemoryLimit(1000), True), (MemoryLimit(), False), (None, False)])
async def test_a_memory_limit_without_effect_is_told(
    new_context: NewContext, caplog: pytest.LogCaptureFixture, limit: MemoryLimit | None, told: bool
) -> None:
    await ThreadRuntimeFactory(ThreadRuntimeFactoryConfig("g", limit), new_context()).initialize()
    assert ("pulsarClientMemoryLimit (1000 bytes) has no effect" in caplog.text) is told


async def test_a_factory_that_started_nothing_closes(factory: ThreadRuntimeFactory) -> None:
    await factory.close()
