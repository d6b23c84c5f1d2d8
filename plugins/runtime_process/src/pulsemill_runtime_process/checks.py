"""What has to be there before an instance starts, said in words when it is not."""

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from pulsemill.errors import ConfigurationError, PackageError, PulsemillError
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_process.config import Locations
from pulsemill_runtime_process.launch import Launch

NO_JAVA_INSTANCE = (
    "No JavaInstanceJar specified: set functionRuntimeFactoryConfigs.javaInstanceJarLocation to a Pulsar distribution's"
    " instances/java-instance.jar, or PULSAR_HOME to the distribution"
)

OTHER_PYTHON_INSTANCE = (
    "functionRuntimeFactoryConfigs.pythonInstanceLocation has functions run by another instance than Pulsemill's; "
    "leave it out"
)


def check_locations(locations: Locations) -> None:
    """Raise ConfigurationError for files that the configuration names and that are not there."""
    named = {
        "pythonInstanceLocation": locations.python_instance,
        "javaInstanceJarLocation": locations.java_instance_jar,
    }
    for key, path in named.items():
        if path and not path.is_file():
            raise ConfigurationError(f"functionRuntimeFactoryConfigs.{key}: there is no file {path}")
    extra = locations.extra_dependencies
    if extra and not extra.is_dir():
        raise ConfigurationError(
            f"functionRuntimeFactoryConfigs.extraFunctionDependenciesDir: there is no folder {extra}"
        )
    try:
        _writable_folder(locations.log_directory)
    except OSError as error:
        raise ConfigurationError(
            f"functionRuntimeFactoryConfigs.logDirectory: cannot write in {locations.log_directory}: {error.strerror}"
        ) from error


def check_launch(launch: Launch) -> None:
    """Raise PulsemillError for what this function's instance lacks; makes its log folder."""
    name, locations = launch.instance.name, launch.locations
    if not launch.code.is_file():
        raise PackageError(f"{name}: its package {launch.code} is gone; update or restart the function")
    if launch.details.runtime == FunctionDetails.JAVA and not locations.java_instance_jar:
        raise PulsemillError(f"{name}: {NO_JAVA_INSTANCE}")
    try:
        check_locations(locations)
        _writable_folder(launch.log_folder)
    except ConfigurationError as error:
        raise PulsemillError(f"{name}: {error}") from error
    except OSError as error:
        raise PulsemillError(f"{name}: cannot write logs in {launch.log_folder}: {error.strerror}") from error


def check_program(launch: Launch, command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Raise PulsemillError when there is no such program to run."""
    program = command[0]
    if shutil.which(program, path=environment.get("PATH")) is None:
        reason = "it is not an executable file" if os.sep in program else "no such program on the worker's PATH"
        raise PulsemillError(f"{launch.instance.name}: cannot run {program}: {reason}")


def _writable_folder(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True)
    if not os.access(path, os.W_OK | os.X_OK):
        raise PermissionError(13, "Permission denied")
