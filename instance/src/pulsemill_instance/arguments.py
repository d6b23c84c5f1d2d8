"""The command line of an instance, compatible with upstream's python_instance_main.py.

Every option may be abbreviated (workers send `--tls_allow_insecure`), JSON may come in one pair of single quotes, and
an INI file (--config_file, section DEFAULT) fills what the command line leaves out: credentials need not be on it.
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from pulsemill_instance.config_file import read_config_file
from pulsemill_instance.startup_errors import ArgumentsError

DEFAULT_SECRETS_PROVIDER = "secretsprovider.ClearTextSecretsProvider"
FALSE_TEXTS = frozenset({"", "false", "no", "off", "0", "none"})

REQUIRED = {
    "function_details": "the function's details, a JSON of FunctionDetails",
    "py": "the function's package: a .py, .zip or .whl file",
    "instance_id": "which instance of the function this is, from 0",
    "function_id": "the function's id",
    "function_version": "the function's version",
    "pulsar_serviceurl": "the broker, pulsar://host:port",
    "port": "the port of the InstanceControl service",
    "metrics_port": "the port of the Prometheus endpoint",
    "max_buffered_tuples": "accepted for compatibility; the client's receiver queue bounds what is buffered",
    "logging_directory": "the folder of all functions' logs",
    "logging_file": "the log file's name, to which the instance's id is added",
    "logging_config_file": "an INI file for Python's logging; a rotating file if there is none",
    "expected_healthcheck_interval": "seconds between the worker's health checks; the instance ends itself after three "
    "without one, never if not positive",
    "cluster_name": "the Pulsar cluster's name, a label of the metrics",
}
OPTIONAL = {
    "client_auth_plugin": "the client's authentication plugin, only together with its parameters",
    "client_auth_params": "the plugin's parameters",
    "use_tls": "true for TLS",
    "tls_allow_insecure_connection": "true to trust any broker",
    "hostname_verification_enabled": "true to check the broker's name",
    "tls_trust_cert_path": "the certificates to trust, a PEM file",
    "logging_level": "notset, debug, info, warn, error, critical or fatal; overrides the logging configuration",
    "secrets_provider": f"the secrets provider's class, {DEFAULT_SECRETS_PROVIDER} if not given",
    "secrets_provider_config": "what the provider is initialized with, a JSON object",
    "install_usercode_dependencies": "true to install what the package requires",
    "dependency_repository": "the package index to install from",
    "extra_dependency_repository": "a further package index",
    "state_storage_serviceurl": "the state storage; without it a function has no state",
}


@attrs.frozen
class Arguments:
    """The checked command line. What may hold a secret never shows in a repr."""

    function_details: str = attrs.field(repr=False)
    py: Path
    instance_id: int
    function_id: str
    function_version: str
    pulsar_serviceurl: str
    port: int
    metrics_port: int
    logging_directory: Path
    logging_file: str
    logging_config_file: Path
    expected_healthcheck_interval: int
    cluster_name: str
    client_auth_plugin: str = ""
    client_auth_params: str = attrs.field(default="", repr=False)
    use_tls: bool = False
    tls_allow_insecure_connection: bool = False
    hostname_verification_enabled: bool = False
    tls_trust_cert_path: str = ""
    logging_level: str = ""
    secrets_provider: str = DEFAULT_SECRETS_PROVIDER
    secrets_provider_config: dict[str, Any] | None = attrs.field(default=None, repr=False)
    install_usercode_dependencies: bool = False
    dependency_repository: str = attrs.field(default="", repr=False)
    extra_dependency_repository: str = attrs.field(default="", repr=False)
    state_storage_serviceurl: str | None = None
    warnings: tuple[str, ...] = ()
    """What to log once there is a log."""


def parse_arguments(argv: Sequence[str]) -> Arguments:
    """Read the command line (without the program's name); ArgumentsError, or SystemExit as argparse does."""
    given = vars(_parser().parse_args(list(argv)))
    config_file = given.pop("config_file")
    filled, warnings = _merge(given, read_config_file(Path(config_file)) if config_file else {})
    missing = [name for name in REQUIRED if filled.get(name) is None]
    if missing:
        raise ArgumentsError(f"The following arguments are required: {missing}")
    filled.pop("max_buffered_tuples")
    return Arguments(**{name: _convert(name, text) for name, text in filled.items()}, warnings=tuple(warnings))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("pulsemill-instance", description="Runs one instance of one Pulsar function.")
    for name, text in (REQUIRED | OPTIONAL).items():
        parser.add_argument(f"--{name}", help=text)
    parser.add_argument("--config_file", help="an INI file whose section DEFAULT fills what is not given here")
    return parser


def _merge(given: Mapping[str, str | None], file: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The command line's values first, then the file's; and what in the file means nothing."""
    values = {name: value or file.get(name) or value for name, value in given.items()}
    warnings = [f"--config_file: unknown option {name!r} has no effect" for name in file if name not in given]
    return {name: value for name, value in values.items() if value is not None}, warnings


def _convert(name: str, text: str) -> Any:
    try:
        return CONVERTERS.get(name, str)(text)
    except ValueError as error:
        raise ArgumentsError(f"--{name} cannot be used: {error}") from None


def unquoted(text: str) -> str:
    """A text without the single quotes that workers put around JSON."""
    return text.removeprefix("'").removesuffix("'")


def _is_true(text: str) -> bool:
    return text.strip().lower() == "true"


def _is_wanted(text: str) -> bool:
    return text.strip().lower() not in FALSE_TEXTS


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        document = json.loads(unquoted(text)) if text else None
    except ValueError:
        raise ValueError("it is no JSON") from None  # its text may hold secrets
    if not isinstance(document, dict | None):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - a converter's way to refuse a text
    return document


def _optional(text: str) -> str | None:
    return text or None


def _whole_number(text: str) -> int:
    return int(text)


CONVERTERS: dict[str, Callable[[str], Any]] = {
    "function_details": unquoted,
    "secrets_provider_config": _json_object,
    "install_usercode_dependencies": _is_wanted,
    "state_storage_serviceurl": _optional,
    **dict.fromkeys(("py", "logging_directory", "logging_config_file"), Path),
    **dict.fromkeys(("instance_id", "port", "metrics_port", "expected_healthcheck_interval"), _whole_number),
    **dict.fromkeys(("use_tls", "tls_allow_insecure_connection", "hostname_verification_enabled"), _is_true),
}
