"""Functions authenticate with the token of who registered them, kept as a Secret that their pods mount.

Upstream: org.apache.pulsar.functions.auth.KubernetesSecretsTokenAuthProvider. Each update with a new token makes a new
Secret (docs/adr/0003-new-secret-per-token.md). All coroutines run on the worker's event loop.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

import attrs

from pulsemill.auth import CallerCredentials, KubernetesFunctionAuthProvider, KubernetesSurroundings
from pulsemill.customizer import Manifest
from pulsemill.errors import PulsemillError
from pulsemill.names import FunctionName
from pulsemill_auth_token import secret
from pulsemill_auth_token.api import ApiError, KubernetesApi
from pulsemill_auth_token.mounting import DIRECTORY, TOKEN_PARAMETERS, TOKEN_PLUGIN, with_credentials
from pulsemill_auth_token.secrets_api import SecretsApi
from pulsemill_instance.proto.Function_pb2 import FunctionAuthenticationSpec, FunctionDetails, FunctionMetaData

if TYPE_CHECKING:
    from pulsemill.auth import AuthenticationConfig

logger = logging.getLogger(__name__)


@attrs.frozen
class _Place:
    """Where secrets are."""

    secrets: SecretsApi
    namespace_of: Callable[[FunctionDetails], str]


class KubernetesSecretsTokenAuthProvider(KubernetesFunctionAuthProvider):
    """What a function's metadata keep is the id of its secret."""

    names: ClassVar = (
        "org.apache.pulsar.functions.auth.KubernetesSecretsTokenAuthProvider",
        "kubernetes-secrets-token",
    )
    _place: _Place | None = None

    async def initialize(self, surroundings: KubernetesSurroundings) -> None:
        """Remember where secrets go."""
        api = KubernetesApi(surroundings.api_client)
        secrets = SecretsApi(api, surroundings.field_manager, surroundings.ca)
        self._place = _Place(secrets, surroundings.namespace_of)
        self._namespaces: set[str] = set()
        self._told: set[str] = set()

    async def cache_auth_data(self, details: FunctionDetails, caller: CallerCredentials) -> bytes | None:
        """Store the caller's token; PulsemillError, so that no function runs anonymously that should not."""
        return await self._store(details, caller, ())

    async def update_auth_data(
        self, details: FunctionDetails, existing: FunctionAuthenticationSpec | None, caller: CallerCredentials
    ) -> bytes | None:
        """Store the new token beside the old one, which goes when no pod mounts it any more."""
        old = _own_id(existing)
        earlier = await self._secrets.replaced_by(self._namespace(details), old) if old else ()
        return await self._store(details, caller, (old, *earlier) if old else ())

    def configure_authentication_config(
        self, auth_config: "AuthenticationConfig", auth_spec: FunctionAuthenticationSpec | None
    ) -> "AuthenticationConfig":
        """The mounted token and certificates, or no authentication for a function that was registered without."""
        if not secret.kept_id(auth_spec):
            return attrs.evolve(auth_config, client_authentication_plugin="", client_authentication_parameters="")
        configured = attrs.evolve(
            auth_config, client_authentication_plugin=TOKEN_PLUGIN, client_authentication_parameters=TOKEN_PARAMETERS
        )
        if self._secrets.ca is None:
            return configured
        return attrs.evolve(configured, tls_trust_certs_file_path=f"{DIRECTORY}/{secret.CA_FILE}")

    def configure_stateful_set(self, stateful_set: Manifest, auth_spec: FunctionAuthenticationSpec | None) -> Manifest:
        """With the function's secret in every container."""
        secret_id = secret.kept_id(auth_spec)
        return with_credentials(stateful_set, secret.volume(secret_id)) if secret_id else stateful_set

    async def clean_up_auth_data(self, details: FunctionDetails, auth_spec: FunctionAuthenticationSpec | None) -> None:
        """Delete the function's secret and those that it replaced."""
        secret_id = _own_id(auth_spec)
        if not secret_id:
            return
        namespace = self._namespace(details)
        for each in (*await self._secrets.replaced_by(namespace, secret_id), secret_id):
            await self._secrets.delete(namespace, each)

    async def delete_orphans(self, functions: Callable[[], Iterable[FunctionMetaData]]) -> None:
        """Delete secrets of these workers that no function's metadata name and no pod mounts.

        Such are replaced ones, and after ten minutes those of registrations that failed.
        """
        default, known = self._namespace(FunctionDetails()), functions()
        for namespace in {default, *self._namespaces, *(self._namespace(each.functionDetails) for each in known)}:
            try:
                await self._delete_orphans_in(namespace, functions)
            except ApiError as error:
                self._tell_once(namespace, error)

    async def _delete_orphans_in(self, namespace: str, functions: Callable[[], Iterable[FunctionMetaData]]) -> None:
        stored = await self._secrets.stored(namespace)
        mounted = await self._secrets.mounted(namespace) if stored else frozenset[str]()
        used = [each.functionAuthSpec.data.decode(errors="replace") for each in functions()]
        for secret_id in secret.orphans(stored, used, datetime.now(UTC)):
            if secret.PREFIX + secret_id not in mounted:
                logger.info("deleting the secret %s%s, which no function uses", secret.PREFIX, secret_id)
                await self._secrets.delete(namespace, secret_id)

    def _tell_once(self, namespace: str, error: ApiError) -> None:
        if namespace not in self._told:
            self._told.add(namespace)
            logger.warning("unused secrets with tokens stay in namespace %s: %s", namespace, error)

    async def _store(self, details: FunctionDetails, caller: CallerCredentials, replaced: tuple[str, ...]) -> bytes:
        name = FunctionName.of(details)
        token = caller.function_token(name)
        try:
            secret_id = await self._secrets.create(self._namespace(details), token, replaced)
        except PulsemillError as error:
            raise PulsemillError(f"function {name}: {error}") from error
        return secret_id.encode()

    @property
    def _secrets(self) -> SecretsApi:
        return self._placed.secrets

    def _namespace(self, details: FunctionDetails) -> str:
        namespace = self._placed.namespace_of(details)
        self._namespaces.add(namespace)
        return namespace

    @property
    def _placed(self) -> _Place:
        if self._place is None:
            raise PulsemillError(f"{type(self).__name__} works with the Kubernetes runtime only")
        return self._place


def _own_id(spec: FunctionAuthenticationSpec | None) -> str:
    """The id in a function's metadata, "" if there is none or another provider kept something there."""
    try:
        return secret.kept_id(spec)
    except PulsemillError:
        return ""
