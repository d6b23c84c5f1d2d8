"""The suite of function auth providers."""

from typing import Any

import attrs
import pytest

from pulsemill.auth import AuthenticationConfig, CallerCredentials, FunctionAuthProvider
from pulsemill.errors import PulsemillError
from pulsemill.plugins.kinds import FUNCTION_AUTH_PROVIDER
from pulsemill.testing.functions import function_details
from pulsemill.testing.plugins import PluginContract
from pulsemill_instance.proto.Function_pb2 import FunctionAuthenticationSpec, FunctionMetaData

TOKEN = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ0ZXN0In0."  # noqa: S105 # a token for "test", signed by nobody
WORKER = AuthenticationConfig(
    client_authentication_plugin="worker-plugin", client_authentication_parameters="worker-secret", use_tls=True
)


class FunctionAuthProviderContract(PluginContract):
    """What every FunctionAuthProvider must do. Override `provider` if it needs more than its configuration."""

    kind = FUNCTION_AUTH_PROVIDER

    @pytest.fixture
    def provider(self, plugin_config: Any) -> FunctionAuthProvider:
        """The tested provider, as a worker makes it."""
        constructor: Any = self.plugin_class
        made: FunctionAuthProvider = constructor(plugin_config)
        return made

    @pytest.fixture
    def caller(self) -> CallerCredentials:
        """Who registers the function."""
        return CallerCredentials(role="test", token=TOKEN)

    @pytest.mark.asyncio
    async def test_what_registration_keeps_configures_instances(
        self, provider: FunctionAuthProvider, caller: CallerCredentials
    ) -> None:
        """Instances get credentials of the function's own; the connection's other settings stay the worker's."""
        data = await provider.cache_auth_data(function_details(), caller)
        assert data is None or isinstance(data, bytes)
        configured = provider.configure_authentication_config(WORKER, _spec(data))
        assert configured.use_tls
        assert configured.client_authentication_parameters != WORKER.client_authentication_parameters

    @pytest.mark.asyncio
    async def test_the_workers_own_authentication_is_left_alone(
        self, provider: FunctionAuthProvider, caller: CallerCredentials
    ) -> None:
        """One function's credentials must never reach another's instance."""
        given = attrs.evolve(WORKER)
        data = await provider.cache_auth_data(function_details(), caller)
        provider.configure_authentication_config(given, _spec(data))
        assert given == WORKER

    def test_a_function_without_kept_data_does_not_get_the_workers_credentials(
        self, provider: FunctionAuthProvider
    ) -> None:
        """It was registered anonymously, and so it connects."""
        for spec in (None, FunctionAuthenticationSpec()):
            configured = provider.configure_authentication_config(WORKER, spec)
            assert configured.client_authentication_parameters != WORKER.client_authentication_parameters

    @pytest.mark.asyncio
    async def test_an_update_replaces_what_was_kept(
        self, provider: FunctionAuthProvider, caller: CallerCredentials
    ) -> None:
        """With and without something to replace."""
        kept = _spec(await provider.cache_auth_data(function_details(), caller))
        for existing in (kept, None):
            data = await provider.update_auth_data(function_details(), existing, caller)
            configured = provider.configure_authentication_config(WORKER, _spec(data))
            assert configured.client_authentication_parameters != WORKER.client_authentication_parameters

    @pytest.mark.asyncio
    async def test_an_update_that_does_not_ask_for_it_keeps_what_was_kept(
        self, provider: FunctionAuthProvider, caller: CallerCredentials
    ) -> None:
        """Its caller may be another, and have no credentials at all."""
        details = function_details()
        data = await provider.cache_auth_data(details, caller)
        stored = FunctionMetaData(functionDetails=details, functionAuthSpec=_spec(data))
        for updated in (details, function_details(parallelism=2)):
            kept = await provider.renew_auth_data(stored, updated, CallerCredentials(), asked=False)
            assert kept == data

    @pytest.mark.asyncio
    async def test_a_caller_without_credentials_is_refused_or_keeps_nothing(
        self, provider: FunctionAuthProvider
    ) -> None:
        """The refusal is an error for the user."""
        try:
            data = await provider.cache_auth_data(function_details(), CallerCredentials())
        except PulsemillError as error:
            assert str(error)  # noqa: PT017 # either outcome is right
        else:
            assert not data

    @pytest.mark.asyncio
    async def test_clean_up_can_be_repeated(self, provider: FunctionAuthProvider, caller: CallerCredentials) -> None:
        """A worker that died while deleting a function deletes it again."""
        spec = _spec(await provider.cache_auth_data(function_details(), caller))
        for existing in (spec, spec, None):
            await provider.clean_up_auth_data(function_details(), existing)

    @pytest.mark.asyncio
    async def test_the_token_never_shows(self, provider: FunctionAuthProvider, caller: CallerCredentials) -> None:
        """Not in the repr of the provider nor in that of what it configures."""
        data = await provider.cache_auth_data(function_details(), caller)
        assert TOKEN not in repr(provider)
        assert TOKEN not in repr(provider.configure_authentication_config(WORKER, _spec(data)))


def _spec(data: bytes | None) -> FunctionAuthenticationSpec | None:
    return None if data is None else FunctionAuthenticationSpec(data=data)
