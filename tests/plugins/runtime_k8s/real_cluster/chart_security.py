"""TLS and tokens of Pulsar's Helm chart: their variables, secrets and mounts."""

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

LABELS: Final = {"app": "pulsar", "release": "pulsar", "component": "function-worker"}
HTTPS: Final = 6751
BUNDLE: Final = "/pulsar/certs/cacerts/ca-combined.pem"
AUTHORITIES: Final = "/pulsar/certs/ca/ca.crt /pulsar/certs/more/more.crt"
# Ours, with the calling conventions of the chart's: an output and what to put into it.
COMBINE: Final = '#!/bin/bash\nset -euo pipefail\nout="$1"; shift\ncat "$@" > "$out.tmp"\nmv "$out.tmp" "$out"\n'
COMBINE_FOREVER: Final = '#!/bin/bash\nwhile /pulsar/bin/certs-combine-pem.sh "$@"; do sleep 60; done\n'


@attrs.frozen
class Certificates:
    """What the chart's certificate secrets hold: files in PEM."""

    authority: Path
    certificate: Path
    key: Path


@attrs.frozen
class Tokens:
    """What the chart's token secrets hold: the key, and the token of the superuser that the worker is."""

    key: bytes
    worker: str


def chart_object(
    version: str, kind: str, name: str, labels: Mapping[str, str] | None = None, **rest: Any
) -> dict[str, Any]:
    """An object with the chart's labels."""
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "labels": dict(labels or LABELS)}, **rest}


def certificate_objects(certificates: Certificates) -> Iterator[dict[str, Any]]:
    """The secrets that cert-manager and the user would make, and the scripts."""
    authority, certificate, key = (
        file.read_text() for file in (certificates.authority, certificates.certificate, certificates.key)
    )
    yield chart_object("v1", "Secret", "pulsar-ca-tls", stringData={"ca.crt": authority})
    yield chart_object(
        "v1", "Secret", "pulsar-tls-function-worker", stringData={"tls.crt": certificate, "tls.key": key}
    )
    yield chart_object("v1", "Secret", "pulsar-more", stringData={"more.crt": authority})
    scripts = {"certs-combine-pem.sh": COMBINE, "certs-combine-pem-infinity.sh": COMBINE_FOREVER}
    yield chart_object("v1", "ConfigMap", "pulsar-certs-scripts", data=scripts)


def token_objects(tokens: Tokens) -> Iterator[dict[str, Any]]:
    """The secrets of the chart's own job."""
    key = base64.b64encode(tokens.key).decode()
    yield chart_object("v1", "Secret", "pulsar-token-symmetric-key", data={"SECRETKEY": key})
    yield chart_object("v1", "Secret", "pulsar-token-broker-admin", stringData={"TOKEN": tokens.worker})


def _secret_files(volume: str, secret: str, key: str, path: str) -> dict[str, Any]:
    return {"name": volume, "secret": {"secretName": secret, "items": [{"key": key, "path": path}]}}


TLS: Final = {
    "PF_workerPortTls": str(HTTPS),
    "PF_tlsEnabled": "true",
    "PF_tlsCertificateFilePath": "/pulsar/certs/function-worker/tls.crt",
    "PF_tlsKeyFilePath": "/pulsar/certs/function-worker/tls.key",
    "PF_useTls": "true",
    "PF_tlsTrustCertsFilePath": BUNDLE,
    "PF_brokerClientTrustCertsFilePath": BUNDLE,
}
PROVIDER: Final = "org.apache.pulsar.broker.authentication.AuthenticationProviderToken"
TOKEN_PLUGIN: Final = "org.apache.pulsar.client.impl.auth.AuthenticationToken"
TOKEN_FILE: Final = "file:///pulsar/tokens/function-worker/token"
JWT: Final = {
    "PF_authenticationEnabled": "true",
    "PF_authorizationEnabled": "true",
    "PF_superUserRoles": "admin,broker-admin,proxy-admin",
    "PF_authenticationProviders": PROVIDER,
    "PF_brokerClientAuthenticationPlugin": TOKEN_PLUGIN,
    "PF_brokerClientAuthenticationParameters": TOKEN_FILE,
    "PF_clientAuthenticationPlugin": TOKEN_PLUGIN,
    "PF_clientAuthenticationParameters": TOKEN_FILE,
    "PF_properties_tokenSecretKey": "file:///pulsar/keys/token/secret.key",
}
MOUNTS: Final[list[Mapping[str, Any]]] = [
    {"name": "function-worker-certs", "mountPath": "/pulsar/certs/function-worker", "readOnly": True},
    {"name": "ca", "mountPath": "/pulsar/certs/ca", "readOnly": True},
    {"name": "function-worker-cacerts", "mountPath": "/pulsar/certs/cacerts"},
    {"name": "more", "mountPath": "/pulsar/certs/more", "readOnly": True},
    *(
        {"name": "certs-scripts", "mountPath": f"/pulsar/bin/{script}", "subPath": script}
        for script in ("certs-combine-pem.sh", "certs-combine-pem-infinity.sh")
    ),
]
TOKEN_MOUNTS: Final[list[Mapping[str, Any]]] = [
    {"name": "token-keys", "mountPath": "/pulsar/keys", "readOnly": True},
    {"name": "function-worker-token", "mountPath": "/pulsar/tokens", "readOnly": True},
]
TOKEN_VOLUMES: Final[list[Mapping[str, Any]]] = [
    _secret_files("token-keys", "pulsar-token-symmetric-key", "SECRETKEY", "token/secret.key"),
    _secret_files("function-worker-token", "pulsar-token-broker-admin", "TOKEN", "function-worker/token"),
]
VOLUMES: Final[list[Mapping[str, Any]]] = [
    {"name": "function-worker-certs", "secret": {"secretName": "pulsar-tls-function-worker"}},
    {"name": "ca", "secret": {"secretName": "pulsar-ca-tls"}},
    {"name": "function-worker-cacerts", "emptyDir": {}},
    {"name": "more", "secret": {"secretName": "pulsar-more"}},
    {"name": "certs-scripts", "configMap": {"name": "pulsar-certs-scripts", "defaultMode": 0o755}},
]
