"""What the worker shows to the broker and to other workers."""

import base64
import ssl
from pathlib import Path
from typing import Any

import pulsar
import pytest

from pulsemill.config.derived import with_derived_values
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import ConfigurationError
from pulsemill.security.broker_client import BrokerClientSecurity

CLASSES = "org.apache.pulsar.client.impl.auth"
TOKEN_CLASS = f"{CLASSES}.AuthenticationToken"


def security(**keys: Any) -> BrokerClientSecurity:
    return BrokerClientSecurity.from_config(with_derived_values(WorkerConfig(**keys), lambda: "host"))


def authenticated(plugin: str, parameters: str, **keys: Any) -> BrokerClientSecurity:
    return security(
        broker_client_authentication_enabled=True,
        broker_client_authentication_plugin=plugin,
        broker_client_authentication_parameters=parameters,
        **keys,
    )


def test_without_keys_there_is_nothing() -> None:
    nothing = security()
    assert nothing.http_headers() == {}
    options = nothing.pulsar_client_options()
    assert "authentication" not in options
    assert options["use_tls"] is options["tls_allow_insecure_connection"] is options["tls_validate_hostname"] is False


@pytest.mark.parametrize("parameters", ["token:abc.d", "abc.d", '{"token": "abc.d"}'])
@pytest.mark.parametrize("plugin", [TOKEN_CLASS, "token"])
def test_tokens(plugin: str, parameters: str) -> None:
    client = authenticated(plugin, parameters)
    assert client.http_headers() == {"Authorization": "Bearer abc.d"}
    assert isinstance(client.pulsar_client_options()["authentication"], pulsar.Authentication)


def test_a_token_file_is_read_for_each_request(tmp_path: Path) -> None:
    file = tmp_path / "token"
    client = authenticated(TOKEN_CLASS, f"file://{file}")
    for token in ("first", "second"):
        file.write_text(f"{token}\n")
        assert client.http_headers() == {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("parameters", ["user:p:w", '{"userId": "user", "password": "p:w"}'])
def test_basic(parameters: str) -> None:
    sent = authenticated(f"{CLASSES}.AuthenticationBasic", parameters).http_headers()["Authorization"]
    assert base64.b64decode(sent.removeprefix("Basic ")) == b"user:p:w"


def test_credentials_need_to_be_switched_on() -> None:
    keys = {"client_authentication_plugin": TOKEN_CLASS, "client_authentication_parameters": "token:old"}
    assert security(**keys).http_headers() == {}
    assert security(**keys, authentication_enabled=True).http_headers() == {"Authorization": "Bearer old"}
    assert security(**keys, authentication_enabled=True, broker_client_authentication_enabled=False).plugin == ""


def test_properties_fill_in_what_keys_leave_empty() -> None:
    properties = {
        "brokerClient_authPluginClassName": TOKEN_CLASS,
        "brokerClient_authParams": "token:theirs",
        "brokerClient_tlsTrustCertsFilePath": "theirs.pem",
        "brokerClient_operationTimeoutMs": "15000",
        "brokerClient_numIoThreads": "3",
        "brokerClient_listenerName": "inside",
    }
    given = security(properties=properties)
    assert given.http_headers() == {"Authorization": "Bearer theirs"}
    options = given.pulsar_client_options()
    assert (options["operation_timeout_seconds"], options["io_threads"], options["listener_name"]) == (15, 3, "inside")
    assert options["tls_trust_certs_file_path"] == "theirs.pem"
    ours = authenticated("token", "ours", properties=properties, broker_client_trust_certs_file_path="ours.pem")
    assert ours.http_headers() == {"Authorization": "Bearer ours"}
    assert ours.trust_certs_file_path == "ours.pem"


def test_a_client_takes_the_options() -> None:
    client = authenticated(
        "token",
        "t",
        use_tls=True,
        pulsar_service_url="pulsar+ssl://b:6651",
        properties={"brokerClient_numIoThreads": "2"},
    )
    pulsar.Client(
        "pulsar+ssl://b:6651",
        logger=pulsar.FileLogger(pulsar.LoggerLevel.Error, "/dev/null"),
        **client.pulsar_client_options(),
    ).close()


@pytest.mark.parametrize(
    ("plugin", "parameters"),
    [("com.example.Unknown", "x"), (f"{CLASSES}.AuthenticationBasic", "s3cret"), (TOKEN_CLASS, "s3cret with blanks")],
)
def test_what_the_client_does_not_take_is_refused_without_being_shown(plugin: str, parameters: str) -> None:
    client = authenticated(plugin, parameters)
    with pytest.raises(ConfigurationError) as refused:
        client.pulsar_client_options()
    assert "s3cret" not in f"{refused.value}{client!r}"


def test_a_plugin_that_cannot_ask_admin_apis_is_named() -> None:
    with pytest.raises(ConfigurationError, match="AuthenticationOAuth2 cannot be used for the broker's admin API"):
        authenticated(f"{CLASSES}.oauth2.AuthenticationOAuth2", "{}").http_headers()


def test_the_url_asks_for_tls_too() -> None:
    assert security(pulsar_service_url="pulsar+ssl://b:6651").use_tls


@pytest.mark.parametrize(
    ("keys", "mode", "hostname"),
    [
        ({}, ssl.CERT_REQUIRED, False),
        ({"tls_enable_hostname_verification": True}, ssl.CERT_REQUIRED, True),
        ({"tls_enable_hostname_verification": True, "tls_allow_insecure_connection": True}, ssl.CERT_NONE, False),
    ],
)
def test_trust_for_https(keys: dict[str, Any], mode: ssl.VerifyMode, hostname: bool, authority: Any) -> None:
    context = security(tls_trust_certs_file_path=str(authority.file), **keys).ssl_context()
    assert (context.verify_mode, context.check_hostname) == (mode, hostname)
    assert context.cert_store_stats()["x509_ca"] == 1


def test_client_certificates(authority: Any) -> None:
    certificate, key = authority.issue("client")
    parameters = f"tlsCertFile:{certificate},tlsKeyFile:{key}"
    assert authenticated(f"{CLASSES}.AuthenticationTls", parameters).http_headers() == {}
    authenticated(f"{CLASSES}.AuthenticationTls", parameters).ssl_context()
    given = {"brokerClient_tlsCertificateFilePath": str(certificate), "brokerClient_tlsKeyFilePath": str(key)}
    assert security(properties=given).pulsar_client_options()["tls_certificate_file_path"] == str(certificate)
    with pytest.raises(ConfigurationError, match="certificate '/none'"):
        authenticated("tls", "tlsCertFile:/none,tlsKeyFile:/none").ssl_context()


def test_an_unreadable_trust_file_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"brokerClientTrustCertsFilePath '/no/such\.pem'\): No such file"):
        security(broker_client_trust_certs_file_path="/no/such.pem").ssl_context()
