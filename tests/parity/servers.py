"""Both workers on one broker, each with namespaces of its own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.parity.comparing import Peers
from tests.parity.exchange import Peer
from tests.parity.workers import IDLE, make_namespaces, running_worker
from tests.rig.broker import Broker
from tests.rig.java_worker import JavaWorker

TENANT = "parity"
# Upstream may take so long to answer that our worker ends an idle connection, after 5 s, while it is used again.
KEPT_ALIVE = httpx2.Limits(keepalive_expiry=1)


@contextmanager
def idle_peers(folder: Path, broker: Broker, java_worker: JavaWorker) -> Iterator[Peers]:
    """Workers whose functions do next to nothing: upstream's refuses to start Python in threads, ours runs nothing."""
    built_in = {key: java_worker.configuration[key] for key in ("connectorsDirectory", "functionsDirectory")}
    with _peers(folder, broker, java_worker, "thread", IDLE | built_in) as peers:
        yield peers


@contextmanager
def process_peers(folder: Path, broker: Broker, java_worker: JavaWorker) -> Iterator[Peers]:
    """Workers under the process runtime."""
    with _peers(folder, broker, java_worker, "process", {}) as peers:
        yield peers


@contextmanager
def _peers(
    folder: Path, broker: Broker, java_worker: JavaWorker, runtime: str, settings: Mapping[str, Any]
) -> Iterator[Peers]:
    names = f"{runtime}-upstream", f"{runtime}-ours"
    make_namespaces(broker, TENANT, *names)
    with (
        running_worker(folder, broker, runtime, settings) as ours,
        httpx2.Client(base_url=java_worker.web_service_url) as upstream_http,
        httpx2.Client(base_url=ours.web_service_url, limits=KEPT_ALIVE) as our_http,
    ):
        yield Peers(Peer(upstream_http, TENANT, names[0]), Peer(our_http, TENANT, names[1]))
