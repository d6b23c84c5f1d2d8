"""What the command lines of Java and Python instances share (upstream: RuntimeUtils.getCmd)."""

import json
import re
from collections.abc import Iterable

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from pulsemill.auth import AuthenticationConfig
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_process.launch import Launch

_HTML_SAFE = {ord(character): f"\\u{ord(character):04x}" for character in "'=<>&"}
_BLANK_OUTSIDE_QUOTES = re.compile(r'[ \t\n\x0b\f\r](?=(?:[^"]*"[^"]*")*[^"]*$)')


def to_json(value: object) -> str:
    """Compact JSON with `' = < > &` escaped, as Java's Gson writes it, so that it holds no single quote.

    Everything outside of ASCII is escaped too, which a child under any locale reads alike.
    """
    return json.dumps(value, separators=(",", ":")).translate(_HTML_SAFE)


def message_to_json(message: Message) -> str:
    """A protobuf message as `to_json` writes it: camelCase, defaults left out, enums by name, int64 as strings."""
    return to_json(MessageToDict(message))


def quoted(text: str) -> str:
    """In the literal single quotes that instances strip."""
    return f"'{text}'"


def runtime_flags(details: FunctionDetails) -> list[str]:
    """The function's runtimeFlags, split at blanks outside of double quotes; the quotes stay.

    Unlike upstream's, doubled blanks do not make empty arguments, which no interpreter understands.
    """
    return [flag for flag in _BLANK_OUTSIDE_QUOTES.split(details.runtimeFlags) if flag]


Option = tuple[str, ...]
"""An option's name and its values; a bare flag has none."""


def words(options: Iterable[Option]) -> list[str]:
    """Options as they stand on a command line."""
    return [word for option in options for word in option]


def common_options(launch: Launch) -> list[Option]:
    """The options that Java and Python instances share, in upstream's order."""
    name: Option = ("--cluster_name", launch.instance.cluster_name)
    return [*_identity(launch), *_connection(launch), *_serving(launch), *_secrets(launch), name, *_archives(launch)]


def _identity(launch: Launch) -> list[Option]:
    instance = launch.instance
    return [
        ("--instance_id", str(instance.instance_id)),
        ("--function_id", instance.function_id),
        ("--function_version", instance.function_version),
        ("--function_details", quoted(message_to_json(launch.details))),
    ]


def _connection(launch: Launch) -> list[Option]:
    options: list[Option] = [("--pulsar_serviceurl", launch.worker.pulsar_service_url)]
    if _is_java(launch) and launch.instance.expose_pulsar_admin_client and launch.worker.pulsar_web_service_url:
        options += [("--web_serviceurl", launch.worker.pulsar_web_service_url), ("--expose_pulsaradmin",)]
    return options + (_authentication(launch.authentication) if launch.authentication else [])


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


def _serving(launch: Launch) -> list[Option]:
    instance = launch.instance
    options: list[Option] = [
        ("--max_buffered_tuples", str(instance.max_buffered_tuples)),
        ("--port", str(launch.port)),
        ("--metrics_port", str(launch.metrics_port)),
    ]
    if _is_java(launch):
        options.append(("--pending_async_requests", str(instance.max_pending_async_requests)))
        options += [("--ignore_unknown_config_fields",)] if instance.ignore_unknown_config_fields else []
    if launch.state_storage_service_url is not None:
        options.append(("--state_storage_serviceurl", launch.state_storage_service_url))
    return [*options, ("--expected_healthcheck_interval", str(instance.health_check_interval_seconds))]


def _secrets(launch: Launch) -> list[Option]:
    if not launch.secrets_provider:
        return []
    options: list[Option] = [("--secrets_provider", launch.secrets_provider)]
    if launch.secrets_provider_config is not None:
        options.append(("--secrets_provider_config", quoted(to_json(dict(launch.secrets_provider_config)))))
    return options


def _archives(launch: Launch) -> list[Option]:
    directory = launch.worker.nar_extraction_directory
    return [("--nar_extraction_directory", directory)] if _is_java(launch) and directory else []


def _is_java(launch: Launch) -> bool:
    return launch.details.runtime == FunctionDetails.JAVA


def _boolean(value: bool) -> str:
    return "true" if value else "false"
