"""A broker that asks for tokens, speaks TLS and tells who may do what, and the tokens of those who use it."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import httpx2
import jwt

from tests.rig.broker import Broker, running_broker, tls_settings
from tests.rig.certificates import Authority

SECRET = bytes(range(32))
TOKEN_CLASS = "org.apache.pulsar.client.impl.auth.AuthenticationToken"
PROVIDER_CLASS = "org.apache.pulsar.broker.authentication.AuthenticationProviderToken"
EXPIRY_CHECK_SECONDS = 1
"""How often the broker looks for expired tokens."""


def token(role: Any, **claims: Any) -> str:
    return jwt.encode({"sub": role, **claims}, SECRET, "HS256")


def as_role(role: Any, **headers: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(role)}", **headers}


@attrs.frozen
class Secured:
    """A broker with token authentication, authorization and TLS ports."""

    broker: Broker
    service_url_tls: str
    web_service_url_tls: str
    authority: Authority
    admin: httpx2.Client

    def grant(self, role: str, *actions: str) -> None:
        answer = self.admin.post(f"/admin/v2/namespaces/public/default/permissions/{role}", json=list(actions))
        answer.raise_for_status()


@contextmanager
def running_secured_broker(folder: Path) -> Iterator[Secured]:
    """Its super-users are `admin` and `worker`."""
    authority = Authority.make(folder)
    settings = {
        "authenticationEnabled": "true",
        "authorizationEnabled": "true",
        "authenticationProviders": PROVIDER_CLASS,
        "authenticationRefreshCheckSeconds": str(EXPIRY_CHECK_SECONDS),
        "tokenSecretKey": f"data:;base64,{base64.b64encode(SECRET).decode()}",
        "superUserRoles": "admin,worker",
        "brokerClientAuthenticationPlugin": TOKEN_CLASS,
        "brokerClientAuthenticationParameters": f"token:{token('admin')}",
        **tls_settings(authority),
    }
    with (
        running_broker(folder / "broker", settings) as broker,
        httpx2.Client(base_url=broker.web_service_url, headers=as_role("admin"), timeout=30) as admin,
    ):
        yield Secured(broker, broker.service_url_tls, broker.web_service_url_tls, authority, admin)


def authentication(parameters: str) -> dict[str, Any]:
    """Keys of a worker that asks for tokens, and whose functions have its own."""
    return {
        "authenticationEnabled": True,
        "authenticationProviders": [PROVIDER_CLASS],
        "authenticateMetricsEndpoint": False,
        "properties": {"tokenSecretKey": base64.b64encode(SECRET).decode()},
        "brokerClientAuthenticationPlugin": TOKEN_CLASS,
        "brokerClientAuthenticationParameters": parameters,
    }
