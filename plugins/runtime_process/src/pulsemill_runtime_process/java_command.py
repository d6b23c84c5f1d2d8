"""The command line of a Java instance: upstream's JavaInstanceMain on a JVM from PATH."""

from urllib.parse import quote

import attrs

from pulsemill.auth import AuthenticationConfig
from pulsemill_runtime_process.command_line import Option, common_options, runtime_flags, words
from pulsemill_runtime_process.launch import Launch

MAIN_CLASS = "org.apache.pulsar.functions.instance.JavaInstanceMain"
TOKEN_PLUGIN = "org.apache.pulsar.client.impl.auth.AuthenticationToken"  # noqa: S105 a class name
_TOKEN_PREFIX = "token:"  # noqa: S105 a prefix
_REFLECTION = ("io.netty", "org.apache.pulsar.shade.io.netty", "io.grpc.netty.shaded.io.netty")
# Pulsar 4 needs Java 17, so upstream's question whether the JVM is older than 11 has one answer.
_OPEN_MODULES = ("java.base/java.nio", "java.base/jdk.internal.misc", "java.base/java.util.zip")


def java_command(launch: Launch, token_file: str) -> list[str]:
    """The whole command line. When `private_token` gives a token, it has to be in `token_file`."""
    if private_token(launch) is not None:
        launch = attrs.evolve(launch, authentication=_token_in_file(launch.authentication, token_file))
    options = [*_code(launch), *common_options(launch)]
    return ["java", *_class_path(launch), *_properties(launch), *_jvm_flags(launch), MAIN_CLASS, *words(options)]


def private_token(launch: Launch) -> str | None:
    """The token that would stand on the command line, where every user of the machine can read it."""
    auth = launch.authentication
    if not auth or auth.client_authentication_plugin != TOKEN_PLUGIN:
        return None
    parameters = auth.client_authentication_parameters
    return parameters.removeprefix(_TOKEN_PREFIX) if parameters.startswith(_TOKEN_PREFIX) else None


def _token_in_file(config: AuthenticationConfig | None, path: str) -> AuthenticationConfig | None:
    return config and attrs.evolve(config, client_authentication_parameters=f"file://{quote(path)}")


def _class_path(launch: Launch) -> list[str]:
    extra = launch.locations.extra_dependencies
    return [
        "-cp",
        f"{launch.locations.java_instance_jar}:{extra}/*" if extra else str(launch.locations.java_instance_jar),
    ]


def _properties(launch: Launch) -> list[str]:
    locations = launch.locations
    extra = locations.extra_dependencies
    return [
        *([f"-Dpulsar.functions.extra.dependencies.dir={extra}"] if extra else []),
        f"-Dpulsar.functions.instance.classpath={locations.java_instance_classpath}",
        f"-Dlog4j.configurationFile={locations.java_logging_config}",
        f"-Dpulsar.function.log.dir={launch.log_folder}",
        f"-Dpulsar.function.log.file={launch.log_name}",
        *(f"-D{package}.tryReflectionSetAccessible=true" for package in _REFLECTION),
    ]


def _jvm_flags(launch: Launch) -> list[str]:
    opened = [word for module in _OPEN_MODULES for word in ("--add-opens", f"{module}=ALL-UNNAMED")]
    ram = launch.details.resources.ram
    flags = [*opened, *launch.worker.additional_java_runtime_arguments, *runtime_flags(launch.details)]
    return [*flags, f"-Xmx{ram}"] if ram else flags


def _code(launch: Launch) -> list[Option]:
    options: list[Option] = [("--jar", str(launch.code))]
    if launch.package.transform:
        options.append(("--transform_function_jar", str(launch.package.transform)))
        options.append(("--transform_function_id", launch.transform_function_id))
    return options
