"""TLS of pods: by which addresses, with whose certificates."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from pulsemill.auth import AuthenticationConfig
from pulsemill.config.worker_config import WorkerConfig
from pulsemill_runtime_k8s.manifests import ObjectPlan
from pulsemill_runtime_k8s.settings import Settings
from pulsemill_runtime_k8s.trust import problem_of_downloads, with_mounted_trust, with_pods_tls

NewSettings = Callable[..., Settings]
WORKER = WorkerConfig(
    pulsar_service_url="pulsar://broker:6650",
    broker_client_trust_certs_file_path="/worker/ca.pem",
    tls_enable_hostname_verification=True,
)
TRUSTING = AuthenticationConfig(tls_trust_certs_file_path="/worker/ca.pem", tls_hostname_verification_enable=True)
PLAIN = {"pulsarServiceUrl": "pulsar://broker:6650", "pulsarAdminUrl": "http://worker:6750"}
TLS = {"pulsarServiceUrl": "pulsar+ssl://broker:6651", "pulsarAdminUrl": "https://worker:6751"}


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (PLAIN, None),
        (PLAIN | {"pulsarAdminUrl": TLS["pulsarAdminUrl"]}, (False, "/worker/ca.pem", True)),
        (TLS, (True, "/worker/ca.pem", True)),
    ],
)
def test_pods_that_use_tls_where_the_worker_does_not_are_told_whom_to_trust(
    new_settings: NewSettings, keys: Mapping[str, Any], expected: tuple[bool, str, bool] | None
) -> None:
    config = with_pods_tls(None, new_settings(**keys), WORKER)
    found = config and (
        config.use_tls,
        config.tls_trust_certs_file_path,
        config.tls_hostname_verification_enable,
    )
    assert found == expected


@pytest.mark.parametrize(("keys", "uses_tls"), [(PLAIN, False), (TLS, True)])
def test_the_pods_address_says_whether_they_use_tls(
    new_settings: NewSettings, keys: Mapping[str, Any], uses_tls: bool
) -> None:
    given = AuthenticationConfig("plugin", "parameters", use_tls=not uses_tls)
    config = with_pods_tls(given, new_settings(**keys), WORKER)
    assert config == AuthenticationConfig("plugin", "parameters", use_tls=uses_tls)


def test_certificates_of_a_secret_are_mounted_and_trusted(
    new_plan: Callable[..., ObjectPlan], new_settings: NewSettings
) -> None:
    settings = new_settings(**TLS, pulsemill={"brokerClientTrustCertsSecretName": "broker-ca"})
    config = with_mounted_trust(TRUSTING, settings)
    assert config is not None
    pod = new_plan(settings=settings, authentication=config).stateful_set["spec"]["template"]["spec"]
    assert pod["volumes"] == [
        {"name": "trust-certs", "secret": {"secretName": "broker-ca", "items": [{"key": "ca.crt", "path": "ca.crt"}]}}
    ]
    (container,) = pod["containers"]
    assert container["volumeMounts"] == [{"name": "trust-certs", "mountPath": "/etc/trust-certs", "readOnly": True}]
    line = container["command"][2]
    for option in ("--tls-trust-cert-path", "--tls_trust_cert_path"):
        assert f"{option} /etc/trust-certs/ca.crt " in line


@pytest.mark.parametrize("empty", ["", None])
def test_without_one_the_workers_path_counts(new_settings: NewSettings, empty: str | None) -> None:
    settings = new_settings(**TLS, pulsemill={"brokerClientTrustCertsSecretName": empty})
    assert with_mounted_trust(TRUSTING, settings) == TRUSTING


@pytest.mark.parametrize(
    ("url", "asks", "told"),
    [
        ("https://worker:6751", True, True),
        ("https://worker:6751", False, False),
        ("http://worker:6750", True, False),
        ("https://broker:8443", True, False),
    ],
)
def test_a_worker_that_asks_for_certificates_serves_no_packages(
    new_settings: NewSettings, url: str, asks: bool, told: bool
) -> None:
    worker = WorkerConfig(
        tls_enabled=True,
        tls_require_trusted_client_cert_on_connect=asks,
        pulsar_web_service_url="https://broker:8443",
    )
    problem = problem_of_downloads(new_settings(pulsarAdminUrl=url), worker) or ""
    assert ("tlsRequireTrustedClientCertOnConnect" in problem) == told
