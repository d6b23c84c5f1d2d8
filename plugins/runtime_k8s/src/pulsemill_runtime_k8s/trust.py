"""Whose certificates pods trust when they talk to the broker and fetch their package. Pure."""

from typing import Any, Final

import attrs

from pulsemill.auth import AuthenticationConfig
from pulsemill.config.worker_config import WorkerConfig
from pulsemill_runtime_k8s.settings import Settings

DIRECTORY: Final = "/etc/trust-certs"
CA_FILE: Final = "ca.crt"
"""The key of a Secret with certificates, as cert-manager and upstream's service account provider have it."""
_VOLUME: Final = "trust-certs"


def with_pods_tls(
    given: AuthenticationConfig | None, settings: Settings, worker: WorkerConfig
) -> AuthenticationConfig | None:
    """TLS as the pods' addresses say, which need not be the worker's."""
    to_broker = settings.pulsar_service_url.startswith("pulsar+ssl:")
    if given is not None:
        return attrs.evolve(given, use_tls=to_broker)
    if not (to_broker or settings.pulsar_admin_url.startswith("https:")):
        return None
    return AuthenticationConfig(
        use_tls=to_broker,
        tls_trust_certs_file_path=worker.broker_client_trust_certs_file_path,
        tls_allow_insecure_connection=worker.tls_allow_insecure_connection,
        tls_hostname_verification_enable=worker.tls_enable_hostname_verification,
    )


def with_mounted_trust(config: AuthenticationConfig | None, settings: Settings) -> AuthenticationConfig | None:
    """Trust in what the pods mount, if they do; neither the worker's path nor what a function was registered with."""
    if config is None or not settings.own.broker_client_trust_certs_secret_name:
        return config
    return attrs.evolve(config, tls_trust_certs_file_path=f"{DIRECTORY}/{CA_FILE}")


def problem_of_downloads(settings: Settings, worker: WorkerConfig) -> str | None:
    """Why pods cannot fetch packages from a worker that lets in nobody without a certificate: they have none."""
    url = settings.pulsar_admin_url
    if not (worker.tls_enabled and worker.tls_require_trusted_client_cert_on_connect and url.startswith("https:")):
        return None
    if url == worker.pulsar_web_service_url:
        return None
    return (
        f"tlsRequireTrustedClientCertOnConnect: function pods have no certificate to show, so that they cannot fetch "
        f"their packages if {url} is this worker; set pulsarAdminUrl to its HTTP port or to a broker in front of it"
    )


def mount_trust(spec: dict[str, Any], container: dict[str, Any], secret: str) -> None:
    """Bring the Secret into the pods; Kubernetes renews the file when it changes, and clients read it to connect."""
    source = {"secretName": secret, "items": [{"key": CA_FILE, "path": CA_FILE}]}
    spec["volumes"] = [{"name": _VOLUME, "secret": source}]
    container["volumeMounts"] = [{"name": _VOLUME, "mountPath": DIRECTORY, "readOnly": True}]
