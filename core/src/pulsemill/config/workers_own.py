"""Credentials and trust of the worker that somebody may expect its functions to have too."""

from collections.abc import Iterator
from typing import Final

from pulsemill.config.broker_client_properties import PREFIX
from pulsemill.config.worker_config import WorkerConfig

_NO_CERTIFICATE: Final = "functions show no certificate"
_CLIENT_SETTINGS: Final = {
    "tlsCertificateFilePath": _NO_CERTIFICATE,
    "tlsKeyFilePath": _NO_CERTIFICATE,
    "tlsTrustCertsFilePath": "functions trust brokerClientTrustCertsFilePath",
}


def of_the_worker_alone(config: WorkerConfig) -> Iterator[tuple[str, str]]:
    """The keys that hold such, and why functions get none of it."""
    if why := _why_not_the_plugin(config):
        yield "brokerClientAuthenticationPlugin", why
    for name, why in _CLIENT_SETTINGS.items():
        if config.properties.get(PREFIX + name) and config.pulsar_service_url.startswith("pulsar+ssl:"):
            yield f"properties.{PREFIX}{name}", f"the worker alone uses it: {why}"


def _why_not_the_plugin(config: WorkerConfig) -> str | None:
    plugin = config.broker_client_authentication_plugin or ""
    if not plugin:
        return None
    if config.authentication_enabled:
        shows = config.function_auth_provider_class_name and plugin.endswith("AuthenticationTls")
        return f"the worker alone uses it: {_NO_CERTIFICATE}, whose credentials are their own" if shows else None
    if config.broker_client_authentication_enabled:
        return "the worker alone uses it: without authenticationEnabled functions have no credentials"
    return "has no effect without authenticationEnabled or brokerClientAuthenticationEnabled"
