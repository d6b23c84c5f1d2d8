"""Tokens of service accounts."""

from typing import Any

import pytest

from pulsemill.auth import AuthenticationConfig
from pulsemill.config.structuring import StructuringError, structure
from pulsemill_auth_token.service_account_token import (
    KubernetesServiceAccountTokenAuthProvider,
    ServiceAccountTokenConfig,
)

WORKER = AuthenticationConfig("plugin", "worker-secret", use_tls=True, tls_trust_certs_file_path="/worker/ca.pem")
STATEFUL_SET: dict[str, Any] = {"spec": {"template": {"spec": {"containers": [{"name": "a"}, {"name": "b"}]}}}}


def provider(**config: Any) -> KubernetesServiceAccountTokenAuthProvider:
    return KubernetesServiceAccountTokenAuthProvider(structure(config, ServiceAccountTokenConfig))


def sources(**config: Any) -> list[dict[str, Any]]:
    """What the pods' only volume is made of; every container mounts it in the one place."""
    pod = provider(**config).configure_stateful_set(STATEFUL_SET, None)["spec"]["template"]["spec"]
    mount = {"name": "service-account-token", "mountPath": "/etc/auth", "readOnly": True}
    assert [container["volumeMounts"] for container in pod["containers"]] == [[mount], [mount]]
    (volume,) = pod["volumes"]
    assert volume["name"] == "service-account-token"
    found: list[dict[str, Any]] = volume["projected"]["sources"]
    return found


def test_the_token_is_projected_and_lasts_an_hour() -> None:
    assert sources() == [{"serviceAccountToken": {"path": "token", "expirationSeconds": 3600}}]


@pytest.mark.parametrize("seconds", [600, "600", 600.0])
def test_audience_and_expiration_are_the_configured(seconds: Any) -> None:
    token = {"path": "token", "expirationSeconds": 600, "audience": "pulsar"}
    config = {"serviceAccountTokenExpirationSeconds": seconds, "serviceAccountTokenAudience": "pulsar"}
    assert sources(**config) == [{"serviceAccountToken": token}]


def test_certificates_come_into_the_same_volume() -> None:
    certificates = {"secret": {"name": "broker-ca", "items": [{"key": "ca.crt", "path": "ca.crt"}]}}
    assert sources(brokerClientTrustCertsSecretName="broker-ca")[1:] == [certificates]


@pytest.mark.parametrize(("secret", "trusted"), [("broker-ca", "/etc/auth/ca.crt"), ("", "/worker/ca.pem")])
def test_instances_read_the_mounted_files(secret: str, trusted: str) -> None:
    configured = provider(brokerClientTrustCertsSecretName=secret).configure_authentication_config(WORKER, None)
    assert configured == AuthenticationConfig(
        "org.apache.pulsar.client.impl.auth.AuthenticationToken",
        "file:///etc/auth/token",
        use_tls=True,
        tls_trust_certs_file_path=trusted,
    )


@pytest.mark.parametrize(
    ("seconds", "refusal"),
    [
        (0, "expected 600 to 4294967296, since Kubernetes issues no token for less than ten minutes, got 0"),
        (2**32 + 1, "expected 600 to 4294967296"),
        ("soon", "expected a whole number, got 'soon'"),
    ],
)
def test_an_expiration_that_kubernetes_refuses_is_refused_at_the_start(seconds: Any, refusal: str) -> None:
    with pytest.raises(StructuringError) as error:
        structure({"serviceAccountTokenExpirationSeconds": seconds}, ServiceAccountTokenConfig)
    assert str(error.value).startswith(f"serviceAccountTokenExpirationSeconds: {refusal}")
