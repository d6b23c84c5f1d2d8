"""Measures functions on Kubernetes beside upstream's Java worker, on the same cluster and the same broker.

    uv run python -m bench.kubernetes [--rounds 3] [--functions 100]

POST to pod: from the request that registers a function until its pod exists. Many functions created: from the first
request until the last StatefulSet exists; deleted: from the first request until the last StatefulSet is gone; requests
come one after the other. API calls: what the worker asks of the API server in that time, per function, whatever it asks
for; both workers reach it through a proxy that counts. Manifests per CPU second is ours alone: upstream's worker makes
them only as it sends them. The pods ask for more than the node has, so that no image is pulled and none runs. Each
round starts each worker once, in the opposite order of the round before; the report has medians, ranges and ratios.
Starts a cluster and a broker (see tests/rig; PULSEMILL_TEST_CLUSTER=existing takes another cluster) and ends them.
Linux only.
"""

import argparse
import os
import sys
from pathlib import Path

from bench.harness.comparison import comparison
from bench.harness.entry import exit_code, tell
from bench.harness.kubernetes_lives import OURS, UPSTREAM, Stage, life
from bench.harness.kubernetes_surroundings import kubernetes_surroundings
from bench.harness.manifest_rate import manifests_per_cpu_second
from tests.plugins.runtime_k8s.real_cluster.topics import exclaim_package
from tests.rig.kubernetes.api_proxy import api_proxy

Values = dict[str, dict[str, list[float]]]


def measure(rounds: int, count: int, folder: Path) -> Values:
    """Both workers, `rounds` times each."""
    values: Values = {OURS: {}, UPSTREAM: {}}
    tell("starting Kubernetes and a broker")
    with kubernetes_surroundings(folder) as (cluster, broker), api_proxy(cluster.kubeconfig) as proxy:
        stage = Stage(cluster, broker, proxy, exclaim_package(folder / "package"))
        for number in range(rounds):
            values[OURS].setdefault("manifests per CPU second", []).append(manifests_per_cpu_second())
            for contender in (OURS, UPSTREAM)[:: -1 if number % 2 else 1]:
                title = f"round {number + 1} of {rounds}: {contender}"
                tell(f"{title}: start")
                with life(contender, stage, folder / f"{contender}-{number}") as running:
                    for name, value in running.figures(count):
                        tell(f"{title}: {name}: {value:.2f}")
                        values[contender].setdefault(name, []).append(value)
    return values


def measure_and_print(options: argparse.Namespace, folder: Path) -> None:
    """The table."""
    values = measure(options.rounds, options.functions, folder)
    print(*comparison("Kubernetes", values[OURS], values[UPSTREAM]), sep="\n")


def main() -> int:
    """Measure and print; 1 when a server does not start or a worker does not do its work, 130 on Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="how often each worker is started (3)")
    parser.add_argument("--functions", type=int, default=100, help="how many are created and deleted (100)")
    options = parser.parse_args()
    if min(options.rounds, options.functions) < 1:
        parser.error("there must be at least one round and one function")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or else each start of a worker would compile all that it imports
    return exit_code("kubernetes", lambda folder: measure_and_print(options, folder))


if __name__ == "__main__":
    sys.exit(main())
