"""Keys that check tokens, as upstream's configuration gives them (org.apache.pulsar.broker.authentication.utils).

A value is `file:///PATH`, `data:;base64,TEXT`, the path of a file, or the key itself in base64.
"""

import base64
import binascii
from pathlib import Path
from typing import Final
from urllib.parse import unquote, unquote_to_bytes, urlsplit

import attrs
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from pulsemill.errors import ConfigurationError

_HMAC_BYTES: Final = {"HS256": 32, "HS384": 48, "HS512": 64}
_RSA_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_RSA_BITS: Final = 2048
_CURVES: Final = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
_FAMILIES: Final = {"RS": "RSA", "PS": "RSA", "ES": "EC"}


@attrs.frozen
class ValidationKey:
    """What checks signatures, and the algorithms that it is good for: one of another kind is never tried."""

    key: bytes | RSAPublicKey | EllipticCurvePublicKey = attrs.field(repr=False)
    algorithms: tuple[str, ...]


def secret_key(value: str, setting: str) -> ValidationKey:
    """An HMAC key; ConfigurationError, which never shows it, when it cannot be read or is too short."""
    key = read_key(value, setting)
    algorithms = tuple(name for name, length in _HMAC_BYTES.items() if len(key) >= length)
    if not algorithms:
        raise ConfigurationError(
            f"{setting}: the key has {8 * len(key)} bits; at least 256 are needed. Make one with "
            "`pulsar tokens create-secret-key`"
        )
    return ValidationKey(key, algorithms)


def public_key(value: str, algorithm: str, setting: str) -> ValidationKey:
    """A public RSA or EC key in DER (X.509), for tokens signed in the manner of `algorithm`, such as RS256."""
    family = _FAMILIES.get(algorithm[:2])
    if family is None:
        raise ConfigurationError(
            f"{setting}: tokenPublicAlg is {algorithm}; expected one such as RS256, PS256 or ES256"
        )
    try:
        key = load_der_public_key(read_key(value, setting))
    except ValueError:
        raise ConfigurationError(
            f"{setting}: expected a public key in DER; PEM is turned into it by "
            "`openssl pkey -pubin -in KEY.pem -outform DER -out KEY.der`"
        ) from None
    if isinstance(key, RSAPublicKey) and family == "RSA" and key.key_size >= _RSA_BITS:
        return ValidationKey(key, _RSA_ALGORITHMS)
    if isinstance(key, EllipticCurvePublicKey) and family == "EC" and key.curve.name in _CURVES:
        return ValidationKey(key, (_CURVES[key.curve.name],))
    raise ConfigurationError(
        f"{setting}: the key does not fit tokenPublicAlg {algorithm}; expected RSA with at least {_RSA_BITS} bits for "
        "RS and PS, a NIST curve of 256, 384 or 521 bits for ES"
    )


def read_key(value: str, setting: str) -> bytes:
    """The bytes of a key."""
    if value.startswith("data:"):
        return _data_url(value, setting)
    if value.startswith("file:"):
        return _file(Path(unquote(urlsplit(value).path)), setting)
    if _is_file(value):
        return _file(Path(value), setting)
    return _base64(value.encode(), setting)


def _data_url(value: str, setting: str) -> bytes:
    header, comma, text = value.removeprefix("data:").partition(",")
    if not comma:
        raise ConfigurationError(f"{setting}: expected data:;base64,TEXT")
    content = unquote_to_bytes(text)
    return _base64(content, setting) if header.endswith(";base64") else content


def _base64(text: bytes, setting: str) -> bytes:
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error:
        raise ConfigurationError(
            f"{setting}: neither the path of a file that is there, nor base64 (what it holds is not shown)"
        ) from None


def _is_file(value: str) -> bool:
    try:
        return Path(value).is_file()
    except (OSError, ValueError):  # too long for a path, or no path at all
        return False


def _file(path: Path, setting: str) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no path"
        raise ConfigurationError(f"{setting}: cannot read the key file {str(path)!r}: {reason}") from None
