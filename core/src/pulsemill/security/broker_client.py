"""How the worker proves itself to the broker and to other workers, and whose certificates it trusts.

Upstream: brokerClientAuthentication*, useTls, tls* and `properties: brokerClient_*` of WorkerConfig. One object of it
serves the Pulsar client and the clients of admin APIs.
"""

import base64
import ssl
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from pulsemill.admin.connection import read_token
from pulsemill.config.broker_client_properties import CLIENT_OPTIONS, broker_client_properties
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import ConfigurationError

TOKEN: Final = "token"  # noqa: S105 a kind of credentials
BASIC: Final = "basic"
TLS: Final = "tls"
_PLUGINS: Final = {"AuthenticationToken": TOKEN, "AuthenticationBasic": BASIC, "AuthenticationTls": TLS}


@attrs.frozen
class BrokerClientSecurity:
    """Credentials and trust of the worker as a client. Parameters never show in a repr.

    `options` are further arguments of pulsar.Client.
    """

    plugin: str = ""
    parameters: str = attrs.field(default="", repr=False)
    use_tls: bool = False
    trust_certs_file_path: str = ""
    allow_insecure: bool = False
    verify_hostname: bool = False
    certificate_file_path: str = ""
    key_file_path: str = ""
    options: Mapping[str, Any] = attrs.field(factory=dict)

    @classmethod
    def from_config(cls, config: WorkerConfig) -> "BrokerClientSecurity":
        """As the worker's keys say; `properties: brokerClient_*` fill in what they leave empty."""
        given = broker_client_properties(config.properties)
        plugin, parameters = config.broker_client_authentication_plugin, config.broker_client_authentication_parameters
        if not (config.broker_client_authentication_enabled and plugin and parameters):
            plugin, parameters = given.get("authPluginClassName", ""), given.get("authParams", "")
        return cls(
            plugin=plugin,
            parameters=parameters,
            use_tls=config.use_tls or config.pulsar_service_url.startswith("pulsar+ssl:"),
            trust_certs_file_path=config.broker_client_trust_certs_file_path or given.get("tlsTrustCertsFilePath", ""),
            allow_insecure=config.tls_allow_insecure_connection,
            verify_hostname=config.tls_enable_hostname_verification,
            certificate_file_path=given.get("tlsCertificateFilePath", ""),
            key_file_path=given.get("tlsKeyFilePath", ""),
            options={name: convert(given[key]) for key, (name, convert) in CLIENT_OPTIONS.items() if key in given},
        )

    def pulsar_client_options(self) -> dict[str, Any]:
        """Arguments of pulsar.Client; ConfigurationError for credentials that it does not take."""
        import pulsar  # noqa: PLC0415 who only asks admin APIs has no use for it

        options: dict[str, Any] = {
            **self.options,
            "use_tls": self.use_tls,
            "tls_trust_certs_file_path": self.trust_certs_file_path or None,
            "tls_allow_insecure_connection": self.allow_insecure,
            "tls_validate_hostname": self.verify_hostname,
        }
        if self.certificate_file_path and self.key_file_path:
            options["tls_certificate_file_path"] = self.certificate_file_path
            options["tls_private_key_file_path"] = self.key_file_path
        if self.plugin:
            options["authentication"] = self._authentication(pulsar.Authentication)
        return options

    def http_headers(self) -> dict[str, str]:
        """Headers of a request to an admin API. Token files are read each time: a renewed token is taken up."""
        kind = self._kind()
        if kind == TOKEN:
            return {"Authorization": f"Bearer {read_token(self.parameters)}"}
        if kind == BASIC:
            user = _basic_user(self.parameters)
            return {"Authorization": f"Basic {base64.b64encode(user.encode()).decode()}"}
        return {}

    def verify(self, url: str) -> ssl.SSLContext | bool:
        """What an HTTP client that is made for a URL takes as `verify`; nothing is read for one without TLS."""
        return self.ssl_context() if url.startswith("https:") else False

    def ssl_context(self) -> ssl.SSLContext:
        """Trust for https, the system's without a file of certificates; ConfigurationError for unreadable files."""
        files = {"brokerClientTrustCertsFilePath": self.trust_certs_file_path}
        try:
            context = ssl.create_default_context(cafile=self.trust_certs_file_path or None)
            context.check_hostname = self.verify_hostname and not self.allow_insecure
            if self.allow_insecure:
                context.verify_mode = ssl.CERT_NONE
            certificate, key = self._client_certificate()
            if certificate and key:
                files |= {"certificate": certificate, "key": key}
                context.load_cert_chain(certificate, key)
        except (OSError, ValueError) as error:
            named = ", ".join(f"{name} {path!r}" for name, path in files.items() if path)
            raise ConfigurationError(
                f"cannot use the certificates to talk to the broker ({named}): {_reason(error)}"
            ) from error
        return context

    def _client_certificate(self) -> tuple[str, str]:
        if self._kind() == TLS:
            given = _pairs(self.parameters)
            return given.get("tlsCertFile", ""), given.get("tlsKeyFile", "")
        return self.certificate_file_path, self.key_file_path

    def _kind(self) -> str:
        if not self.plugin:
            return ""
        name = self.plugin.rpartition(".")[2]
        kind = _PLUGINS.get(name, name)
        if kind not in _PLUGINS.values():
            raise ConfigurationError(
                f"brokerClientAuthenticationPlugin {self.plugin} cannot be used for the broker's admin API; known: "
                f"{', '.join(sorted(_PLUGINS))}"
            )
        return kind

    def _authentication(self, make: Callable[[str, str], Any]) -> Any:
        parameters = self.parameters
        if self.plugin.rpartition(".")[2] in ("AuthenticationToken", TOKEN) and not parameters.startswith("file:"):
            parameters = f"token:{read_token(parameters)}"
        try:
            authentication = make(self.plugin, parameters)
        except RuntimeError:  # its text may quote the parameters
            authentication = None
        if authentication is None or authentication.auth is None:
            raise ConfigurationError(
                f"brokerClientAuthenticationPlugin {self.plugin}: the Pulsar client does not know it, or it refuses "
                "brokerClientAuthenticationParameters"
            )
        return authentication


def _basic_user(parameters: str) -> str:
    """`USER:PASSWORD`, also from `{"userId": ..., "password": ...}`."""
    import json  # noqa: PLC0415 rarely needed

    if not parameters.startswith("{"):
        return parameters
    try:
        given = json.loads(parameters)
        return f"{given['userId']}:{given['password']}"
    except (ValueError, KeyError, TypeError):
        raise ConfigurationError(
            'brokerClientAuthenticationParameters: expected USER:PASSWORD or {"userId": ..., "password": ...}'
        ) from None


def _pairs(parameters: str) -> dict[str, str]:
    """`key:value,key:value`."""
    return {key.strip(): value.strip() for key, _, value in (each.partition(":") for each in parameters.split(","))}


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
