"""The Pulsar clients that instances share, and what each instance sees of one.

An instance gets a view: it hands out consumers, producers and readers of the shared client and remembers them, so that
they can be closed when their instance is abandoned, and so that a function which closes "its" client closes only these.

Threads: the pool belongs to the event loop; its blocking calls run in threads of its own. A view may be used and closed
from any thread.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar
from weakref import WeakSet

import attrs
import pulsar

from pulsemill.auth import AuthenticationConfig
from pulsemill_instance.client import ClientSettings, create_client

CLOSE_SECONDS = 5.0
BLOCKING_THREADS = 8

R = TypeVar("R")
log = logging.getLogger(__name__)


class InstanceClient:
    """One instance's view of a shared client: behaves as `pulsar.Client`, closes only what it handed out."""

    def __init__(self, client: pulsar.Client) -> None:
        self._shared = client
        self._opened: WeakSet[Any] = WeakSet()
        self._lock = threading.Lock()
        self._is_closed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shared, name)

    def subscribe(self, *args: Any, **kwargs: Any) -> Any:
        """As `pulsar.Client.subscribe`."""
        return self._remember(self._shared.subscribe(*args, **kwargs))

    def create_producer(self, *args: Any, **kwargs: Any) -> Any:
        """As `pulsar.Client.create_producer`."""
        return self._remember(self._shared.create_producer(*args, **kwargs))

    def create_reader(self, *args: Any, **kwargs: Any) -> Any:
        """As `pulsar.Client.create_reader`."""
        return self._remember(self._shared.create_reader(*args, **kwargs))

    def create_table_view(self, *args: Any, **kwargs: Any) -> Any:
        """As `pulsar.Client.create_table_view`."""
        return self._remember(self._shared.create_table_view(*args, **kwargs))

    def close(self) -> None:
        """Close what this instance opened. Idempotent."""
        with self._lock:
            self._is_closed = True
            opened = list(self._opened)
        for each in opened:
            with suppress(Exception):  # most are closed already
                each.close()

    def shutdown(self) -> None:
        """As `close`: the client itself is others' too."""
        self.close()

    def _remember(self, opened: R) -> R:
        with self._lock:
            late = self._is_closed
            if not late:
                self._opened.add(opened)
        if late:  # opened by a thread that was abandoned meanwhile
            opened.close()  # type: ignore[attr-defined] # every class of the client has it
        return opened


@attrs.define
class _Shared:
    client: pulsar.Client
    users: int = 0


class ClientPool:
    """One client per set of credentials, as long as instances use it."""

    def __init__(self, service_url: str, thread_names: str) -> None:
        self._service_url = service_url
        self._shared: dict[AuthenticationConfig | None, _Shared] = {}
        self._threads = ThreadPoolExecutor(BLOCKING_THREADS, thread_names)

    def acquire(self, authentication: AuthenticationConfig | None) -> InstanceClient:
        """A view of the client with these credentials, made if it is the first; it connects when first used."""
        shared = self._shared.get(authentication)
        if shared is None:
            shared = _Shared(create_client(_settings(self._service_url, authentication)))
            self._shared[authentication] = shared
        shared.users += 1
        return InstanceClient(shared.client)

    async def release(self, authentication: AuthenticationConfig | None, view: InstanceClient) -> None:
        """Close a view, and the client when nobody else uses it."""
        await self.run_blocking(view.close)
        shared = self._shared[authentication]
        shared.users -= 1
        if shared.users == 0:
            del self._shared[authentication]
            await self.run_blocking(shared.client.close)

    async def close(self) -> None:
        """Close every client that is left."""
        left, self._shared = list(self._shared.values()), {}
        for shared in left:
            await self.run_blocking(shared.client.close)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def run_blocking(self, call: Callable[[], object]) -> None:
        """Make a closing call in a thread, for CLOSE_SECONDS at most; its failures are logged."""
        loop = asyncio.get_running_loop()
        try:
            await asyncio.wait_for(loop.run_in_executor(self._threads, call), CLOSE_SECONDS)
        except Exception as error:  # noqa: BLE001 - closing goes on whatever one of them says
            log.warning("Closing failed: %s", str(error) or type(error).__name__)


def _settings(service_url: str, authentication: AuthenticationConfig | None) -> ClientSettings:
    if authentication is None:
        return ClientSettings(service_url)
    return ClientSettings(
        service_url,
        authentication.client_authentication_plugin,
        authentication.client_authentication_parameters,
        authentication.use_tls,
        authentication.tls_trust_certs_file_path,
        authentication.tls_allow_insecure_connection,
        authentication.tls_hostname_verification_enable,
    )
