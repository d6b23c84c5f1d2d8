"""Requests to the Kubernetes API server, in JSON.

Everything belongs to the worker's event loop. The client library brings configuration, credentials, TLS and the
connections; its model classes are left out, because manifests here are JSON anyway.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Final

import aiohttp
import tenacity
from kubernetes.aio.client import ApiClient
from kubernetes.aio.config.config_exception import ConfigException

from pulsemill.kubernetes_api import JSON
from pulsemill_runtime_k8s.api_errors import ApiError, NoJsonError, UnreachableError, is_worth_retrying

REQUEST_SECONDS: Final = 10.0
REQUESTS_AT_A_TIME: Final = 32
"""Watches and websockets, which last, do not count."""
ATTEMPTS: Final = 5
FIRST_PAUSE_SECONDS: Final = 0.25
LONGEST_PAUSE_SECONDS: Final = 2.0
LONGEST_WISH_SECONDS: Final = 10.0
"""How long a server's Retry-After is obeyed; a longer one is left to who asked."""
PATIENCE_SECONDS: Final = 10.0
"""After so long no further attempt begins: who asked has to tell what is wrong."""
LONGEST_LINE_BYTES: Final = 16 << 20
"""Far more than the API server stores in one object."""
APPLY: Final = "application/apply-patch+yaml"
MERGE: Final = "application/merge-patch+json"

Json = dict[str, Any]
Query = Mapping[str, str]


class KubernetesApi:
    """One API server. What it refuses is an ApiError; what may heal by itself was tried a few times before that."""

    def __init__(self, client: ApiClient, manager: str) -> None:
        self.client = client
        self.manager = manager
        self.sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
        self._requests = asyncio.Semaphore(REQUESTS_AT_A_TIME)

    async def request(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        body: Json | None = None,
        content: str = JSON,
        *,
        accept: str = JSON,
    ) -> Json:
        """One request, tried again while the server is away, overloaded or in conflict."""
        retrying = tenacity.AsyncRetrying(
            sleep=self.sleep,
            stop=tenacity.stop_after_attempt(ATTEMPTS) | tenacity.stop_after_delay(PATIENCE_SECONDS),
            wait=_pause,
            retry=tenacity.retry_if_exception(is_worth_retrying),
            reraise=True,
        )
        answer: Json = await retrying(self.request_once, method, path, query, body, content, accept=accept)
        return answer

    async def request_once(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        body: Json | None = None,
        content: str = JSON,
        *,
        accept: str = JSON,
    ) -> Json:
        """One request, tried once."""
        try:
            async with asyncio.timeout(REQUEST_SECONDS), self._requests:
                response = await self._send(method, path, query, body, content, accept)
                data = await response.read()
        except (aiohttp.ClientError, ConfigException, OSError, TimeoutError) as error:
            raise UnreachableError(method, path, error) from error
        quotable = body is None  # another server than Kubernetes' may answer with what it was sent
        if not response.ok:
            wish = response.headers.get("Retry-After", "")
            raise ApiError.from_answer(method, path, response.status, data, wish, is_quotable=quotable)
        try:
            answer: Json = json.loads(data) if data else {}
        except ValueError as error:
            raise UnreachableError(method, path, NoJsonError(data if quotable else b"")) from error
        return answer

    async def get(self, path: str) -> Json | None:
        """An object, None when it does not exist."""
        try:
            return await self.request("GET", path)
        except ApiError as error:
            if error.is_not_found:
                return None
            raise

    async def lines(self, path: str, query: Query, silence_seconds: float) -> AsyncIterator[bytes]:
        """The lines of an answer that goes on; UnreachableError after so many seconds without any."""
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                response = await self._send("GET", path, query)
                refusal = b"" if response.ok else await response.read()
            if not response.ok:
                raise ApiError.from_answer("GET", path, response.status, refusal)
            try:
                async for line in _lines_of(response.content, silence_seconds):
                    yield line
            finally:
                response.close()
        except (aiohttp.ClientError, ConfigException, OSError, TimeoutError, ValueError) as error:
            raise UnreachableError("GET", path, error) from error

    async def websocket(self, path: str, query: Query, protocol: str) -> aiohttp.ClientWebSocketResponse:
        """A connection that goes both ways; the caller closes it."""
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                # The server refuses to upgrade for who wants JSON.
                _, url, headers, _, _ = await self._serialized("GET", path, query, None, JSON, "*/*")
                socket: aiohttp.ClientWebSocketResponse = await self._session().ws_connect(
                    url, headers=headers, protocols=(protocol,), autoping=True, **self._way()
                )
                return socket
        except aiohttp.WSServerHandshakeError as error:
            raise ApiError("GET", path, error.status, "", error.message) from error
        except (aiohttp.ClientError, ConfigException, OSError, TimeoutError) as error:
            raise UnreachableError("GET", path, error) from error

    async def close(self) -> None:
        """Close all connections."""
        await self.client.close()  # type: ignore[no-untyped-call]

    async def _send(
        self,
        method: str,
        path: str,
        query: Query | None,
        body: Json | None = None,
        content: str = JSON,
        accept: str = JSON,
    ) -> aiohttp.ClientResponse:
        method, url, headers, data, _ = await self._serialized(method, path, query, body, content, accept)
        return await self._session().request(
            method,
            url,
            headers=headers,
            data=None if data is None else json.dumps(data),
            timeout=_NO_TOTAL,
            **self._way(),
        )

    async def _serialized(
        self, method: str, path: str, query: Query | None, body: Json | None, content: str, accept: str
    ) -> Any:
        headers = {"Accept": accept, "Content-Type": content}
        return await self.client.param_serialize(
            method,
            path,
            query_params=list((query or {}).items()),
            header_params=headers,
            body=body,
            auth_settings=["BearerToken"],
        )

    def _way(self) -> dict[str, Any]:
        """What a kubeconfig file says of the way to the server, which the library only tells its own requests."""
        told = self.client.configuration
        return {"proxy": told.proxy, "proxy_headers": told.proxy_headers, "server_hostname": told.tls_server_name}

    def _session(self) -> aiohttp.ClientSession:
        rest = self.client.rest_client
        if rest.pool_manager is None:
            rest.pool_manager = rest._create_pool_manager()  # noqa: SLF001 the library's own way to make its session
        session: aiohttp.ClientSession = rest.pool_manager
        return session


async def _lines_of(content: aiohttp.StreamReader, silence_seconds: float) -> AsyncIterator[bytes]:
    """Lines of any length that an object in the API server can have; aiohttp's own end at 128 KiB."""
    begun = bytearray()
    while chunk := await asyncio.wait_for(content.readany(), silence_seconds):
        begun += chunk
        if b"\n" in chunk:
            *lines, rest = begun.split(b"\n")
            begun = rest
            for line in lines:
                yield bytes(line)
        if len(begun) > LONGEST_LINE_BYTES:
            raise ValueError(f"a line of more than {LONGEST_LINE_BYTES >> 20} MiB")
    if begun:
        yield bytes(begun)


def _pause(attempt: tenacity.RetryCallState) -> float:
    """Longer each time, and as long as an overloaded server asks for."""
    error = attempt.outcome.exception() if attempt.outcome else None
    wish = error.retry_after_seconds if isinstance(error, ApiError) else 0.0
    backoff = tenacity.wait_random_exponential(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
    return max(backoff(attempt), min(wish, LONGEST_WISH_SECONDS))


_NO_TOTAL: Final = aiohttp.ClientTimeout(total=None)
