"""The broker's admin API, as far as a worker needs it.

Upstream: org.apache.pulsar.client.admin.PulsarAdmin. Everything is called on the event loop. Requests that did not
reach the broker, and answers that it is not ready, are repeated; every request ends within its timeout.
"""

import asyncio
import ssl
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from urllib.parse import quote

import attrs
import httpx2

from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import BrokerError
from pulsemill.redirects import RedirectError, ask_who_is_responsible
from pulsemill.security.broker_client import BrokerClientSecurity
from pulsemill.security.own_token import why_refused
from pulsemill.security.providers import sent_token

ATTEMPTS: Final = 3
RETRY_SECONDS: Final = 0.5
TIMEOUT_SECONDS: Final = 30.0
CONNECT_SECONDS: Final = 5.0
FORBIDDEN: Final = (httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN)

Kind = TypeVar("Kind")


class BrokerAdminError(BrokerError):
    """The broker's admin API refused a request or did not answer. `status` is None when there was no answer."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status

    @property
    def is_refusal(self) -> bool:
        """Whether the broker knows what was asked for, and does not let the worker."""
        return self.status in FORBIDDEN

    @property
    def may_heal(self) -> bool:
        """Whether the same request may succeed later."""
        return self.status is None or self.status >= httpx2.codes.INTERNAL_SERVER_ERROR


@attrs.define
class BrokerAdmin:
    """Asks one broker, or the load balancer in front of several. Close it.

    `headers` are asked for each request, so that a renewed token is taken up. `transport` replaces the network in
    tests.
    """

    url: str
    headers: Callable[[], Mapping[str, str]] = attrs.field(default=dict, repr=False)
    verify: ssl.SSLContext | bool = True
    attempts: int = ATTEMPTS
    transport: httpx2.AsyncBaseTransport | None = None
    _client: httpx2.AsyncClient = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._client = httpx2.AsyncClient(
            base_url=f"{self.url.rstrip('/')}/admin/v2",
            timeout=httpx2.Timeout(TIMEOUT_SECONDS, connect=CONNECT_SECONDS),
            verify=self.verify,
            transport=self.transport,
        )

    @classmethod
    def from_config(cls, config: WorkerConfig) -> "BrokerAdmin":
        """A client of pulsarWebServiceUrl with the worker's credentials; ConfigurationError when it takes none."""
        security = BrokerClientSecurity.from_config(config)
        security.http_headers()
        url = config.pulsar_web_service_url
        return cls(url, security.http_headers, security.verify(url))

    async def close(self) -> None:
        """Close the connections. Idempotent."""
        await self._client.aclose()

    async def clusters(self) -> list[str]:
        """The names of all clusters."""
        return _json(await self._send("GET", "/clusters"), list)

    async def tenant_exists(self, tenant: str) -> bool:
        """Whether there is such a tenant."""
        return (await self._send("GET", f"/tenants/{_quoted(tenant)}", accepted={404})).is_success

    async def tenant_info(self, tenant: str) -> dict[str, Any] | None:
        """A tenant's adminRoles and allowedClusters, None when there is no such tenant."""
        response = await self._send("GET", f"/tenants/{_quoted(tenant)}", accepted={404})
        return _json(response, dict) if response.is_success else None

    async def create_tenant(self, tenant: str, admin_roles: Collection[str], clusters: Collection[str]) -> None:
        """Create a tenant unless it exists."""
        body = {"adminRoles": sorted(admin_roles), "allowedClusters": sorted(clusters)}
        await self._send("PUT", f"/tenants/{_quoted(tenant)}", body, accepted={409})

    async def namespace_policies(self, namespace: str) -> dict[str, Any] | None:
        """The policies of `tenant/namespace`, None when there is no such namespace."""
        response = await self._send("GET", f"/namespaces/{_quoted(namespace)}", accepted={404})
        return _json(response, dict) if response.is_success else None

    async def create_namespace(self, namespace: str, policies: Mapping[str, Any]) -> None:
        """Create a namespace unless it exists."""
        await self._send("PUT", f"/namespaces/{_quoted(namespace)}", dict(policies), accepted={409})

    async def unsubscribe_namespace(self, namespace: str, subscription: str) -> None:
        """Delete a subscription on every topic of a namespace."""
        path = f"/namespaces/{_quoted(namespace)}/unsubscribe/{_quoted(subscription, safe='')}"
        await self._send("POST", path, accepted={404})

    async def create_topic(self, topic: str) -> None:
        """Create a non-partitioned topic unless it exists."""
        await self._send("PUT", topic_path(topic), accepted={409})

    async def delete_topic(self, topic: str) -> None:
        """Delete a topic with its subscriptions unless it is gone."""
        await self._send("DELETE", f"{topic_path(topic)}?force=true", accepted={404})

    async def topics(self, namespace: str) -> list[str]:
        """The full names of a namespace's persistent topics."""
        return _json(await self._send("GET", f"/persistent/{_quoted(namespace)}"), list)

    async def topic_stats(self, topic: str) -> dict[str, Any]:
        """What the broker measures of a topic, with its subscriptions and their consumers."""
        return _json(await self._send("GET", f"{topic_path(topic)}/stats"), dict)

    async def delete_subscription(self, topic: str, subscription: str) -> None:
        """Delete a subscription without consumers, unless it or its topic is gone."""
        path = f"{topic_path(topic)}/subscription/{_quoted(subscription, safe='')}"
        await self._send("DELETE", path, accepted={404})

    async def compact(self, topic: str) -> None:
        """Have a topic compacted, some time soon. One compaction of a topic at a time: another one is enough."""
        await self._send("PUT", f"{topic_path(topic)}/compaction", accepted={409})

    async def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, accepted: Collection[int] = ()
    ) -> httpx2.Response:
        """The answer, when it is a success or of an accepted status."""
        for attempt in range(1, self.attempts + 1):
            try:
                return await self._attempt(method, path, body, accepted)
            except BrokerAdminError as error:
                if attempt == self.attempts or not error.may_heal:
                    raise
            await asyncio.sleep(RETRY_SECONDS * attempt)
        raise AssertionError("there is at least one attempt")

    async def _attempt(
        self, method: str, path: str, body: Mapping[str, Any] | None, accepted: Collection[int]
    ) -> httpx2.Response:
        try:
            response = await ask_who_is_responsible(self._client, method, path, self.headers, json=body)
        except (httpx2.HTTPError, RedirectError) as error:
            raise BrokerAdminError(
                f"no answer from the broker's admin API at {self.url} (pulsarWebServiceUrl) to {method} {path}: "
                f"{str(error) or type(error).__name__}; check the address, and that the broker is up"
            ) from error
        if response.is_success or response.status_code in accepted:
            return response
        raise _refusal(response)


def topic_path(topic: str) -> str:
    """A topic's path in the admin API; a short name is completed as upstream does."""
    domain, separator, rest = topic.partition("://")
    if not separator:
        domain, rest = "persistent", topic if "/" in topic else f"public/default/{topic}"
    tenant, namespace, local = rest.split("/", 2)
    return "/" + "/".join(_quoted(part, safe="") for part in (domain, tenant, namespace, local))


def _refusal(response: httpx2.Response) -> BrokerAdminError:
    request = f"{response.request.method} {response.request.url}"
    said = f"HTTP {response.status_code}: {_reason(response)}"
    if response.status_code in FORBIDDEN:
        said += f"; {why_refused(sent_token(response.request.headers, {}), datetime.now(UTC))}"
    return BrokerAdminError(f"the broker refused {request}: {said}", response.status_code)


def _reason(response: httpx2.Response) -> str:
    try:
        return str(response.json()["reason"])
    except (ValueError, KeyError, TypeError):
        return response.reason_phrase


def _json(response: httpx2.Response, kind: type[Kind]) -> Kind:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, kind):
        raise BrokerAdminError(
            f"{response.request.url} did not answer as a Pulsar broker does: is pulsarWebServiceUrl right?",
            response.status_code,
        )
    return answer


def _quoted(name: str, safe: str = "/") -> str:
    return quote(name, safe=safe)
