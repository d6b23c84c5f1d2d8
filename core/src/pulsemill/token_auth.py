"""Functions authenticate with the token of who registered them, kept in their metadata as it is."""

from typing import ClassVar, Final

import attrs

from pulsemill.auth import AuthenticationConfig, CallerCredentials, FunctionAuthProvider
from pulsemill.names import FunctionName
from pulsemill_instance.proto.Function_pb2 import FunctionAuthenticationSpec, FunctionDetails

TOKEN_PLUGIN: Final = "org.apache.pulsar.client.impl.auth.AuthenticationToken"  # noqa: S105 # a class, no token


class ClearTextFunctionTokenAuthProvider(FunctionAuthProvider):
    """Anyone who can read the metadata topic can read the tokens; upstream's built-in is no better."""

    names: ClassVar = ("org.apache.pulsar.functions.auth.ClearTextFunctionTokenAuthProvider", "clear-text-token")

    async def cache_auth_data(self, details: FunctionDetails, caller: CallerCredentials) -> bytes | None:
        """The caller's token."""
        return caller.function_token(FunctionName.of(details)).encode()

    async def update_auth_data(
        self, details: FunctionDetails, existing: FunctionAuthenticationSpec | None, caller: CallerCredentials
    ) -> bytes | None:
        """The token of who updates the function."""
        return await self.cache_auth_data(details, caller)

    def configure_authentication_config(
        self, auth_config: AuthenticationConfig, auth_spec: FunctionAuthenticationSpec | None
    ) -> AuthenticationConfig:
        """Token authentication, or none for a function that was registered without a token."""
        if auth_spec is None or not auth_spec.data:
            return attrs.evolve(auth_config, client_authentication_plugin="", client_authentication_parameters="")
        return attrs.evolve(
            auth_config,
            client_authentication_plugin=TOKEN_PLUGIN,
            client_authentication_parameters=f"token:{auth_spec.data.decode()}",
        )
