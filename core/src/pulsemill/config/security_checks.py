"""Settings of authentication, authorization and TLS that would not protect as they seem to, or could not work."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from pulsemill.config.broker_client_properties import CLIENT_OPTIONS, OVERRIDDEN, PREFIX, SECURITY_SETTINGS
from pulsemill.config.findings import Finding, Origins, Severity
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.config.workers_own import of_the_worker_alone

TOKEN_PROVIDER: Final = "org.apache.pulsar.broker.authentication.AuthenticationProviderToken"  # noqa: S105 a class
AUTHENTICATION_PROVIDERS: Final = frozenset({TOKEN_PROVIDER})
AUTHORIZATION_PROVIDER: Final = "org.apache.pulsar.broker.authorization.PulsarAuthorizationProvider"
TLS_PROTOCOLS: Final = ("TLSv1.2", "TLSv1.3")
TOKEN_SETTINGS: Final = (
    "tokenSecretKey",
    "tokenPublicKey",
    "tokenPublicAlg",
    "tokenAuthClaim",
    "tokenAudienceClaim",
    "tokenAudience",
    "tokenAllowedClockSkewSeconds",
)
"""Names under `properties` that authenticate clients; `tokenSettingPrefix` there gives all of them a prefix."""

Misfit = tuple[str, str]


def security_checks(config: WorkerConfig, origins: Origins) -> Iterator[Finding]:
    """Findings about a configuration with its derived values."""
    for rule in (_authentication, _authorization, _serving_tls, _broker_tls):
        for path, message in rule(config):
            yield origins.finding(Severity.ERROR, path, message)
    for warning in (_properties_without_effect, of_the_worker_alone):
        for path, message in warning(config):
            yield origins.finding(Severity.WARNING, path, message)


def _authentication(config: WorkerConfig) -> Iterator[Misfit]:
    if not config.authentication_enabled:
        return
    known = ", ".join(sorted(AUTHENTICATION_PROVIDERS))
    if not config.authentication_providers:
        yield "authenticationProviders", f"authenticationEnabled needs at least one; known: {known}"
    for name in sorted(config.authentication_providers - AUTHENTICATION_PROVIDERS):
        yield "authenticationProviders", f"{name} is not available here; known: {known}"
    prefix = config.properties.get("tokenSettingPrefix", "")
    keys = [config.properties.get(f"{prefix}{name}") for name in ("tokenSecretKey", "tokenPublicKey")]
    if TOKEN_PROVIDER in config.authentication_providers and not any(keys):
        yield (
            "properties",
            f"tokens are checked with {prefix}tokenSecretKey or {prefix}tokenPublicKey; give one of them",
        )


def _authorization(config: WorkerConfig) -> Iterator[Misfit]:
    if not config.authorization_enabled:
        return
    if not config.authentication_enabled:
        yield "authorizationEnabled", "nobody has a role without authenticationEnabled, so nobody could do anything"
    if config.authorization_provider != AUTHORIZATION_PROVIDER:
        yield (
            "authorizationProvider",
            f"{config.authorization_provider} is not available here; known: {AUTHORIZATION_PROVIDER}",
        )


def _serving_tls(config: WorkerConfig) -> Iterator[Misfit]:
    if not config.tls_enabled:
        return
    needed = {
        "workerPortTls": config.worker_port_tls,
        "tlsCertificateFilePath": config.tls_certificate_file_path,
        "tlsKeyFilePath": config.tls_key_file_path,
    }
    for path, value in needed.items():
        if value is None or value == "":
            yield path, "tlsEnabled needs it"
    if config.tls_require_trusted_client_cert_on_connect and not config.tls_trust_certs_file_path:
        yield "tlsTrustCertsFilePath", "tlsRequireTrustedClientCertOnConnect needs the certificates to trust"
    for name in sorted(config.web_service_tls_protocols - set(TLS_PROTOCOLS)):
        yield "webServiceTlsProtocols", f"{name} is not available; known: {', '.join(TLS_PROTOCOLS)}"


def _broker_tls(config: WorkerConfig) -> Iterator[Misfit]:
    if config.use_tls and not config.pulsar_service_url.startswith("pulsar+ssl:"):
        yield (
            "pulsarServiceUrl",
            "useTls needs pulsar+ssl://, from which the Pulsar client here takes whether to use it",
        )
    for name, (_, convert) in CLIENT_OPTIONS.items():
        text = config.properties.get(PREFIX + name)
        if text is not None and not _fits(convert, text):
            yield f"properties.{PREFIX}{name}", "expected a whole number, 1 or more"


def _fits(convert: Callable[[str], Any], text: str) -> bool:
    try:
        value = convert(text)
    except ValueError:
        return False
    return not isinstance(value, int) or 1 <= value < math.inf


def _properties_without_effect(config: WorkerConfig) -> Iterator[Misfit]:
    for name, why in sorted(_unused(config.properties, authenticates=config.authentication_enabled).items()):
        yield f"properties.{name}", f"has no effect: {why}"


def _unused(properties: Mapping[str, str], *, authenticates: bool) -> dict[str, str]:
    prefix = properties.get("tokenSettingPrefix", "")
    tokens = {"tokenSettingPrefix", *(f"{prefix}{name}" for name in TOKEN_SETTINGS)}
    client = {f"{PREFIX}{name}" for name in (*CLIENT_OPTIONS, *SECURITY_SETTINGS)}
    replaced = {f"{PREFIX}{name}": f"the key {key} replaces it" for name, key in OVERRIDDEN.items()}
    unused = {}
    for name in properties.keys() - client:
        if name in tokens and authenticates:
            continue
        unused[name] = replaced.get(name) or _why_unused(name, is_token=name in tokens)
    return unused


def _why_unused(name: str, *, is_token: bool) -> str:
    if is_token:
        return "tokens are checked with authenticationEnabled only"
    if name.startswith(PREFIX):
        return "the Pulsar client here has no such setting"
    return "nothing here reads it"
