from pathlib import Path

import attrs
import pulsar
import pytest

from pulsemill_instance.arguments import Arguments
from pulsemill_instance.launch import client_settings, instance_spec, package_options
from pulsemill_instance.proto.Function_pb2 import FunctionDetails

ARGUMENTS = Arguments(
    function_details="{}",
    py=Path("/code/fn.py"),
    instance_id=2,
    function_id="id",
    function_version="version",
    pulsar_serviceurl="pulsar+ssl://broker:6651",
    port=1,
    metrics_port=2,
    logging_directory=Path("/logs"),
    logging_file="fn",
    logging_config_file=Path("/conf/logging.ini"),
    expected_healthcheck_interval=30,
    cluster_name="standalone",
    client_auth_plugin="token",
    client_auth_params="token:abc",
    use_tls=True,
    tls_allow_insecure_connection=True,
    hostname_verification_enabled=True,
    tls_trust_cert_path="/ca.pem",
    state_storage_serviceurl="bk://host:4181",
    dependency_repository="https://index",
    extra_dependency_repository="https://extra",
)


def test_the_engine_learns_who_it_is() -> None:
    spec = instance_spec(ARGUMENTS, FunctionDetails(tenant="t", namespace="n", name="f"))
    assert (spec.fully_qualified_name, spec.instance_id, spec.cluster_name) == ("t/n/f", 2, "standalone")
    assert (spec.function_id, spec.function_version) == ("id", "version")
    assert spec.state_storage_service_url == "bk://host:4181"


def test_the_client_learns_how_to_connect() -> None:
    settings = client_settings(ARGUMENTS)
    assert (settings.service_url, settings.auth_plugin, settings.auth_params) == (
        "pulsar+ssl://broker:6651",
        "token",
        "token:abc",
    )
    assert settings.use_tls
    assert settings.tls_allow_insecure_connection
    assert settings.hostname_verification_enabled
    assert (settings.tls_trust_cert_path, settings.io_threads) == ("/ca.pem", 1)


@pytest.mark.parametrize(
    ("level", "clients"),
    [
        ("", pulsar.LoggerLevel.Warn),
        ("DEBUG", pulsar.LoggerLevel.Debug),
        ("info", pulsar.LoggerLevel.Info),
        ("warning", pulsar.LoggerLevel.Warn),
        ("fatal", pulsar.LoggerLevel.Error),
    ],
)
def test_the_clients_log_follows_the_level(level: str, clients: pulsar.LoggerLevel) -> None:
    assert client_settings(attrs.evolve(ARGUMENTS, logging_level=level)).log_level == clients


def test_repositories_count_only_when_dependencies_are_wanted() -> None:
    assert package_options(ARGUMENTS).repositories is None
    wanted = package_options(attrs.evolve(ARGUMENTS, install_usercode_dependencies=True)).repositories
    assert wanted is not None
    assert (wanted.index, wanted.extra_index) == ("https://index", "https://extra")
