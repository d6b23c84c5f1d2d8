"""The hook of this distribution."""

from collections.abc import Iterable

from pulsemill.auth import FunctionAuthProvider
from pulsemill.hookspecs import hookimpl
from pulsemill_auth_token.secrets_token import KubernetesSecretsTokenAuthProvider
from pulsemill_auth_token.service_account_token import KubernetesServiceAccountTokenAuthProvider


@hookimpl
def pulsemill_function_auth_providers() -> Iterable[type[FunctionAuthProvider]]:
    """The providers of tokens for pods."""
    return [KubernetesSecretsTokenAuthProvider, KubernetesServiceAccountTokenAuthProvider]
