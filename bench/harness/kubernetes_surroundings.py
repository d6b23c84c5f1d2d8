"""A Kubernetes and a broker for the time of a test or of measurements."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from tests.rig.broker import Broker, running_broker
from tests.rig.kubernetes.cluster import Cluster, running_cluster
from tests.rig.kubernetes.existing import existing_cluster, existing_is_wanted


@contextmanager
def kubernetes_surroundings(folder: Path) -> Iterator[tuple[Cluster, Broker]]:
    """Both running, the broker at an address that pods reach; data and logs go into the folder.

    Raises what the rig raises when they cannot be started here.
    """
    (folder / "kubernetes").mkdir(parents=True)
    with (
        _cluster(folder / "kubernetes") as cluster,
        running_broker(folder / "broker", address=cluster.host) as broker,
    ):
        yield cluster, broker


def _cluster(logs: Path) -> AbstractContextManager[Cluster]:
    return nullcontext(existing_cluster()) if existing_is_wanted() else running_cluster(logs)
