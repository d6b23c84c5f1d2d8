"""One HTTP exchange with a worker: timeouts, redirects to the worker that is responsible, errors in words."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import attrs
import httpx2

from pulsemill.admin.connection import AdminConnection
from pulsemill.errors import PulsemillError
from pulsemill.redirects import RedirectError, Redirects, is_redirect

CONNECT_TIMEOUT = 10.0


T = TypeVar("T")


class AdminError(PulsemillError):
    """The worker refused, failed or cannot be reached. `status` is its HTTP status, None when there was no answer."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@attrs.frozen
class AdminRequest:
    """A request as data. `path` is relative to the admin URL; `files` are multipart parts as httpx takes them."""

    method: str
    path: str
    params: Mapping[str, str] | None = None
    files: Mapping[str, Any] | None = None
    accept: str = "application/json"


def path_of(*segments: object) -> str:
    """A path of segments, each quoted, so that no name can reach another route."""
    return "/" + "/".join(quote(str(segment), safe="") for segment in segments)


def json_of(response: httpx2.Response, kind: type[T]) -> T:
    """The JSON of an answer, which must be of a kind; a page of something else that listens there is an AdminError."""
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, kind):
        raise AdminError(f"{response.url} did not answer as a functions worker does: is the admin URL right?")
    return answer


class AdminTransport:
    """Sends requests to a worker. Not thread-safe; close it, or use it as a context manager."""

    def __init__(self, connection: AdminConnection, transport: httpx2.BaseTransport | None = None) -> None:
        self.connection = connection
        headers = {"Authorization": f"Bearer {connection.token}"} if connection.token else {}
        self._client = httpx2.Client(
            headers=headers,
            timeout=httpx2.Timeout(connection.timeout, connect=min(CONNECT_TIMEOUT, connection.timeout)),
            verify=_verification(connection),
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def send(self, request: AdminRequest) -> httpx2.Response:
        """The answer, read whole; raises AdminError unless it is a success."""
        with self.stream(request) as response:
            self._read(response)
            return response

    @contextmanager
    def stream(self, request: AdminRequest) -> Iterator[httpx2.Response]:
        """The answer with its body unread; raises AdminError unless it is a success."""
        response = self._follow(request)
        try:
            if not response.is_success:
                self._read(response)
                raise AdminError(_reason(response), response.status_code)
            yield response
        except httpx2.TransportError as error:
            raise self._unreachable(error) from error
        finally:
            response.close()

    def _follow(self, request: AdminRequest) -> httpx2.Response:
        url = httpx2.URL(self.connection.admin_url + request.path).copy_merge_params(request.params or {})
        redirects = Redirects()
        while is_redirect(response := self._attempt(request, url)):
            response.close()
            try:
                url = redirects.follow(response)
            except RedirectError as error:
                raise AdminError(str(error), error.status) from error
        return response

    def _attempt(self, request: AdminRequest, url: httpx2.URL) -> httpx2.Response:
        try:
            headers = {"Accept": request.accept}
            message = self._client.build_request(request.method, url, files=request.files, headers=headers)
            return self._client.send(message, stream=True, follow_redirects=False)
        except httpx2.TransportError as error:
            raise self._unreachable(error) from error

    def _read(self, response: httpx2.Response) -> None:
        try:
            response.read()
        except httpx2.TransportError as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: httpx2.TransportError) -> AdminError:
        if isinstance(error, httpx2.TimeoutException):
            return AdminError(f"no answer from {self.connection.admin_url} within {self.connection.timeout:g} s")
        return AdminError(f"cannot reach {self.connection.admin_url}: {error} (is a worker running there?)")


def _verification(connection: AdminConnection) -> ssl.SSLContext | bool:
    if not connection.admin_url.startswith("https:"):
        return True
    if connection.tls_allow_insecure:
        return False
    if not connection.tls_trust_cert_path:
        return True
    try:
        return ssl.create_default_context(cafile=connection.tls_trust_cert_path)
    except OSError as error:
        raise AdminError(f"cannot read the trusted certificates {connection.tls_trust_cert_path}: {error}") from error


def _reason(response: httpx2.Response) -> str:
    try:
        reason = response.json()["reason"]
    except (ValueError, KeyError, TypeError):
        reason = None
    return str(reason) if reason else f"HTTP {response.status_code} {response.reason_phrase}"
