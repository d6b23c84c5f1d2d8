"""A worker's life.

Start: runtime factory -> Pulsar client -> HTTP (503 until the end of the start) -> broker reached, and given what it
lacks -> membership -> both topics replayed -> leadership -> own instances -> unused packages deleted -> initialized.

Stop, also of a start that failed half-way: HTTP -> instances, all at the same time -> leadership -> membership ->
Pulsar client, admin client -> runtime factory. Every step is bounded in time.
"""

import logging
import socket
import time
from contextlib import AsyncExitStack
from typing import Self

import attrs
import pulsar.asyncio

from pulsemill.broker.admin import BrokerAdmin
from pulsemill.cluster.client import close_client, create_client, wait_for_broker
from pulsemill.cluster.fresh import prepare_broker
from pulsemill.cluster.identity import require_own_id
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.rest.app import create_app
from pulsemill.security.server_tls import RenewableTls, ServerCertificates
from pulsemill.worker.http_server import HttpServer
from pulsemill.worker.parts import WorkerParts
from pulsemill.worker.runtime_setup import RuntimeSetup

logger = logging.getLogger(__name__)


@attrs.define
class WorkerService:
    """One worker. An async context manager: inside, it is initialized.

    It closes its listeners: `listener` is the REST API's over HTTP, `tls_listener` over HTTPS; None means none. Without
    the broker's admin API it is a cluster of one, on a broker that has all that it needs. It closes `broker_admin`.
    """

    config: WorkerConfig
    setup: RuntimeSetup
    listener: socket.socket | None
    broker_admin: BrokerAdmin | None = None
    tls_listener: socket.socket | None = None
    parts: WorkerParts = attrs.field(init=False)
    _servers: list[HttpServer] = attrs.field(factory=list, init=False)
    _closing: AsyncExitStack = attrs.field(factory=AsyncExitStack, init=False)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start everything, or, when something fails, stop what was started and raise its PulsemillError."""
        started = time.monotonic()
        try:
            await self._start_outside()
            await self._join_cluster()
            await self._start_instances()
        except BaseException:
            await self.stop()
            raise
        self.parts.metrics.start_up.observe((time.monotonic() - started) * 1000)
        logger.info("worker %s is ready, %.2f s after its start", self.config.worker_id, time.monotonic() - started)

    async def stop(self) -> None:
        """Stop everything. Idempotent."""
        await self._closing.aclose()

    async def _start_outside(self) -> None:
        for listener in filter(None, (self.listener, self.tls_listener)):
            self._closing.callback(listener.close)
        tls = RenewableTls(ServerCertificates.from_config(self.config)) if self.tls_listener else None
        self._closing.push_async_callback(self.setup.factory.close)
        await self.setup.factory.initialize()
        if self.broker_admin:
            self._closing.push_async_callback(self.broker_admin.close)
        client = create_client(self.config)
        self._closing.push_async_callback(close_client, client)
        self.parts = WorkerParts.wired(self.config, self.setup, client, self.broker_admin)
        if self.parts.ports.state:
            self._closing.push_async_callback(self.parts.ports.state.close)
        await self._serve(tls)
        await self._join(client)

    async def _join(self, client: pulsar.asyncio.Client) -> None:
        topics, membership = self.parts.cluster.topics, self.parts.cluster.membership
        if self.broker_admin:
            await prepare_broker(self.broker_admin, self.config)
            await require_own_id(self.broker_admin, topics.coordination, membership.me)
        await wait_for_broker(client, topics.metadata.topic, self.config)
        self._closing.push_async_callback(membership.leave)
        await membership.join(client, topics.coordination)

    async def _serve(self, tls: RenewableTls | None) -> None:
        app = create_app(self.parts.ports)
        if self.listener:
            self._servers.append(HttpServer(app, self.listener))
        if self.tls_listener:
            renew_seconds = self.config.tls_cert_refresh_check_duration_sec
            self._servers.append(HttpServer(app, self.tls_listener, tls, renew_seconds))
        for server in self._servers:
            self._closing.push_async_callback(server.stop)
            await server.start()

    async def _join_cluster(self) -> None:
        self._closing.push_async_callback(self.parts.cluster.leading.stop)
        await self.parts.cluster.functions.tailer.read_to_end()
        await self.parts.cluster.assignments.read_to_end()
        self._closing.push_async_callback(self.parts.cluster.election.stop)
        await self.parts.cluster.election.start(self.parts.cluster.leading)

    async def _start_instances(self) -> None:
        # Without a pause since leadership began, so that the first scheduling finds the instances being watched.
        self._closing.push_async_callback(self.parts.manager.stop)
        self.parts.manager.start()
        if not self.parts.cluster.functions.has_gaps:
            await self._sweep_packages()
        self.parts.cluster.view.initialized = True
        for server in self._servers:
            self._closing.push_async_callback(server.stop)

    async def _sweep_packages(self) -> None:
        deleted = await self.parts.ports.storage.sweep(self.parts.ports.is_package_used)
        if deleted:
            logger.info("deleted %d packages that no function uses", deleted)
