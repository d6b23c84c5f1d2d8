"""The command line of a Java instance, with its token out of sight."""

from urllib.parse import quote

import attrs

from pulsemill.admin.connection import read_token
from pulsemill.auth import AuthenticationConfig
from pulsemill.instance_commands import java
from pulsemill_runtime_process.launch import Launch

TOKEN_PLUGIN = "org.apache.pulsar.client.impl.auth.AuthenticationToken"  # noqa: S105 a class name
_FILE_PREFIX = "file:"


def java_command(launch: Launch, token_file: str) -> list[str]:
    """The whole command line. When `private_token` gives a token, it has to be in `token_file`."""
    if private_token(launch) is not None:
        launch = attrs.evolve(launch, authentication=_token_in_file(launch.authentication, token_file))
    return java.java_command(launch.arguments, _places(launch), launch.runtime_flags)


def private_token(launch: Launch) -> str | None:
    """The token that would stand on the command line, where every user of the machine can read it.

    It may be given in each way that upstream's AuthenticationToken reads. Raises ConfigurationError without any.
    """
    auth = launch.authentication
    if not auth or auth.client_authentication_plugin != TOKEN_PLUGIN:
        return None
    parameters = auth.client_authentication_parameters
    is_private = parameters.strip() and not parameters.startswith(_FILE_PREFIX)
    return read_token(parameters) if is_private else None


def _token_in_file(config: AuthenticationConfig | None, path: str) -> AuthenticationConfig | None:
    return config and attrs.evolve(config, client_authentication_parameters=f"file://{quote(path)}")


def _places(launch: Launch) -> java.JavaPlaces:
    locations = launch.locations
    return java.JavaPlaces(
        instance_jar=str(locations.java_instance_jar),
        instance_classpath=locations.java_instance_classpath,
        logging_config=locations.java_logging_config,
        log_folder=str(launch.log_folder),
        log_file=launch.log_name,
        extra_dependencies=str(locations.extra_dependencies or ""),
    )
