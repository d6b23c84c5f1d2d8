"""Keys of authentication, authorization and TLS.

What cannot be enforced is refused, never ignored: a worker that looks protected and is not would be worse than none.
"""

import attrs

from pulsemill.config.keys import key
from pulsemill.config.sections.reasons import NO_AUTHENTICATION, NO_BROKER_TLS, NO_DLOG, NO_TLS

_LATER = "is not implemented yet, and a worker that ignored it would run unprotected"


@attrs.frozen(kw_only=True, slots=False)
class SecurityKeys:
    """Who may call the worker, how the worker proves itself to the broker, and encryption."""

    authentication_enabled: bool = key(
        False, "Whether the REST API asks for credentials.", refused=f"authentication of the REST API {_LATER}"
    )
    authorization_enabled: bool = key(
        False, "Whether the REST API checks permissions.", refused=f"authorization of the REST API {_LATER}"
    )
    authentication_providers: frozenset[str] = key(
        frozenset(), "Classes that check credentials.", unused=NO_AUTHENTICATION
    )
    super_user_roles: frozenset[str] = key(frozenset(), "Roles that may do everything.", unused=NO_AUTHENTICATION)
    proxy_roles: frozenset[str] = key(frozenset(), "Roles that may act for others.", unused=NO_AUTHENTICATION)
    authorization_provider: str = key(
        "org.apache.pulsar.broker.authorization.PulsarAuthorizationProvider",
        "Class that checks permissions.",
        unused=NO_AUTHENTICATION,
    )
    broker_client_authentication_enabled: bool | None = key(
        None,
        "Whether the worker authenticates to the broker.",
        read_by="pulsemill.cluster",
        derived="authenticationEnabled",
    )
    broker_client_authentication_plugin: str | None = key(
        None,
        "Class with which the worker authenticates to the broker.",
        read_by="pulsemill.cluster",
        derived="clientAuthenticationPlugin",
    )
    broker_client_authentication_parameters: str | None = key(
        None,
        "Parameters of brokerClientAuthenticationPlugin.",
        read_by="pulsemill.cluster",
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
        unused=NO_BROKER_TLS,
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
    tls_enabled: bool = key(False, "Whether the REST API has an HTTPS port.", refused=f"TLS of the REST API {_LATER}")
    use_tls: bool = key(False, "Whether the worker talks TLS to the broker.", refused=f"TLS to the broker {_LATER}")
    tls_certificate_file_path: str | None = key(None, "Certificate of the HTTPS port.", unused=NO_TLS)
    tls_key_file_path: str | None = key(None, "Private key of the HTTPS port.", unused=NO_TLS)
    tls_trust_certs_file_path: str = key("", "Certificates trusted for clients and brokers.", unused=NO_TLS)
    tls_allow_insecure_connection: bool = key(False, "Whether untrusted certificates pass.", unused=NO_TLS)
    tls_require_trusted_client_cert_on_connect: bool = key(
        False, "Whether clients need a trusted certificate.", unused=NO_TLS
    )
    tls_enable_hostname_verification: bool = key(
        False, "Whether a broker's certificate must name its host.", refused=f"TLS to the broker {_LATER}"
    )
    tls_enabled_with_key_store: bool = key(False, "Whether certificates come from key stores.", unused=NO_TLS)
    tls_cert_refresh_check_duration_sec: int = key(
        300, "Seconds between two looks for renewed certificates.", unused=NO_TLS
    )
    tls_provider: str | None = key(None, "Java security provider.", unused=NO_TLS, sample="Conscrypt")
    tls_key_store_type: str = key("JKS", "Type of the key store.", unused=NO_TLS)
    tls_key_store: str | None = key(None, "Path of the key store.", unused=NO_TLS)
    tls_key_store_password: str | None = key(None, "Password of the key store.", unused=NO_TLS, secret=True)
    tls_trust_store_type: str = key("JKS", "Type of the trust store.", unused=NO_TLS)
    tls_trust_store: str | None = key(None, "Path of the trust store.", unused=NO_TLS)
    tls_trust_store_password: str | None = key(None, "Password of the trust store.", unused=NO_TLS, secret=True)
    web_service_tls_protocols: frozenset[str] = key(frozenset(), "TLS versions of the HTTPS port.", unused=NO_TLS)
    web_service_tls_ciphers: frozenset[str] = key(frozenset(), "Ciphers of the HTTPS port.", unused=NO_TLS)
    sasl_jaas_client_allowed_ids: str = key(
        ".*pulsar.*", "Kerberos principals that may connect.", unused=NO_AUTHENTICATION
    )
    sasl_jaas_server_section_name: str = key("PulsarFunction", "Section of the JAAS file.", unused=NO_AUTHENTICATION)
    sasl_jaas_server_role_token_signer_secret_path: str | None = key(
        None, "File with the key that signs role tokens.", unused=NO_AUTHENTICATION
    )
    kinit_command: str = key("/usr/bin/kinit", "Path of kinit.", unused=NO_AUTHENTICATION)
