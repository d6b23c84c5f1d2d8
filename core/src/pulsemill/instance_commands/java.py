"""The command line of a Java instance: upstream's JavaInstanceMain on a JVM from PATH."""

from collections.abc import Sequence
from typing import Final

import attrs

from pulsemill.instance_commands.arguments import InstanceArguments
from pulsemill.instance_commands.options import Option, common_options, words

MAIN_CLASS: Final = "org.apache.pulsar.functions.instance.JavaInstanceMain"
_REFLECTION: Final = ("io.netty", "org.apache.pulsar.shade.io.netty", "io.grpc.netty.shaded.io.netty")
# Pulsar 4 needs Java 17, so upstream's question whether the JVM is older than 11 has one answer.
_OPEN_MODULES: Final = ("java.base/java.nio", "java.base/jdk.internal.misc", "java.base/java.util.zip")


@attrs.frozen
class JavaPlaces:
    """Where a JVM finds what it runs, as paths or what a shell makes into paths; nothing extra for an empty one."""

    instance_jar: str
    instance_classpath: str
    logging_config: str
    log_folder: str
    log_file: str
    extra_dependencies: str = ""


def java_command(arguments: InstanceArguments, places: JavaPlaces, runtime_flags: Sequence[str]) -> list[str]:
    """The whole command line."""
    flags = [*_opened_modules(), *arguments.additional_java_runtime_arguments, *runtime_flags, *_heap(arguments)]
    options = [*_code(arguments), *common_options(arguments)]
    return ["java", *_class_path(places), *_properties(places), *flags, MAIN_CLASS, *words(options)]


def _class_path(places: JavaPlaces) -> list[str]:
    extra = places.extra_dependencies
    return ["-cp", f"{places.instance_jar}:{extra}/*" if extra else places.instance_jar]


def _properties(places: JavaPlaces) -> list[str]:
    extra = places.extra_dependencies
    return [
        *([f"-Dpulsar.functions.extra.dependencies.dir={extra}"] if extra else []),
        f"-Dpulsar.functions.instance.classpath={places.instance_classpath}",
        f"-Dlog4j.configurationFile={places.logging_config}",
        f"-Dpulsar.function.log.dir={places.log_folder}",
        f"-Dpulsar.function.log.file={places.log_file}",
        *(f"-D{package}.tryReflectionSetAccessible=true" for package in _REFLECTION),
    ]


def _opened_modules() -> list[str]:
    return [word for module in _OPEN_MODULES for word in ("--add-opens", f"{module}=ALL-UNNAMED")]


def _heap(arguments: InstanceArguments) -> list[str]:
    ram = arguments.details.resources.ram
    return [f"-Xmx{ram}"] if ram else []


def _code(arguments: InstanceArguments) -> list[Option]:
    options: list[Option] = [("--jar", arguments.code)]
    if arguments.transform:
        options.append(("--transform_function_jar", arguments.transform))
        options.append(("--transform_function_id", arguments.transform_function_id))
    return options
