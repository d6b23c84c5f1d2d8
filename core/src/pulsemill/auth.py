"""The contract of a function auth provider: how the caller's credentials become the function's.

Upstream: org.apache.pulsar.functions.auth.FunctionAuthProvider.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import attrs

from pulsemill.customizer import Manifest
from pulsemill.errors import PulsemillError
from pulsemill.kubernetes_api import KubernetesApi
from pulsemill.names import FunctionName
from pulsemill.plugin import Plugin
from pulsemill_instance.proto.Function_pb2 import FunctionAuthenticationSpec, FunctionDetails, FunctionMetaData


@attrs.frozen
class AuthenticationConfig:
    """How an instance authenticates to the broker and trusts it. Parameters never show in a repr."""

    client_authentication_plugin: str = ""
    client_authentication_parameters: str = attrs.field(default="", repr=False)
    use_tls: bool = False
    tls_trust_certs_file_path: str = ""
    tls_allow_insecure_connection: bool = False
    tls_hostname_verification_enable: bool = False


@attrs.frozen
class CallerCredentials:
    """What a REST caller proved: its role, and the token it sent if it sent one. The token never shows in a repr.

    `proxy` is the role of a proxy that acts for the caller. Its token is not the caller's, so there is none then.
    """

    role: str | None = None
    token: str | None = attrs.field(default=None, repr=False)
    proxy: str | None = None

    def function_token(self, function: FunctionName) -> str:
        """The token for a function to use; PulsemillError, which names the function, when there is none."""
        if self.proxy is not None:
            raise PulsemillError(
                f"function {function}: the request came with the token of the proxy role {self.proxy!r}, which the "
                "function must not have; register the function at the worker itself, with a token of its own"
            )
        if not self.token or not self.token.strip():
            raise PulsemillError(f"function {function}: the request has no token for the function to use")
        return self.token


class FunctionAuthProvider(Plugin, ABC):
    """Keeps what a function needs to authenticate to the broker. One per worker, only with authenticationEnabled."""

    def __init__(self, config: Any) -> None:
        self.config = config

    @abstractmethod
    async def cache_auth_data(self, details: FunctionDetails, caller: CallerCredentials) -> bytes | None:
        """At registration: store the credentials, return what to keep in the function's metadata (None: nothing)."""

    @abstractmethod
    async def update_auth_data(
        self, details: FunctionDetails, existing: FunctionAuthenticationSpec | None, caller: CallerCredentials
    ) -> bytes | None:
        """At an update that asks for it: replace the credentials."""

    async def renew_auth_data(
        self, stored: FunctionMetaData, details: FunctionDetails, caller: CallerCredentials, *, asked: bool
    ) -> bytes | None:
        """At each update: what to keep from now on. `stored` is the function as it was.

        By default `update_auth_data` when the caller asks for it, else what was kept. Override it when that cannot
        serve a function with other details.
        """
        existing = stored.functionAuthSpec if stored.HasField("functionAuthSpec") else None
        if asked:
            return await self.update_auth_data(details, existing, caller)
        return existing.data if existing else None

    @abstractmethod
    def configure_authentication_config(
        self, auth_config: AuthenticationConfig, auth_spec: FunctionAuthenticationSpec | None
    ) -> AuthenticationConfig:
        """The authentication of one instance, made from the worker's and from what was kept."""

    async def clean_up_auth_data(self, details: FunctionDetails, auth_spec: FunctionAuthenticationSpec | None) -> None:
        """After the function was deleted: let go of what was stored."""
        return


@attrs.frozen
class KubernetesSurroundings:
    """What the Kubernetes runtime gives to a function auth provider.

    `namespace_of` tells the namespace of a function's objects. `report_missing_rights` logs which verbs on a resource
    of a namespace the worker may not use, with the line to add to its Role. `read_ca` reads the broker's trusted
    certificates as they are now, if there are any; it blocks, and raises ConfigurationError for a file that it may not
    read.
    """

    api: KubernetesApi = attrs.field(repr=False)
    namespace_of: Callable[[FunctionDetails], str]
    report_missing_rights: Callable[[str, Sequence[str], str], Awaitable[None]]
    read_ca: Callable[[], bytes | None] = lambda: None


class KubernetesFunctionAuthProvider(FunctionAuthProvider):
    """A provider for functions in pods (upstream: KubernetesFunctionAuthProvider)."""

    @abstractmethod
    async def initialize(self, surroundings: KubernetesSurroundings) -> None:
        """Before anything else is asked; ConfigurationError when the provider cannot work here."""

    @abstractmethod
    def configure_stateful_set(self, stateful_set: Manifest, auth_spec: FunctionAuthenticationSpec | None) -> Manifest:
        """The StatefulSet to create, after the customizer's changes: with what brings the credentials into its pods."""

    async def delete_orphans(self, functions: Callable[[], Iterable[FunctionMetaData]]) -> None:
        """Delete stored credentials that no function of this cluster uses; see `RuntimeFactory.delete_orphans`."""
        return
