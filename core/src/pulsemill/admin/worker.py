"""The worker routes (upstream: org.apache.pulsar.client.admin.Worker)."""

from typing import Any

import httpx2

from pulsemill.admin.transport import AdminError, AdminRequest, AdminTransport, json_of

WORKER = "/admin/v2/worker"
WORKER_STATS = "/admin/v2/worker-stats"


class Worker:
    """What a worker tells about its cluster and itself."""

    def __init__(self, transport: AdminTransport) -> None:
        self._transport = transport

    def cluster(self) -> list[dict[str, Any]]:
        """The members: workerId, workerHostname, port."""
        return json_of(self._get(f"{WORKER}/cluster"), list)

    def leader(self) -> dict[str, Any]:
        """The leader, in the form of a member."""
        return json_of(self._get(f"{WORKER}/cluster/leader"), dict)

    def why_not_ready(self) -> str | None:
        """What the answering worker says that does not lead or takes no changes; None of one that does."""
        try:
            json_of(self._get(f"{WORKER}/cluster/leader/ready"), bool)
        except AdminError as error:
            if error.status == httpx2.codes.SERVICE_UNAVAILABLE:
                return str(error)
            raise
        return None

    def assignments(self) -> dict[str, list[str]]:
        """The instances (`tenant/namespace/name:id`) of each worker."""
        return json_of(self._get(f"{WORKER}/assignments"), dict)

    def function_stats(self) -> list[dict[str, Any]]:
        """The metrics of the answering worker's instances."""
        return json_of(self._get(f"{WORKER_STATS}/functionsmetrics"), list)

    def rebalance(self) -> None:
        """Have the leader spread the instances anew."""
        self._transport.send(AdminRequest("PUT", f"{WORKER}/rebalance"))

    def metrics(self) -> str:
        """The worker's and its instances' metrics in Prometheus' text format."""
        return self._transport.send(AdminRequest("GET", "/metrics", accept="text/plain")).text

    def _get(self, path: str) -> httpx2.Response:
        return self._transport.send(AdminRequest("GET", path))
