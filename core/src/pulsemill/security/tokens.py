"""Checks JSON web tokens (upstream's org.apache.pulsar.broker.authentication.AuthenticationProviderToken)."""

from collections.abc import Mapping
from typing import Any, Final

import attrs
import jwt
from jwt.types import Options

from pulsemill.config.security_checks import TOKEN_SETTINGS
from pulsemill.errors import ConfigurationError
from pulsemill.security.errors import AuthenticationError
from pulsemill.security.keys import ValidationKey, public_key, secret_key

_CHECKED: Final[Options] = {
    "verify_exp": True,
    "verify_nbf": True,
    "verify_aud": False,
    "verify_iat": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


@attrs.frozen
class TokenVerifier:
    """Tells whose token it is. Expiry and "not before" are checked with `skew_seconds` of tolerance."""

    key: ValidationKey
    role_claim: str = "sub"
    audience_claim: str = ""
    audience: str = ""
    skew_seconds: int = 0

    @classmethod
    def from_properties(cls, properties: Mapping[str, str]) -> "TokenVerifier":
        """As the worker's `properties` say; ConfigurationError for what cannot work."""
        prefix = properties.get("tokenSettingPrefix", "")
        given = {name: properties.get(prefix + name, "").strip() for name in TOKEN_SETTINGS}
        if bool(given["tokenAudienceClaim"]) != bool(given["tokenAudience"]):
            raise ConfigurationError(
                f"properties.{prefix}tokenAudienceClaim and properties.{prefix}tokenAudience check tokens together: "
                "give both or none"
            )
        return cls(
            _validation_key(given, f"properties.{prefix}"),
            role_claim=given["tokenAuthClaim"] or "sub",
            audience_claim=given["tokenAudienceClaim"],
            audience=given["tokenAudience"],
            skew_seconds=_skew(given["tokenAllowedClockSkewSeconds"], f"properties.{prefix}"),
        )

    def role(self, token: str) -> str:
        """The role that a valid token names; AuthenticationError for any other."""
        claims = self._claims(token)
        if self.audience_claim and self.audience not in _texts(claims.get(self.audience_claim)):
            raise AuthenticationError(f"the token's claim {self.audience_claim!r} does not name {self.audience!r}")
        roles = _texts(claims.get(self.role_claim))
        if not roles or not roles[0].strip():
            raise AuthenticationError(f"the token has no role in its claim {self.role_claim!r}")
        return roles[0]

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            return jwt.decode(
                token,
                self.key.key,
                algorithms=list(self.key.algorithms),
                leeway=self.skew_seconds,
                options=_CHECKED,
            )
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
            # Its text may quote the token.
            raise AuthenticationError(f"the token is not valid: {type(error).__name__}") from None


def _validation_key(given: Mapping[str, str], prefix: str) -> ValidationKey:
    if given["tokenSecretKey"]:
        return secret_key(given["tokenSecretKey"], f"{prefix}tokenSecretKey")
    if given["tokenPublicKey"]:
        return public_key(given["tokenPublicKey"], given["tokenPublicAlg"] or "RS256", f"{prefix}tokenPublicKey")
    raise ConfigurationError(
        f"authenticationProviders asks for tokens; give {prefix}tokenSecretKey or {prefix}tokenPublicKey to check them"
    )


def _skew(text: str, prefix: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal()):
        raise ConfigurationError(f"{prefix}tokenAllowedClockSkewSeconds: expected a whole number of seconds, 0 or more")
    return int(text)


def _texts(claim: Any) -> list[str]:
    """A claim that is a text or a list of texts."""
    if isinstance(claim, str):
        return [claim]
    return [each for each in claim if isinstance(each, str)] if isinstance(claim, list) else []
