from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pulsar
import pytest

from tests.plugins.runtime_k8s.real_cluster.topics import Topics
from tests.plugins.runtime_k8s.real_cluster.workers import Worker, running_worker
from tests.rig.broker import Broker
from tests.rig.kubernetes.cluster import Cluster
from tests.rig.kubernetes.images import Image

StartWorker = Callable[..., AbstractContextManager[Worker]]


@pytest.fixture
def start_worker(
    cluster: Cluster, cluster_broker: Broker, kubernetes_namespace: str, function_image: Image, tmp_path: Path
) -> StartWorker:
    """`with start_worker(factory={...}, settings={...}) as worker`: all in one Kubernetes namespace."""
    image = function_image.reference

    def start(name: str = "worker", **more: Any) -> AbstractContextManager[Worker]:
        return running_worker(tmp_path / name, cluster, cluster_broker, kubernetes_namespace, image, **more)

    return start


@pytest.fixture
def topics(cluster_broker: Broker) -> Iterator[Topics]:
    """Sends to functions and receives from them."""
    client = pulsar.Client(cluster_broker.service_url, logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error))
    yield Topics(client)
    client.close()
