"""Who sent a request, and who may act for whom (upstream's AuthenticationParameters and AuthorizationService)."""

from collections.abc import Collection

import attrs


@attrs.frozen
class Caller:
    """An authenticated client.

    `original_principal` is whom a proxy says that it acts for (header `X-Original-Principal`), None without.
    """

    role: str
    original_principal: str | None = None


def acting_roles(caller: Caller, proxy_roles: Collection[str]) -> tuple[str, ...]:
    """The roles that must all be allowed what the caller asks for; none if the caller may not act as it claims to.

    A proxy must name a principal that is no proxy; anybody else may at most name itself.
    """
    original = (caller.original_principal or "").strip()
    if caller.role in proxy_roles:
        return (caller.role, original) if original and original not in proxy_roles else ()
    return (caller.role,) if original in {"", caller.role} else ()
