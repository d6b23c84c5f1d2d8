"""Function auth providers keep their contract."""

from typing import ClassVar

import pytest

from pulsemill.auth import FunctionAuthProvider, KubernetesSurroundings
from pulsemill.plugin import NoConfig
from pulsemill.testing import FunctionAuthProviderContract
from pulsemill.token_auth import ClearTextFunctionTokenAuthProvider
from pulsemill_auth_token.secrets_token import KubernetesSecretsTokenAuthProvider
from pulsemill_auth_token.service_account_token import KubernetesServiceAccountTokenAuthProvider
from tests.plugins.auth_token.conftest import server, surroundings

__all__ = ["server", "surroundings"]


class TestClearTextFunctionTokenAuthProvider(FunctionAuthProviderContract):
    plugin_class = ClearTextFunctionTokenAuthProvider


class TestKubernetesSecretsTokenAuthProvider(FunctionAuthProviderContract):
    plugin_class = KubernetesSecretsTokenAuthProvider

    @pytest.fixture
    async def provider(self, surroundings: KubernetesSurroundings) -> FunctionAuthProvider:  # type: ignore[override]
        made = KubernetesSecretsTokenAuthProvider(NoConfig())
        await made.initialize(surroundings)
        return made


class TestKubernetesServiceAccountTokenAuthProvider(FunctionAuthProviderContract):
    plugin_class = KubernetesServiceAccountTokenAuthProvider
    configuration: ClassVar = {"brokerClientTrustCertsSecretName": "broker-ca", "serviceAccountTokenAudience": "pulsar"}
