"""Functions authenticate as the service account of their pods, with tokens that Kubernetes issues and renews.

Upstream: org.apache.pulsar.functions.auth.KubernetesServiceAccountTokenAuthProvider.
"""

from typing import Any, ClassVar, Final

import attrs

from pulsemill.auth import (
    AuthenticationConfig,
    CallerCredentials,
    KubernetesFunctionAuthProvider,
    KubernetesSurroundings,
)
from pulsemill.customizer import Manifest
from pulsemill_auth_token.mounting import DIRECTORY, TOKEN_FILE, TOKEN_PARAMETERS, TOKEN_PLUGIN, with_credentials
from pulsemill_instance.proto.Function_pb2 import FunctionAuthenticationSpec, FunctionDetails

VOLUME: Final = "service-account-token"
CA_FILE: Final = "ca.crt"
SHORTEST_SECONDS: Final = 600
LONGEST_SECONDS: Final = 2**32


def _check_expiration(_: Any, attribute: "attrs.Attribute[Any]", value: int) -> None:
    if not SHORTEST_SECONDS <= value <= LONGEST_SECONDS:
        raise ValueError(
            f"'{attribute.name}' expected {SHORTEST_SECONDS} to {LONGEST_SECONDS}, "
            f"since Kubernetes issues no token for less than ten minutes, got {value}"
        )


@attrs.frozen
class ServiceAccountTokenConfig:
    """kubernetesFunctionAuthProviderConfig. Empty texts count as not given."""

    broker_client_trust_certs_secret_name: str = ""
    service_account_token_expiration_seconds: int = attrs.field(default=3600, validator=_check_expiration)
    service_account_token_audience: str = ""

    @property
    def trust_certs_secret(self) -> str:
        """The Secret with the broker's trusted certificates, if there is one."""
        return self.broker_client_trust_certs_secret_name.strip()

    def volume(self) -> Manifest:
        """One volume for the token and the certificates: Kubernetes refuses two mounts in one place."""
        token: dict[str, Any] = {
            "path": TOKEN_FILE,
            "expirationSeconds": self.service_account_token_expiration_seconds,
        }
        if self.service_account_token_audience:
            token["audience"] = self.service_account_token_audience
        sources: list[dict[str, Any]] = [{"serviceAccountToken": token}]
        if self.trust_certs_secret:
            items = [{"key": CA_FILE, "path": CA_FILE}]
            sources.append({"secret": {"name": self.trust_certs_secret, "items": items}})
        return {"name": VOLUME, "projected": {"sources": sources}}


class KubernetesServiceAccountTokenAuthProvider(KubernetesFunctionAuthProvider):
    """Who registers a function does not matter to it; nothing is stored."""

    names: ClassVar = (
        "org.apache.pulsar.functions.auth.KubernetesServiceAccountTokenAuthProvider",
        "kubernetes-service-account-token",
    )
    config_class: ClassVar = ServiceAccountTokenConfig

    async def initialize(self, surroundings: KubernetesSurroundings) -> None:
        """It needs nothing of them."""
        return

    async def cache_auth_data(self, details: FunctionDetails, caller: CallerCredentials) -> bytes | None:
        """Nothing to keep."""
        return None

    async def update_auth_data(
        self, details: FunctionDetails, existing: FunctionAuthenticationSpec | None, caller: CallerCredentials
    ) -> bytes | None:
        """Nothing to keep."""
        return None

    def configure_authentication_config(
        self, auth_config: AuthenticationConfig, auth_spec: FunctionAuthenticationSpec | None
    ) -> AuthenticationConfig:
        """The mounted token, and the mounted certificates if there are any."""
        configured = attrs.evolve(
            auth_config, client_authentication_plugin=TOKEN_PLUGIN, client_authentication_parameters=TOKEN_PARAMETERS
        )
        if not self.config.trust_certs_secret:
            return configured
        return attrs.evolve(configured, tls_trust_certs_file_path=f"{DIRECTORY}/{CA_FILE}")

    def configure_stateful_set(self, stateful_set: Manifest, auth_spec: FunctionAuthenticationSpec | None) -> Manifest:
        """With the token in every container."""
        return with_credentials(stateful_set, self.config.volume())
