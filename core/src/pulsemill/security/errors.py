"""What can go wrong with a caller."""

from pulsemill.errors import PulsemillError


class AuthenticationError(PulsemillError):
    """A request did not prove who sent it. The reason is for the log: it holds nothing that the client sent."""


class PolicyLookupError(PulsemillError):
    """The broker did not tell who may use a tenant or a namespace."""


class TenantNotFoundError(PolicyLookupError):
    """The broker has no such tenant."""
