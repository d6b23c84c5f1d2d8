"""Authentication providers: what proves, from a request, who sent it. Selected by upstream's class names."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Protocol

import attrs

from pulsemill.config.security_checks import TOKEN_PROVIDER
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import ConfigurationError
from pulsemill.security.errors import AuthenticationError
from pulsemill.security.tokens import TokenVerifier

_BEARER: Final = "Bearer "


class AuthenticationProvider(Protocol):
    """One way to authenticate. `method` is its name in the header X-Pulsar-Auth-Method-Name."""

    @property
    def method(self) -> str:
        """Such as `token`."""

    def authenticate(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str:
        """The sender's role; AuthenticationError when the request does not prove any. Header names are lower-case."""


@attrs.frozen
class TokenAuthenticationProvider:
    """`Authorization: Bearer TOKEN`, or the query parameter `token`."""

    verifier: TokenVerifier
    method: str = "token"

    @classmethod
    def from_config(cls, config: WorkerConfig) -> "TokenAuthenticationProvider":
        """With the keys under `properties`."""
        return cls(TokenVerifier.from_properties(config.properties))

    def authenticate(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str:
        """The token's role."""
        token = sent_token(headers, query)
        if not token:
            raise AuthenticationError("there is no bearer token in the header Authorization")
        return self.verifier.role(token)


PROVIDERS: Final[Mapping[str, Callable[[WorkerConfig], AuthenticationProvider]]] = {
    TOKEN_PROVIDER: TokenAuthenticationProvider.from_config,
}


def sent_token(headers: Mapping[str, str], query: Mapping[str, str]) -> str | None:
    """The token that a request brought, in the header or else in its query."""
    value = headers.get("authorization", "")
    bearer = value[len(_BEARER) :].strip() if value.startswith(_BEARER) else ""
    return bearer or query.get("token") or None


def configured_providers(config: WorkerConfig) -> tuple[AuthenticationProvider, ...]:
    """The providers of authenticationProviders; ConfigurationError for none at all and for ones that are not known."""
    names = sorted(name.strip() for name in config.authentication_providers if name.strip())
    if not names:
        raise ConfigurationError(
            f"authenticationEnabled needs authenticationProviders; known: {', '.join(sorted(PROVIDERS))}"
        )
    return tuple(_provider(name, config) for name in names)


def authenticate(
    providers: Iterable[AuthenticationProvider], headers: Mapping[str, str], query: Mapping[str, str]
) -> str:
    """The role that the named provider, or else the first that can, finds in a request; AuthenticationError."""
    asked = headers.get("x-pulsar-auth-method-name")
    chosen = [each for each in providers if asked in (None, each.method)]
    if not chosen:
        raise AuthenticationError("the header X-Pulsar-Auth-Method-Name names no method that is switched on")
    reasons = []
    for provider in chosen:
        try:
            return provider.authenticate(headers, query)
        except AuthenticationError as error:
            reasons.append(str(error))
    raise AuthenticationError("; ".join(reasons))


def _provider(name: str, config: WorkerConfig) -> AuthenticationProvider:
    make = PROVIDERS.get(name)
    if make is None:
        raise ConfigurationError(
            f"authenticationProviders: {name} is not available here, and without it its users would be locked out or "
            f"let in unseen; known: {', '.join(sorted(PROVIDERS))}"
        )
    return make(config)
