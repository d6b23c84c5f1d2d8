import configparser
import sys
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill.auth import AuthenticationConfig
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_process.config import Locations
from pulsemill_runtime_process.launch import Launch
from pulsemill_runtime_process.python_command import config_file_content, private_options, python_command

DETAILS = (
    '\'{"tenant":"public","namespace":"default","name":"exclaim","className":"exclaim.Exclaim","runtime":"PYTHON",'
    '"parallelism":1,"source":{"inputSpecs":{"persistent://public/default/in":{"schemaType":"string"}}},'
    '"sink":{"topic":"persistent://public/default/out"}}\''
)
OPTIONS = [
    *("--py", "/code/exclaim.py"),
    *("--logging_directory", "/logs/functions"),
    *("--logging_file", "exclaim"),
    *("--logging_config_file", "/conf/logging_config.ini"),
    *("--instance_id", "0"),
    *("--function_id", "11111111-1111-1111-1111-111111111111"),
    *("--function_version", "22222222-2222-2222-2222-222222222222"),
    *("--function_details", DETAILS),
    *("--pulsar_serviceurl", "pulsar://localhost:6650"),
    *("--max_buffered_tuples", "1024"),
    *("--port", "40001"),
    *("--metrics_port", "40002"),
    *("--expected_healthcheck_interval", "30"),
    *("--secrets_provider", "secretsprovider.ClearTextSecretsProvider"),
    *("--cluster_name", "standalone"),
]
UPSTREAM = Locations(
    log_directory=Path("/logs"),
    python_logging_config=Path("/conf/logging_config.ini"),
    python_instance=Path("/pulsar/instances/python-instance/python_instance_main.py"),
)
AUTHENTICATION = AuthenticationConfig(
    client_authentication_plugin="org.example.Plugin",
    client_authentication_parameters="user:p%ssword",
    use_tls=True,
    tls_trust_certs_file_path="/certs/ca.pem",
)


def read(content: bytes) -> dict[str, str]:
    """As upstream's instance reads its configuration file."""
    parser = configparser.ConfigParser()
    parser.read_string(content.decode())
    return dict(parser["DEFAULT"])


def after(command: list[str], option: str) -> str:
    return command[command.index(option) + 1]


def test_upstreams_instance_gets_upstreams_command_line(new_launch: Callable[..., Launch]) -> None:
    instance = "/pulsar/instances/python-instance/python_instance_main.py"
    assert python_command(new_launch(locations=UPSTREAM), "") == ["python3", instance, *OPTIONS]


def test_our_instance_gets_the_same_options(new_launch: Callable[..., Launch]) -> None:
    assert python_command(new_launch(), "") == [sys.executable, "-P", "-m", "pulsemill_instance", *OPTIONS]


def test_runtime_flags_stand_before_the_program(
    new_launch: Callable[..., Launch], new_details: Callable[..., FunctionDetails]
) -> None:
    flagged = new_launch(new_details(runtimeFlags=" -O  -X utf8"))
    assert python_command(attrs.evolve(flagged, locations=UPSTREAM), "")[:4] == ["python3", "-O", "-X", "utf8"]
    assert python_command(flagged, "")[:5] == [sys.executable, "-O", "-X", "utf8", "-P"]


def test_state_and_tls_options_stand_where_upstream_puts_them(new_launch: Callable[..., Launch]) -> None:
    worker = attrs.evolve(new_launch().worker, state_storage_service_url="bk://localhost:4181")
    command = python_command(new_launch(worker=worker, authentication=AUTHENTICATION), "/dev/fd/9")
    start, end = command.index("--pulsar_serviceurl"), command.index("--cluster_name")
    assert command[start + 2 : end] == [
        *("--client_auth_plugin", "org.example.Plugin"),
        *("--use_tls", "true"),
        *("--tls_allow_insecure", "false"),
        *("--hostname_verification_enabled", "false"),
        *("--tls_trust_cert_path", "/certs/ca.pem"),
        *("--max_buffered_tuples", "1024"),
        *("--port", "40001"),
        *("--metrics_port", "40002"),
        *("--state_storage_serviceurl", "bk://localhost:4181"),
        *("--expected_healthcheck_interval", "30"),
        *("--secrets_provider", "secretsprovider.ClearTextSecretsProvider"),
    ]


def test_the_local_state_store_is_named_too(new_launch: Callable[..., Launch]) -> None:
    worker = attrs.evolve(new_launch().worker, state_storage_service_url="sqlite:///data/state.db")
    assert (
        after(python_command(new_launch(worker=worker), ""), "--state_storage_serviceurl") == "sqlite:///data/state.db"
    )


def test_credentials_are_in_the_private_file_alone(new_launch: Callable[..., Launch]) -> None:
    launch = new_launch(authentication=AUTHENTICATION, secrets_provider_config={"vaultToken": "s3cr3t"})
    command = python_command(launch, "/dev/fd/9")
    assert "p%ssword" not in " ".join(command)
    assert "s3cr3t" not in " ".join(command)
    assert after(command, "--config_file") == "/dev/fd/9"
    assert read(config_file_content(private_options(launch))) == {
        "client_auth_params": "user:p%ssword",
        "secrets_provider_config": '\'{"vaultToken":"s3cr3t"}\'',
    }


def test_a_functions_secrets_are_in_the_private_file_alone(
    new_launch: Callable[..., Launch], new_details: Callable[..., FunctionDetails]
) -> None:
    launch = new_launch(new_details(secretsMap='{"password":"s3cr3t"}'))
    assert "s3cr3t" not in " ".join(python_command(launch, "/dev/fd/9"))
    assert "s3cr3t" in read(config_file_content(private_options(launch)))["function_details"]


def test_a_function_without_secrets_has_no_private_file(new_launch: Callable[..., Launch]) -> None:
    assert private_options(new_launch()) == []
    assert "--config_file" not in python_command(new_launch(), "")


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_plugin_without_parameters_is_left_out(new_launch: Callable[..., Launch], blank: str) -> None:
    authentication = AuthenticationConfig(
        client_authentication_plugin="org.example.Plugin", client_authentication_parameters=blank
    )
    assert "--client_auth_plugin" not in python_command(new_launch(authentication=authentication), "")


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1))
def test_the_private_file_keeps_every_printable_value(value: str) -> None:
    assert read(config_file_content([("--client_auth_params", value)])) == {"client_auth_params": value}
