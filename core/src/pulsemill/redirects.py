"""Following a redirect to the broker or worker that is responsible, with everything that the first one was asked with.

Pulsar's brokers and workers answer 307 for what another one owns. An HTTP client that follows by itself leaves the
credentials out as soon as the host or port changes, and the owner answers 401.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs
import httpx2

from pulsemill.errors import PulsemillError

MAX_REDIRECTS: Final = 5
REDIRECTS: Final = (httpx2.codes.TEMPORARY_REDIRECT, httpx2.codes.PERMANENT_REDIRECT)


class RedirectError(PulsemillError):
    """A redirect that must not be followed. `status` is its HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@attrs.define
class Redirects:
    """Those of one request, so far."""

    _followed: int = attrs.field(default=0, init=False)

    def follow(self, response: httpx2.Response) -> httpx2.URL:
        """Where a redirect leads; RedirectError when that is nowhere, away from HTTPS, or once too often."""
        target = _target(response)
        if self._followed == MAX_REDIRECTS:
            raise RedirectError(f"more than {MAX_REDIRECTS} redirects, the last one to {target}", response.status_code)
        self._followed += 1
        return target


def is_redirect(response: httpx2.Response) -> bool:
    """Whether an answer asks for the same request elsewhere."""
    return response.status_code in REDIRECTS


async def ask_who_is_responsible(
    client: httpx2.AsyncClient, method: str, url: str, headers: Callable[[], Mapping[str, str]], **body: Any
) -> httpx2.Response:
    """The answer at the end of the redirects; `headers` are asked for each request, the body is repeated.

    Raises RedirectError and what the client does.
    """
    redirects, target = Redirects(), httpx2.URL(url)
    while is_redirect(
        response := await client.request(method, target, headers=headers(), follow_redirects=False, **body)
    ):
        target = redirects.follow(response)
    return response


def _target(response: httpx2.Response) -> httpx2.URL:
    location = response.headers.get("Location", "")
    try:
        target = response.url.join(location)
    except httpx2.InvalidURL:
        target = httpx2.URL()
    if not location or target.scheme not in ("http", "https"):
        raise RedirectError(f"the redirect leads to {location!r}, which is no address", response.status_code)
    if response.url.scheme == "https" and target.scheme != "https":
        raise RedirectError(f"refused to follow the redirect from https to {target}", response.status_code)
    return target
