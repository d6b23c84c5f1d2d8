"""Everything that stands between a request and its handler, made from the worker's configuration."""

from collections.abc import Mapping

import attrs

from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import ConfigurationError
from pulsemill.security.authorization import Authorizer, PolicyLookup
from pulsemill.security.caller import Caller
from pulsemill.security.providers import AuthenticationProvider, authenticate, configured_providers


@attrs.frozen
class Guard:
    """No providers: everybody is let in. No authorizer: everybody who was let in may do everything."""

    providers: tuple[AuthenticationProvider, ...] = ()
    authenticates_root: bool = True
    authorizer: Authorizer | None = None

    @classmethod
    def from_config(cls, config: WorkerConfig, policies: PolicyLookup | None = None) -> "Guard":
        """The guard of a worker; ConfigurationError for keys or classes that cannot be used.

        Without `policies` there is nobody to ask who may do what, and authorizationEnabled is refused.
        """
        if not config.authentication_enabled:
            return cls()
        authorizer = None
        if config.authorization_enabled:
            if policies is None:
                raise ConfigurationError("authorizationEnabled needs a broker with an admin API (pulsarWebServiceUrl)")
            authorizer = Authorizer(config.super_user_roles, config.proxy_roles, policies)
        return cls(configured_providers(config), config.authenticate_metrics_endpoint, authorizer)

    def asks(self, path: str) -> bool:
        """Whether a path needs authentication: all but /metrics, /version and /initialized always do."""
        return bool(self.providers) and (self.authenticates_root or path == "/admin" or path.startswith("/admin/"))

    def authenticate(self, headers: Mapping[str, str], query: Mapping[str, str]) -> Caller:
        """Who sent a request; AuthenticationError."""
        return Caller(authenticate(self.providers, headers, query), headers.get("x-original-principal"))
