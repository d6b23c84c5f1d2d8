"""Keys of authentication, authorization and TLS.

What cannot be enforced is refused, never ignored: a worker that looks protected and is not would be worse than none.
"""

import attrs

from pulsemill.config.keys import key
from pulsemill.config.sections.reasons import NO_DLOG, NO_JVM, NO_KEY_STORES, NO_SASL

_BY = "pulsemill.security"


@attrs.frozen(kw_only=True, slots=False)
class SecurityKeys:
    """Who may call the worker, how the worker proves itself to the broker, and encryption."""

    authentication_enabled: bool = key(
        False,
        "Whether the REST API asks for credentials, and functions get credentials of their own.",
        read_by=_BY,
    )
    authorization_enabled: bool = key(False, "Whether the REST API checks permissions.", read_by=_BY)
    authentication_providers: frozenset[str] = key(
        frozenset(), "Classes that check credentials: AuthenticationProviderToken.", read_by=_BY
    )
    super_user_roles: frozenset[str] = key(frozenset(), "Roles that may do everything.", read_by=_BY)
    proxy_roles: frozenset[str] = key(frozenset(), "Roles that may act for others.", read_by=_BY)
    authorization_provider: str = key(
        "org.apache.pulsar.broker.authorization.PulsarAuthorizationProvider",
        "Class that checks permissions; there is no other.",
        read_by="pulsemill.config",
    )
    broker_client_authentication_enabled: bool | None = key(
        None,
        "Whether the worker authenticates to the broker.",
        read_by=_BY,
        derived="authenticationEnabled",
    )
    broker_client_authentication_plugin: str | None = key(
        None,
        "Class with which the worker authenticates to the broker.",
        read_by=_BY,
        derived="clientAuthenticationPlugin",
    )
    broker_client_authentication_parameters: str | None = key(
        None,
        "Parameters of brokerClientAuthenticationPlugin.",
        read_by=_BY,
        secret=True,
        derived="clientAuthenticationParameters",
    )
    client_authentication_plugin: str | None = key(
        None, "Deprecated name of brokerClientAuthenticationPlugin.", read_by="pulsemill.config"
    )
    client_authentication_parameters: str | None = key(
        None, "Deprecated name of brokerClientAuthenticationParameters.", read_by="pulsemill.config", secret=True
    )
    broker_client_trust_certs_file_path: str = key(
        "",
        "Certificates that the worker trusts when it talks to the broker.",
        read_by=_BY,
        derived="tlsTrustCertsFilePath",
    )
    bookkeeper_client_authentication_plugin: str | None = key(
        None, "Class that authenticates to BookKeeper.", unused=NO_DLOG
    )
    bookkeeper_client_authentication_parameters_name: str | None = key(
        None, "Name of the parameters of that class.", unused=NO_DLOG
    )
    bookkeeper_client_authentication_parameters: str | None = key(
        None, "Parameters of that class.", unused=NO_DLOG, secret=True
    )
    tls_enabled: bool = key(False, "Whether the REST API has an HTTPS port, workerPortTls.", read_by="pulsemill.rest")
    use_tls: bool = key(False, "Whether the worker and functions talk TLS to the broker.", read_by=_BY)
    tls_certificate_file_path: str | None = key(None, "Certificate of the HTTPS port, in PEM.", read_by=_BY)
    tls_key_file_path: str | None = key(None, "Private key of the HTTPS port, in PEM.", read_by=_BY)
    tls_trust_certs_file_path: str = key("", "Certificates trusted for clients and brokers.", read_by=_BY)
    tls_allow_insecure_connection: bool = key(False, "Whether untrusted certificates pass.", read_by=_BY)
    tls_require_trusted_client_cert_on_connect: bool = key(
        False, "Whether clients need a trusted certificate.", read_by=_BY
    )
    tls_enable_hostname_verification: bool = key(
        False, "Whether a broker's certificate must name its host.", read_by=_BY
    )
    tls_enabled_with_key_store: bool = key(False, "Whether certificates come from key stores.", refused=NO_KEY_STORES)
    tls_cert_refresh_check_duration_sec: int = key(
        300, "Seconds between two looks for renewed certificates; 0 or less: none.", read_by="pulsemill.worker"
    )
    tls_provider: str | None = key(None, "Java security provider.", unused=NO_JVM, sample="Conscrypt")
    tls_key_store_type: str = key("JKS", "Type of the key store.", unused=NO_KEY_STORES)
    tls_key_store: str | None = key(None, "Path of the key store.", unused=NO_KEY_STORES)
    tls_key_store_password: str | None = key(None, "Password of the key store.", unused=NO_KEY_STORES, secret=True)
    tls_trust_store_type: str = key("JKS", "Type of the trust store.", unused=NO_KEY_STORES)
    tls_trust_store: str | None = key(None, "Path of the trust store.", unused=NO_KEY_STORES)
    tls_trust_store_password: str | None = key(None, "Password of the trust store.", unused=NO_KEY_STORES, secret=True)
    web_service_tls_protocols: frozenset[str] = key(
        frozenset(), "TLS versions of the HTTPS port: TLSv1.2, TLSv1.3.", read_by=_BY
    )
    web_service_tls_ciphers: frozenset[str] = key(
        frozenset(),
        "Ciphers of the HTTPS port.",
        refused="Java's names of ciphers are not OpenSSL's; restrict webServiceTlsProtocols instead",
    )
    sasl_jaas_client_allowed_ids: str = key(".*pulsar.*", "Kerberos principals that may connect.", unused=NO_SASL)
    sasl_jaas_server_section_name: str = key("PulsarFunction", "Section of the JAAS file.", unused=NO_SASL)
    sasl_jaas_server_role_token_signer_secret_path: str | None = key(
        None, "File with the key that signs role tokens.", unused=NO_SASL
    )
    kinit_command: str = key("/usr/bin/kinit", "Path of kinit.", unused=NO_SASL)
