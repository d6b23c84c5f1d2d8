"""Settings that look as if they protected, and do not, keep the worker from starting."""

from collections.abc import Callable

import pytest

from pulsemill.config.findings import Severity
from pulsemill.config.loader import LoadedConfig

Read = Callable[..., LoadedConfig]

TOKENS = "[org.apache.pulsar.broker.authentication.AuthenticationProviderToken]"
SECURED = f"authenticationEnabled: true\nauthenticationProviders: {TOKENS}\nproperties: {{tokenSecretKey: any}}\n"
TLS = "tlsEnabled: true\nworkerPortTls: 6751\ntlsCertificateFilePath: c.pem\ntlsKeyFilePath: k.pem\n"


def told(loaded: LoadedConfig) -> list[tuple[Severity, str]]:
    return [(finding.severity, finding.path) for finding in loaded.findings if finding.severity is not Severity.INFO]


@pytest.mark.parametrize(
    "text",
    [
        SECURED,
        f"{SECURED}authorizationEnabled: true\nsuperUserRoles: [admin]\nproxyRoles: [proxy]\n",
        TLS,
        f"{TLS}workerPort:\nwebServiceTlsProtocols: [TLSv1.2, TLSv1.3]\n",
        f"{TLS}tlsRequireTrustedClientCertOnConnect: true\ntlsTrustCertsFilePath: a.pem\n",
        "useTls: true\npulsarServiceUrl: pulsar+ssl://b:6651\npulsarWebServiceUrl: https://b:8443\n",
        "properties: {brokerClient_numIoThreads: '4', brokerClient_tlsTrustCertsFilePath: a.pem}\n",
        f"{SECURED}authenticateMetricsEndpoint: false\n",
    ],
)
def test_what_works_is_taken(text: str, read: Read) -> None:
    loaded = read(text)
    assert (told(loaded), loaded.config is not None) == ([], True)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("authenticationEnabled: true\n", "authenticationProviders"),
        (f"authenticationEnabled: true\nauthenticationProviders: {TOKENS}\n", "properties"),
        (SECURED.replace("ProviderToken]", "ProviderToken, com.example.Mine]"), "authenticationProviders"),
        ("authorizationEnabled: true\n", "authorizationEnabled"),
        (f"{SECURED}authorizationEnabled: true\nauthorizationProvider: com.example.Mine\n", "authorizationProvider"),
        (TLS.replace("workerPortTls: 6751\n", ""), "workerPortTls"),
        (TLS.replace("tlsKeyFilePath: k.pem\n", ""), "tlsKeyFilePath"),
        (TLS.replace("c.pem", "''"), "tlsCertificateFilePath"),
        (f"{TLS}tlsRequireTrustedClientCertOnConnect: true\n", "tlsTrustCertsFilePath"),
        (f"{TLS}webServiceTlsProtocols: [TLSv1.1]\n", "webServiceTlsProtocols"),
        (f"{TLS}webServiceTlsCiphers: [TLS_AES_128_GCM_SHA256]\n", "webServiceTlsCiphers"),
        (f"{TLS}tlsEnabledWithKeyStore: true\n", "tlsEnabledWithKeyStore"),
        ("useTls: true\n", "pulsarServiceUrl"),
        ("properties: {brokerClient_numIoThreads: many}\n", "properties.brokerClient_numIoThreads"),
        ("properties: {brokerClient_connectionTimeoutMs: '0'}\n", "properties.brokerClient_connectionTimeoutMs"),
    ],
)
def test_what_does_not_work_is_an_error(text: str, path: str, read: Read) -> None:
    loaded = read(text)
    assert (told(loaded), loaded.config) == ([(Severity.ERROR, path)], None)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("properties: {tokenSecretKey: any}\n", "properties.tokenSecretKey"),
        ("properties: {brokerClient_useTls: 'true'}\n", "properties.brokerClient_useTls"),
        ("properties: {brokerClient_dnsLookupBindPort: '1'}\n", "properties.brokerClient_dnsLookupBindPort"),
        ("properties: {bookkeeper_x: '1'}\n", "properties.bookkeeper_x"),
        ("properties: {mine: '1'}\n", "properties.mine"),
    ],
)
def test_properties_without_effect_are_told(text: str, path: str, read: Read) -> None:
    assert told(read(text)) == [(Severity.WARNING, path)]


BROKER = "pulsarServiceUrl: pulsar+ssl://b:6651\nproperties: {brokerClient_%s: a.pem}\n"
PLUGIN = "brokerClientAuthenticationPlugin"
PROVIDER = "functionAuthProviderClassName"


@pytest.mark.parametrize(
    ("text", "path", "told_why"),
    [
        (f"{PLUGIN}: P\n", PLUGIN, "has no effect without"),
        (f"{PLUGIN}: P\nbrokerClientAuthenticationEnabled: true\n", PLUGIN, "functions have no credentials"),
        (f"{SECURED}{PLUGIN}: a.AuthenticationTls\n{PROVIDER}: P\n", PLUGIN, "show no certificate, whose credentials"),
        (BROKER % "tlsCertificateFilePath", "properties.brokerClient_tlsCertificateFilePath", "show no certificate"),
        (BROKER % "tlsKeyFilePath", "properties.brokerClient_tlsKeyFilePath", "show no certificate"),
        (BROKER % "tlsTrustCertsFilePath", "properties.brokerClient_tlsTrustCertsFilePath", "functions trust "),
    ],
)
def test_what_functions_do_not_get_is_told(text: str, path: str, told_why: str, read: Read) -> None:
    loaded = read(text)
    assert told(loaded) == [(Severity.WARNING, path)]
    (message,) = [finding.message for finding in loaded.findings if finding.path == path]
    assert told_why in message


@pytest.mark.parametrize(
    "text", [f"{PLUGIN}: a.AuthenticationTls\n", f"{PLUGIN}: a.AuthenticationToken\n{PROVIDER}: P\n"]
)
def test_functions_of_a_worker_that_asks_for_tokens_have_its_credentials_or_their_own(text: str, read: Read) -> None:
    assert told(read(f"{SECURED}{text}")) == []


def test_no_finding_shows_a_secret(read: Read) -> None:
    secret = "c2VjcmV0LXZhbHVl"
    loaded = read(f"properties: {{tokenSecretKey: {secret}, brokerClient_authParams: {secret}, x: {secret}}}\n")
    assert secret not in repr(loaded)
