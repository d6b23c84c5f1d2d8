"""Twenty rounds of the Kubernetes chaos test; `python -m bench.kubernetes_chaos` runs two hundred."""

from pathlib import Path

import pytest

from bench.harness.kubernetes_rounds import KubernetesChaos, Surroundings
from tests.rig.broker import Broker
from tests.rig.kubernetes.cluster import Cluster

ROUNDS = 20
SEED = 5


@pytest.mark.kubernetes
@pytest.mark.pulsar
@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_nothing_of_deleted_functions_is_left_however_often_the_worker_is_killed(
    cluster: Cluster, cluster_broker: Broker, kubernetes_namespace: str, tmp_path: Path
) -> None:
    chaos = KubernetesChaos(Surroundings(cluster, cluster_broker, kubernetes_namespace, tmp_path), ROUNDS, SEED, print)
    try:
        chaos.run()
    finally:
        chaos.close()
        print(chaos.summary())
    assert chaos.deletes
    assert chaos.kills
