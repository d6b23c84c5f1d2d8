from pathlib import Path

import pytest

from pulsemill.errors import ConfigurationError
from pulsemill_runtime_process.checks import check_locations
from pulsemill_runtime_process.config import (
    OWN_PYTHON_LOGGING,
    Locations,
    ProcessRuntimeFactoryConfig,
    resolve_locations,
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A Pulsar distribution, as far as the runtime looks at one."""
    for name in (
        "instances/java-instance.jar",
        "conf/functions-logging/logging_config.ini",
        "conf/functions_log4j2.xml",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "instances/deps").mkdir()
    return tmp_path


def test_without_a_distribution_python_runs_on_our_own_files() -> None:
    locations = resolve_locations(ProcessRuntimeFactoryConfig(), {})
    assert locations == Locations(log_directory=Path("logs").absolute())
    assert locations.python_logging_config == OWN_PYTHON_LOGGING
    assert OWN_PYTHON_LOGGING.is_file()


def test_a_distribution_brings_what_is_not_configured(home: Path) -> None:
    assert resolve_locations(ProcessRuntimeFactoryConfig(), {"PULSAR_HOME": str(home)}) == Locations(
        log_directory=Path("logs").absolute(),
        python_logging_config=home / "conf/functions-logging/logging_config.ini",
        java_instance_jar=home / "instances/java-instance.jar",
        java_logging_config=str(home / "conf/functions_log4j2.xml"),
        java_instance_classpath=f"{home}/conf:{home}/lib/*",
        extra_dependencies=home / "instances/deps",
    )


def test_the_configuration_wins_over_the_environment(home: Path) -> None:
    config = ProcessRuntimeFactoryConfig("/a.jar", "/main.py", "/logs", "/deps")
    environ = {
        "PULSAR_HOME": str(home),
        "PULSAR_JAVA_INSTANCE_JAR": "/b.jar",
        "PULSAR_LOG_DIR": "/other",
        "PULSAR_FUNCTIONS_EXTRA_DEPS_DIR": "/others",
        "PULSAR_CLASSPATH": "/lib/*",
    }
    locations = resolve_locations(config, environ)
    assert locations.java_instance_jar == Path("/a.jar")
    assert locations.python_instance == Path("/main.py")
    assert locations.log_directory == Path("/logs")
    assert locations.extra_dependencies == Path("/deps")
    assert locations.java_instance_classpath == "/lib/*"


def test_empty_strings_count_as_not_set() -> None:
    assert resolve_locations(ProcessRuntimeFactoryConfig("", "", "", ""), {}) == resolve_locations(
        ProcessRuntimeFactoryConfig(), {}
    )


@pytest.mark.parametrize(
    ("locations", "key"),
    [
        ({"python_instance": Path("/nowhere/main.py")}, "pythonInstanceLocation"),
        ({"java_instance_jar": Path("/nowhere/java.jar")}, "javaInstanceJarLocation"),
        ({"extra_dependencies": Path("/nowhere/deps")}, "extraFunctionDependenciesDir"),
    ],
)
def test_a_file_that_is_not_there_is_named_with_its_key(tmp_path: Path, locations: dict[str, Path], key: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"{key}: there is no (file|folder) /nowhere/"):
        check_locations(Locations(log_directory=tmp_path, **locations))


def test_a_log_directory_that_cannot_be_made_is_named_with_its_key(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="logDirectory: cannot write in"):
        check_locations(Locations(log_directory=tmp_path / "file" / "logs"))
