"""Functions authenticate with the token of who registered them, kept as a Secret that their pods mount.

Upstream: org.apache.pulsar.functions.auth.KubernetesSecretsTokenAuthProvider. Each update with a new token makes a new
Secret (docs/adr/0003-new-secret-per-token.md). All coroutines run on the worker's event loop.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import ClassVar

import attrs

from pulsemill.auth import (
    AuthenticationConfig,
    CallerCredentials,
    KubernetesFunctionAuthProvider,
    KubernetesSurroundings,
)
from pulsemill.customizer import Manifest
from pulsemill.errors import AdmissionError, PulsemillError
from pulsemill.kubernetes_api import KubernetesError
from pulsemill.names import FunctionName
from pulsemill_auth_token import secret
from pulsemill_auth_token.mounting import DIRECTORY, TOKEN_PARAMETERS, TOKEN_PLUGIN, with_credentials
from pulsemill_auth_token.orphans import Orphans
from pulsemill_auth_token.secret import SecretKey
from pulsemill_auth_token.secrets_api import ADD_RULE, LISTING, READING, VERBS, SecretsApi
from pulsemill_instance.proto.Function_pb2 import FunctionAuthenticationSpec, FunctionDetails, FunctionMetaData

logger = logging.getLogger(__name__)


@attrs.frozen
class _Place:
    """Where secrets are, and what of them nobody needs."""

    secrets: SecretsApi
    orphans: Orphans
    namespace_of: Callable[[FunctionDetails], str]
    read_ca: Callable[[], bytes | None]
    has_ca: bool


class KubernetesSecretsTokenAuthProvider(KubernetesFunctionAuthProvider):
    """What a function's metadata keep is the id of its secret."""

    names: ClassVar = (
        "org.apache.pulsar.functions.auth.KubernetesSecretsTokenAuthProvider",
        "kubernetes-secrets-token",
    )
    _place: _Place | None = None

    async def initialize(self, surroundings: KubernetesSurroundings) -> None:
        """Remember where secrets go, and tell what the worker may not do there."""
        secrets = SecretsApi(surroundings.api)
        read_ca = surroundings.read_ca
        has_ca = await asyncio.to_thread(read_ca) is not None
        self._place = _Place(secrets, Orphans(secrets), surroundings.namespace_of, read_ca, has_ca)
        self._namespaces: set[str] = set()
        self._told: set[str] = set()
        await surroundings.report_missing_rights("secrets", VERBS, self._namespace(FunctionDetails()))

    async def cache_auth_data(self, details: FunctionDetails, caller: CallerCredentials) -> bytes | None:
        """Store the caller's token; PulsemillError, so that no function runs anonymously that should not."""
        return await self._store(details, caller, ())

    async def update_auth_data(
        self, details: FunctionDetails, existing: FunctionAuthenticationSpec | None, caller: CallerCredentials
    ) -> bytes | None:
        """Store the new token beside the old one, which goes when no pod mounts it any more."""
        return await self._store(details, caller, await self._earlier(self._namespace(details), existing))

    async def renew_auth_data(
        self, stored: FunctionMetaData, details: FunctionDetails, caller: CallerCredentials, *, asked: bool
    ) -> bytes | None:
        """Pods mount secrets of their own namespace only: a function that moves needs the token once more."""
        new = self._namespace(details)
        old = self._readable_namespace(stored.functionDetails) or new
        if old == new or not (asked or _own_id(stored.functionAuthSpec)):
            return await super().renew_auth_data(stored, details, caller, asked=asked)
        try:
            return await self._store(details, caller, await self._earlier(old, stored.functionAuthSpec))
        except PulsemillError as error:
            raise PulsemillError(
                f"{error}; the update moves it from namespace {old} to {new}, where its pods need the token again"
            ) from error

    def configure_authentication_config(
        self, auth_config: AuthenticationConfig, auth_spec: FunctionAuthenticationSpec | None
    ) -> AuthenticationConfig:
        """The mounted token and certificates, or no authentication for a function that was registered without."""
        if not secret.kept_id(auth_spec):
            return attrs.evolve(auth_config, client_authentication_plugin="", client_authentication_parameters="")
        configured = attrs.evolve(
            auth_config, client_authentication_plugin=TOKEN_PLUGIN, client_authentication_parameters=TOKEN_PARAMETERS
        )
        if not self._placed.has_ca:
            return configured
        return attrs.evolve(configured, tls_trust_certs_file_path=f"{DIRECTORY}/{secret.CA_FILE}")

    def configure_stateful_set(self, stateful_set: Manifest, auth_spec: FunctionAuthenticationSpec | None) -> Manifest:
        """With the function's secret in every container."""
        secret_id = secret.kept_id(auth_spec)
        return with_credentials(stateful_set, secret.volume(secret_id)) if secret_id else stateful_set

    async def clean_up_auth_data(self, details: FunctionDetails, auth_spec: FunctionAuthenticationSpec | None) -> None:
        """Delete the function's secret and those that it replaced."""
        for each in reversed(await self._earlier(self._namespace(details), auth_spec)):
            await self._secrets.delete(each)

    async def delete_orphans(self, functions: Callable[[], Iterable[FunctionMetaData]]) -> None:
        """Delete secrets of these workers that no function's metadata name and no pod mounts.

        Such are replaced ones, and after ten minutes those of registrations that failed.
        """
        orphans = self._placed.orphans
        in_use = filter(None, [self._readable_namespace(each.functionDetails) for each in functions()])
        for namespace in {self._namespace(FunctionDetails()), *in_use, *self._namespaces, *orphans.namespaces}:
            try:
                await orphans.delete(namespace, functions)
            except KubernetesError as error:
                hint = f"; {ADD_RULE}{LISTING}" if error.is_forbidden else ""
                self._tell_once(
                    namespace, f"unused secrets with tokens stay in namespace {namespace}: {error.text}{hint}"
                )

    async def _earlier(self, namespace: str, spec: FunctionAuthenticationSpec | None) -> tuple[SecretKey, ...]:
        """A function's secret, if it has one, and those that it replaced, as far as they are known."""
        secret_id = _own_id(spec)
        if not secret_id:
            return ()
        key = SecretKey(namespace, secret_id)
        try:
            return (key, *await self._secrets.replaced_by(key))
        except KubernetesError as error:
            if not error.is_forbidden:
                raise
            text = f"Secret {key.name} in namespace {namespace} may not be read, so that those it replaced may stay"
            self._tell_once(str(key), f"{text}: {error.text}; {ADD_RULE}{READING}")
            return (key,)

    def _tell_once(self, place: str, text: str) -> None:
        if place not in self._told:
            self._told.add(place)
            logger.warning("%s", text)

    async def _store(
        self, details: FunctionDetails, caller: CallerCredentials, replaced: tuple[SecretKey, ...]
    ) -> bytes:
        name = FunctionName.of(details)
        token = caller.function_token(name)
        try:
            ca = await asyncio.to_thread(self._placed.read_ca)  # it may have been renewed since
            secret_id = await self._secrets.create(self._namespace(details), token, ca, replaced)
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

    def _readable_namespace(self, details: FunctionDetails) -> str | None:
        """None when another worker took options of the function that say it in no way that is read here."""
        try:
            return self._namespace(details)
        except AdmissionError:
            return None

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
