"""The process runtime's own configuration and the files it stands for."""

from collections.abc import Mapping
from pathlib import Path

import attrs

OWN_PYTHON_LOGGING = Path(__file__).with_name("logging_config.ini")
"""What Python instances log by when no Pulsar distribution brings its own."""


@attrs.frozen
class ProcessRuntimeFactoryConfig:
    """functionRuntimeFactoryConfigs of the process runtime (upstream: ProcessRuntimeFactoryConfig)."""

    java_instance_jar_location: str | None = None
    python_instance_location: str | None = None
    log_directory: str | None = None
    extra_function_dependencies_dir: str | None = None


@attrs.frozen
class Locations:
    """Where instances find what they are made of. `python_instance` None means Pulsemill's own instance."""

    log_directory: Path
    python_logging_config: Path = OWN_PYTHON_LOGGING
    python_instance: Path | None = None
    java_instance_jar: Path | None = None
    java_logging_config: str = "java_instance_log4j2.xml"
    java_instance_classpath: str = ""
    extra_dependencies: Path | None = None


def resolve_locations(config: ProcessRuntimeFactoryConfig, environ: Mapping[str, str]) -> Locations:
    """Fill what the configuration leaves open from a Pulsar distribution's environment variables and layout.

    Upstream's launcher script turns the same variables into the Java properties that its factory falls back to. An
    empty string counts as not set, since templates of configuration files write unset values so.
    """
    home = environ.get("PULSAR_HOME")
    jar = config.java_instance_jar_location or environ.get("PULSAR_JAVA_INSTANCE_JAR")
    java_instance = Path(jar) if jar else _in_home(home, "instances/java-instance.jar")
    extra = config.extra_function_dependencies_dir or environ.get("PULSAR_FUNCTIONS_EXTRA_DEPS_DIR")
    python = config.python_instance_location
    return Locations(
        log_directory=Path(config.log_directory or environ.get("PULSAR_LOG_DIR") or "logs").absolute(),
        python_logging_config=_in_home(home, "conf/functions-logging/logging_config.ini") or OWN_PYTHON_LOGGING,
        python_instance=Path(python) if python else None,
        java_instance_jar=java_instance,
        java_logging_config=str(_in_home(home, "conf/functions_log4j2.xml") or "java_instance_log4j2.xml"),
        java_instance_classpath=environ.get("PULSAR_CLASSPATH") or _libraries_beside(java_instance),
        extra_dependencies=Path(extra) if extra else _in_home(home, "instances/deps"),
    )


def _in_home(home: str | None, relative: str) -> Path | None:
    path = Path(home, relative) if home else None
    return path if path and path.exists() else None


def _libraries_beside(java_instance: Path | None) -> str:
    """A distribution keeps the jar in `instances/` and what the jar loads in `conf/` and `lib/`."""
    home = java_instance.absolute().parent.parent if java_instance else None
    return f"{home}/conf:{home}/lib/*" if home else ""
