"""The commands that become an instance in its pod, one for each language. Words for a shell."""

import attrs

from pulsemill.errors import PulsemillError
from pulsemill.instance_commands.arguments import InstanceArguments
from pulsemill.instance_commands.go import go_instance_config
from pulsemill.instance_commands.java import JavaPlaces, java_command
from pulsemill.instance_commands.options import Option, common_options, quoted, split_runtime_flags, words
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_k8s.pod_function import SHARD_ID, PodFunction
from pulsemill_runtime_k8s.pod_text import plain_pod_json, shell_word
from pulsemill_runtime_k8s.settings import LOG_DIRECTORY, Settings


def instance_words(function: PodFunction) -> list[str]:
    """What follows the download, up to the last argument. `exec` lets signals reach the instance, not the shell."""
    runtime = function.details.runtime
    if runtime == FunctionDetails.JAVA:
        return ["exec", *_java(function)]
    if runtime == FunctionDetails.PYTHON:
        return [f"PYTHONPATH=${{PYTHONPATH}}:{function.settings.extra_dependencies_dir}", "exec", *_python(function)]
    if runtime == FunctionDetails.GO:
        return ["chmod", "777", function.code, "&&", "exec", *_go(function)]
    raise PulsemillError(f"{function.instance.name}: the Kubernetes runtime knows no language {runtime}")


def _java(function: PodFunction) -> list[str]:
    details, settings = function.details, function.settings
    folder = f"{LOG_DIRECTORY}/{details.tenant}/{details.namespace}/{details.name}"
    places = JavaPlaces(
        instance_jar=settings.java_instance_jar_file,
        instance_classpath=settings.function_instance_class_path,
        logging_config="kubernetes_instance_log4j2.xml",
        log_folder=shell_word(folder),
        log_file=f"{shell_word(details.name)}-{SHARD_ID}",
        extra_dependencies=settings.extra_dependencies_dir,
    )
    return java_command(_for_shell(function.arguments), places, split_runtime_flags(details))


def _python(function: PodFunction) -> list[str]:
    settings = function.settings
    options: list[Option] = [
        ("--py", function.code),
        ("--logging_directory", LOG_DIRECTORY),
        ("--logging_file", shell_word(function.details.name)),
        ("--logging_config_file", f"{settings.pulsar_root_dir}/conf/functions-logging/console_logging_config.ini"),
        *_dependencies(settings),
        *common_options(_for_shell(function.arguments)),
    ]
    return ["python3", *split_runtime_flags(function.details), settings.python_instance_file, *words(options)]


def _dependencies(settings: Settings) -> list[Option]:
    options: list[Option] = (
        [("--install_usercode_dependencies", "True")] if settings.install_user_code_dependencies else []
    )
    if settings.python_dependency_repository:
        options.append(("--dependency_repository", settings.python_dependency_repository))
    if settings.python_extra_dependency_repository:
        options.append(("--extra_dependency_repository", settings.python_extra_dependency_repository))
    return options


def _go(function: PodFunction) -> list[str]:
    return [function.code, "-instance-conf", quoted(plain_pod_json(go_instance_config(function.arguments, 0)))]


def _for_shell(arguments: InstanceArguments) -> InstanceArguments:
    """With authentication parameters as one word; what else the operator wrote is left to the shell, as upstream's."""
    given = arguments.authentication
    if given is None:
        return arguments
    parameters = shell_word(given.client_authentication_parameters)
    return attrs.evolve(arguments, authentication=attrs.evolve(given, client_authentication_parameters=parameters))
