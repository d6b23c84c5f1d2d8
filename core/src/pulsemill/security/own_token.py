"""What the worker's own token says of itself, for messages about refusals: the broker tells neither role nor reason."""

from datetime import UTC, datetime
from typing import Any, Final

import jwt

CREDENTIALS: Final = "brokerClientAuthenticationPlugin and brokerClientAuthenticationParameters"


def why_refused(token: str | None, now: datetime) -> str:
    """What may be wrong with a refused token (None: the credentials are something else), and what to do about it."""
    claims = _claims(token or "")
    expiry = _expiry(claims)
    if expiry is not None and expiry <= now:
        return (
            f"the worker's token expired at {expiry:%Y-%m-%dT%H:%M:%SZ}: renew it in the file that "
            "brokerClientAuthenticationParameters names, which is read again; without a file, restart with a new one"
        )
    role = claims.get("sub")
    whose = f"role {role!r}" if isinstance(role, str) else "role"
    return (
        f"the worker's {whose} lacks the rights: make it a super-user of the broker (superUserRoles), or give the "
        f"worker a super-user's credentials ({CREDENTIALS})"
    )


def _claims(token: str) -> dict[str, Any]:
    try:
        return jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError):
        return {}


def _expiry(claims: dict[str, Any]) -> datetime | None:
    try:
        return datetime.fromtimestamp(claims["exp"], UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None
