"""Where a worker's admin API is and how to authenticate to it."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import attrs

from pulsemill.errors import ConfigurationError

DEFAULT_ADMIN_URL = "http://localhost:6750"


def _base_url(url: str) -> str:
    return url.rstrip("/")


@attrs.frozen
class AdminConnection:
    """What an admin client needs to know. The token never shows in a repr. Timeout in seconds, per read or write."""

    admin_url: str = attrs.field(default=DEFAULT_ADMIN_URL, converter=_base_url)
    token: str | None = attrs.field(default=None, repr=False)
    tls_trust_cert_path: str | None = None
    tls_allow_insecure: bool = False
    timeout: float = 60.0

    @admin_url.validator
    def _check(self, _attribute: object, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigurationError(f"the admin URL {url!r} is not of the form http://host:port or https://host:port")
        if parts.username or parts.password:
            raise ConfigurationError("the admin URL holds credentials; give a token in the authentication parameters")


def read_token(auth_params: str) -> str:
    """The token in authentication parameters as upstream's AuthenticationToken takes them.

    `token:TEXT`, `file:///PATH`, `{"token": "TEXT"}`, or the bare token. Raises ConfigurationError, without the value.
    """
    if auth_params.startswith("token:"):
        token = auth_params.removeprefix("token:")
    elif auth_params.startswith("file:"):
        token = _token_in_file(Path(urlsplit(auth_params).path))
    elif auth_params.startswith("{"):
        token = _token_in_json(auth_params)
    else:
        token = auth_params
    token = token.strip()
    if not token or any(character.isspace() for character in token):
        raise ConfigurationError("the authentication parameters hold no usable token: give token:TEXT or file:///PATH")
    return token


def _token_in_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a text file"
        raise ConfigurationError(f"cannot read the token file {path}: {reason}") from None


def _token_in_json(text: str) -> str:
    try:
        token = json.loads(text)["token"]
    except (ValueError, KeyError):
        token = None
    if not isinstance(token, str):
        raise ConfigurationError('the authentication parameters are JSON without a text under "token"')
    return token
