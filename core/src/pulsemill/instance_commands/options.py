"""What the command lines of Java and Python instances share (upstream: RuntimeUtils.getCmd)."""

import re
from collections.abc import Iterable
from typing import Final

from pulsemill.auth import AuthenticationConfig
from pulsemill.instance_commands.arguments import InstanceArguments
from pulsemill_instance.proto.Function_pb2 import FunctionDetails

_BLANK_OR_QUOTE: Final = re.compile(r'[ \t\n\x0b\f\r"]')

Option = tuple[str, ...]
"""An option's name and its values; a bare flag has none."""


def quoted(text: str) -> str:
    """In the literal single quotes that instances strip, or a shell."""
    return f"'{text}'"


def words(options: Iterable[Option]) -> list[str]:
    """Options as they stand on a command line."""
    return [word for option in options for word in option]


def split_runtime_flags(details: FunctionDetails) -> list[str]:
    """The function's runtimeFlags, split at each blank outside of double quotes; the quotes stay.

    As upstream's: doubled blanks make empty flags, those at the end do not. A blank is outside where the number of
    quotes behind it is even. One pass, for anybody may register flags of any length.
    """
    text = details.runtimeFlags
    flags, begin, quotes_behind = [], 0, text.count('"')
    for match in _BLANK_OR_QUOTE.finditer(text):
        if match[0] == '"':
            quotes_behind -= 1
        elif quotes_behind % 2 == 0:
            flags.append(text[begin : match.start()])
            begin = match.end()
    flags.append(text[begin:])
    while flags and not flags[-1]:
        flags.pop()
    return flags


def common_options(arguments: InstanceArguments) -> list[Option]:
    """The options that Java and Python instances share, in upstream's order."""
    return [
        *_identity(arguments),
        *_connection(arguments),
        *_serving(arguments),
        *_secrets(arguments),
        ("--cluster_name", arguments.instance.cluster_name),
        *_archives(arguments),
    ]


def _identity(arguments: InstanceArguments) -> list[Option]:
    instance = arguments.instance
    return [
        ("--instance_id", arguments.instance_id),
        ("--function_id", instance.function_id),
        ("--function_version", instance.function_version),
        ("--function_details", quoted(arguments.details_json)),
    ]


def _connection(arguments: InstanceArguments) -> list[Option]:
    options: list[Option] = [("--pulsar_serviceurl", arguments.pulsar_service_url)]
    if arguments.is_java and arguments.exposed_web_service_url:
        options += [("--web_serviceurl", arguments.exposed_web_service_url), ("--expose_pulsaradmin",)]
    return options + (_authentication(arguments.authentication) if arguments.authentication else [])


def _authentication(config: AuthenticationConfig) -> list[Option]:
    options: list[Option] = []
    plugin, parameters = config.client_authentication_plugin, config.client_authentication_parameters
    if plugin.strip() and parameters.strip():
        options += [("--client_auth_plugin", plugin), ("--client_auth_params", parameters)]
    options += [
        ("--use_tls", _boolean(config.use_tls)),
        ("--tls_allow_insecure", _boolean(config.tls_allow_insecure_connection)),
        ("--hostname_verification_enabled", _boolean(config.tls_hostname_verification_enable)),
    ]
    if config.tls_trust_certs_file_path.strip():
        options.append(("--tls_trust_cert_path", config.tls_trust_certs_file_path))
    return options


def _serving(arguments: InstanceArguments) -> list[Option]:
    instance = arguments.instance
    options: list[Option] = [
        ("--max_buffered_tuples", str(instance.max_buffered_tuples)),
        ("--port", str(arguments.port)),
        ("--metrics_port", str(arguments.metrics_port)),
    ]
    if arguments.is_java:
        options.append(("--pending_async_requests", str(instance.max_pending_async_requests)))
        options += [("--ignore_unknown_config_fields",)] if instance.ignore_unknown_config_fields else []
    if arguments.state_storage_service_url is not None:
        options.append(("--state_storage_serviceurl", arguments.state_storage_service_url))
    return [*options, ("--expected_healthcheck_interval", str(instance.health_check_interval_seconds))]


def _secrets(arguments: InstanceArguments) -> list[Option]:
    if not arguments.secrets_provider:
        return []
    options: list[Option] = [("--secrets_provider", arguments.secrets_provider)]
    if arguments.secrets_provider_config is not None:
        config = arguments.write_json(dict(arguments.secrets_provider_config))
        options.append(("--secrets_provider_config", quoted(config)))
    return options


def _archives(arguments: InstanceArguments) -> list[Option]:
    directory = arguments.nar_extraction_directory
    return [("--nar_extraction_directory", directory)] if arguments.is_java and directory else []


def _boolean(value: bool) -> str:
    return "true" if value else "false"
