"""The contract of a function auth provider: how the caller's credentials become the function's.

Upstream: org.apache.pulsar.functions.auth.FunctionAuthProvider.
"""

from abc import ABC, abstractmethod
from typing import Any

import attrs

from pulsemill.plugin import Plugin
from pulsemill_instance.proto.Function_pb2 import FunctionAuthenticationSpec, FunctionDetails


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
    """What a REST caller proved: its role, and the token it sent if it sent one. The token never shows in a repr."""

    role: str | None = None
    token: str | None = attrs.field(default=None, repr=False)


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

    @abstractmethod
    def configure_authentication_config(
        self, auth_config: AuthenticationConfig, auth_spec: FunctionAuthenticationSpec | None
    ) -> AuthenticationConfig:
        """The authentication of one instance, made from the worker's and from what was kept."""

    async def clean_up_auth_data(self, details: FunctionDetails, auth_spec: FunctionAuthenticationSpec | None) -> None:
        """After the function was deleted: let go of what was stored."""
        return
