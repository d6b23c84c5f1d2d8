"""The entries of `properties` that begin with `brokerClient_`: settings of upstream's Java client by its own names."""

from collections.abc import Callable, Mapping
from typing import Any, Final

PREFIX: Final = "brokerClient_"
CLIENT_OPTIONS: Final[Mapping[str, tuple[str, Callable[[str], Any]]]] = {
    "operationTimeoutMs": ("operation_timeout_seconds", lambda text: max(1, int(text) // 1000)),
    "connectionTimeoutMs": ("connection_timeout_ms", int),
    "numIoThreads": ("io_threads", int),
    "concurrentLookupRequest": ("concurrent_lookup_requests", int),
    "listenerName": ("listener_name", str),
}
"""By name: the argument of pulsar.Client, and what makes its value."""

SECURITY_SETTINGS: Final = frozenset(
    {"authPluginClassName", "authParams", "tlsTrustCertsFilePath", "tlsCertificateFilePath", "tlsKeyFilePath"}
)
OVERRIDDEN: Final = {
    "useTls": "useTls",
    "tlsAllowInsecureConnection": "tlsAllowInsecureConnection",
    "tlsHostnameVerificationEnable": "tlsEnableHostnameVerification",
}
"""Settings that upstream replaces with a key of the worker, by name."""


def broker_client_properties(properties: Mapping[str, str]) -> dict[str, str]:
    """The settings of the client, without the prefix."""
    return {name.removeprefix(PREFIX): value for name, value in properties.items() if name.startswith(PREFIX)}
