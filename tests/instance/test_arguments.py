from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill_instance.arguments import Arguments, parse_arguments, unquoted
from pulsemill_instance.startup_errors import ArgumentsError

REQUIRED = {
    "function_details": "'{}'",
    "py": "/code/fn.py",
    "instance_id": "2",
    "function_id": "id",
    "function_version": "version",
    "pulsar_serviceurl": "pulsar://broker:6650",
    "port": "1",
    "metrics_port": "2",
    "max_buffered_tuples": "1024",
    "logging_directory": "/logs",
    "logging_file": "fn",
    "logging_config_file": "/conf/logging.ini",
    "expected_healthcheck_interval": "30",
    "cluster_name": "standalone",
}


def parse(*more: str, **changes: str | None) -> Arguments:
    values = {name: value for name, value in {**REQUIRED, **changes}.items() if value is not None}
    return parse_arguments([part for name, value in values.items() for part in (f"--{name}", value)] + list(more))


def test_what_a_worker_sends_is_read() -> None:
    arguments = parse()
    assert (arguments.py, arguments.instance_id, arguments.port) == (Path("/code/fn.py"), 2, 1)
    assert (arguments.function_details, arguments.expected_healthcheck_interval) == ("{}", 30)
    assert arguments.secrets_provider == "secretsprovider.ClearTextSecretsProvider"
    assert (arguments.state_storage_serviceurl, arguments.secrets_provider_config) == (None, None)


def test_a_negative_interval_is_a_value_and_no_option() -> None:
    assert parse(expected_healthcheck_interval="-1").expected_healthcheck_interval == -1


def test_options_may_be_abbreviated_as_workers_do() -> None:
    assert parse("--tls_allow_insecure", "true").tls_allow_insecure_connection
    assert parse("--tls_allow_insecure=true", "--hostname_ver", "true").hostname_verification_enabled


@pytest.mark.parametrize(
    ("text", "on"), [("true", True), ("True", True), ("false", False), ("", False), ("yes", False)]
)
def test_switches_are_on_for_true_alone(text: str, on: bool) -> None:
    assert parse(use_tls=text).use_tls is on


@pytest.mark.parametrize(
    ("text", "wanted"), [("True", True), ("1", True), ("yes", True), ("False", False), ("", False)]
)
def test_dependencies_are_not_installed_for_false(text: str, wanted: bool) -> None:
    assert parse(install_usercode_dependencies=text).install_usercode_dependencies is wanted


@given(st.text(), st.booleans())
def test_one_pair_of_quotes_goes(text: str, quoted: bool) -> None:
    if quoted:
        assert unquoted(f"'{text}'") == text
    elif not text.startswith("'") and not text.endswith("'"):
        assert unquoted(text) == text


def test_everything_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(ArgumentsError) as raised:
        parse(py=None, port=None)
    assert str(raised.value) == "The following arguments are required: ['py', 'port']"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"instance_id": "one"}, "--instance_id cannot be used: invalid literal"),
        ({"port": "x"}, "--port cannot be used"),
        ({"secrets_provider_config": "'{hidden'"}, "--secrets_provider_config cannot be used: it is no JSON$"),
        ({"secrets_provider_config": "[]"}, "it is no JSON object$"),
    ],
)
def test_values_that_do_not_fit_are_named(changes: dict[str, str], reason: str) -> None:
    with pytest.raises(ArgumentsError, match=reason):
        parse(**changes)


def test_what_may_be_secret_does_not_show() -> None:
    arguments = parse(
        client_auth_params="token:hidden",
        secrets_provider_config='\'{"password": "hidden"}\'',
        function_details='\'{"secretsMap": "hidden"}\'',
        dependency_repository="https://user:hidden@host",
        extra_dependency_repository="https://user:hidden@host",
    )
    assert arguments.secrets_provider_config == {"password": "hidden"}
    assert "hidden" not in repr(arguments)


def write(folder: Path, text: str) -> str:
    (folder / "options.ini").write_text(text)
    return str(folder / "options.ini")


def test_the_file_fills_gaps_and_the_command_line_wins(tmp_path: Path) -> None:
    file = write(tmp_path, "[DEFAULT]\nport = 7\nmetrics_port = 8\nclient_auth_plugin = token\n")
    arguments = parse(port=None, config_file=file)
    assert (arguments.port, arguments.metrics_port, arguments.client_auth_plugin) == (7, 2, "token")


@pytest.mark.parametrize(("written", "read"), [("50%%", "50%"), ("50%", "50%"), ("%(port)s", "7")])
def test_the_file_is_interpolated_where_that_means_something(tmp_path: Path, written: str, read: str) -> None:
    file = write(tmp_path, f"[DEFAULT]\nport = 7\nclient_auth_params = {written}\n")
    assert parse(config_file=file).client_auth_params == read


def test_an_unknown_option_in_the_file_is_told(tmp_path: Path) -> None:
    arguments = parse(config_file=write(tmp_path, "[DEFAULT]\nprot = 7\n"))
    assert arguments.warnings == ("--config_file: unknown option 'prot' has no effect",)


@pytest.mark.parametrize("text", ["hidden", "[DEFAULT]\nport = 1\nport = hidden\n", "[DEFAULT]\nhidden\n", None])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str | None) -> None:
    file: Any = write(tmp_path, text) if text else str(tmp_path / "missing.ini")
    with pytest.raises(ArgumentsError, match=rf"--config_file {file} cannot be read: \w") as raised:
        parse(config_file=file)
    assert "hidden" not in str(raised.value)
