"""What the plugins of the core do, beyond their contracts: upstream's values."""

import pytest

from pulsemill.auth import AuthenticationConfig, CallerCredentials
from pulsemill.errors import PulsemillError
from pulsemill.plugin import NoConfig
from pulsemill.secrets_configurators import (
    DefaultSecretsProviderConfigurator,
    NameAndConfig,
    NameAndConfigBasedSecretsProviderConfigurator,
)
from pulsemill.testing import function_details
from pulsemill.token_auth import ClearTextFunctionTokenAuthProvider
from pulsemill_instance.proto.Function_pb2 import FunctionAuthenticationSpec, FunctionDetails


@pytest.mark.parametrize(
    ("language", "provider"),
    [
        (FunctionDetails.JAVA, "org.apache.pulsar.functions.secretsprovider.ClearTextSecretsProvider"),
        (FunctionDetails.PYTHON, "secretsprovider.ClearTextSecretsProvider"),
        (FunctionDetails.GO, ""),
    ],
)
def test_secrets_are_clear_text_by_default(language: FunctionDetails.Runtime, provider: str) -> None:
    configurator = DefaultSecretsProviderConfigurator(NoConfig())
    details = function_details(runtime=language)
    assert configurator.get_secrets_provider_class_name(details) == provider
    assert configurator.get_secrets_provider_config(details) is None
    assert configurator.configure_process_runtime(details) == {}


def test_a_provider_can_be_configured_by_name_for_every_language() -> None:
    configurator = NameAndConfigBasedSecretsProviderConfigurator(NameAndConfig("vault.Provider", {"url": "x"}))
    for language in FunctionDetails.Runtime.values():
        details = function_details(runtime=language)
        assert configurator.get_secrets_provider_class_name(details) == "vault.Provider"
        assert configurator.get_secrets_provider_config(details) == {"url": "x"}


async def test_the_callers_token_becomes_the_functions() -> None:
    provider = ClearTextFunctionTokenAuthProvider(NoConfig())
    data = await provider.cache_auth_data(function_details(), CallerCredentials(role="me", token="t0ken"))
    assert data == b"t0ken"
    worker = AuthenticationConfig(use_tls=True, tls_trust_certs_file_path="ca.pem")
    configured = provider.configure_authentication_config(worker, FunctionAuthenticationSpec(data=data))
    assert configured == AuthenticationConfig(
        client_authentication_plugin="org.apache.pulsar.client.impl.auth.AuthenticationToken",
        client_authentication_parameters="token:t0ken",
        use_tls=True,
        tls_trust_certs_file_path="ca.pem",
    )


@pytest.mark.parametrize("token", [None, "", "  "])
async def test_a_caller_without_a_token_is_told_which_function_lacks_one(token: str | None) -> None:
    provider = ClearTextFunctionTokenAuthProvider(NoConfig())
    with pytest.raises(PulsemillError, match="function public/default/tested: the request has no token"):
        await provider.cache_auth_data(function_details(), CallerCredentials(token=token))
