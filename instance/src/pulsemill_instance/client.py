"""The Pulsar client of an instance, as upstream sets it up."""

import logging
from pathlib import Path

import attrs
import pulsar

from pulsemill_instance.discovering_client import DiscoveringClient
from pulsemill_instance.startup_errors import StartupError

_LOGGER = logging.getLogger(__name__)
OPERATION_TIMEOUT_SECONDS = 30


@attrs.frozen
class ClientSettings:
    """How to reach a cluster, trust it and authenticate to it. Parameters never show in a repr."""

    service_url: str
    auth_plugin: str = ""
    auth_params: str = attrs.field(default="", repr=False)
    use_tls: bool = False
    tls_trust_cert_path: str = ""
    tls_allow_insecure_connection: bool = False
    hostname_verification_enabled: bool = False
    io_threads: int = 1
    log_level: pulsar.LoggerLevel = pulsar.LoggerLevel.Warn


def create_client(settings: ClientSettings) -> pulsar.Client:
    """A client that connects when it is first used; StartupError when its settings cannot be."""
    _check_trust(settings)
    try:
        return DiscoveringClient(
            settings.service_url,
            authentication=_authentication(settings),
            operation_timeout_seconds=OPERATION_TIMEOUT_SECONDS,
            io_threads=settings.io_threads,
            message_listener_threads=1,
            use_tls=settings.use_tls,
            tls_trust_certs_file_path=settings.tls_trust_cert_path or None,
            tls_allow_insecure_connection=settings.tls_allow_insecure_connection,
            tls_validate_hostname=settings.hostname_verification_enabled,
            # The native logger: one in Python would take the interpreter's lock inside the client's threads.
            logger=pulsar.ConsoleLogger(settings.log_level),
        )
    except (ValueError, RuntimeError, pulsar.PulsarException) as error:
        raise StartupError(f"Cannot make a Pulsar client for {settings.service_url!r}: {error}") from error


def close_client(client: pulsar.Client) -> None:
    """Close a client and what is left open of it; that a broker dies meanwhile changes nothing at the end."""
    try:
        client.close()
    except pulsar.PulsarException as error:
        _LOGGER.debug("The client could not say goodbye to the broker: %s", error)


def _check_trust(settings: ClientSettings) -> None:
    """The client itself would take a missing file for refused credentials."""
    path = settings.tls_trust_cert_path
    if not path or settings.tls_allow_insecure_connection or not settings.service_url.startswith("pulsar+ssl:"):
        return
    try:
        Path(path).open("rb").close()
    except OSError as error:
        raise StartupError(f"Cannot read the trusted certificates {path!r}: {error.strerror}") from error


def _authentication(settings: ClientSettings) -> pulsar.Authentication | None:
    if not (settings.auth_plugin and settings.auth_params):
        return None
    try:
        authentication = pulsar.Authentication(settings.auth_plugin, settings.auth_params)
    except RuntimeError:  # its text may quote the parameters
        raise StartupError(f"Authentication plugin {settings.auth_plugin!r} refuses its parameters") from None
    if authentication.auth is None:
        raise StartupError(f"Authentication plugin {settings.auth_plugin!r} is not one that the Pulsar client knows")
    return authentication
