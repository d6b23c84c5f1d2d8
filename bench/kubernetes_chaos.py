"""Creates, changes and deletes functions on Kubernetes at random, and kills the worker with SIGKILL in between.

    uv run python -m bench.kubernetes_chaos [--rounds 200] [--seed N] [--keep]

A round creates, updates, scales, deletes, stops, starts or restarts one of a few functions, or renews its token; in two
rounds of five the worker is killed within 1.5 s after the request began, and started again under its own id or another
one. Every tenth round, all functions are started and must have the StatefulSets that they are registered for; then all
are deleted, again with kills, and within two minutes nothing may be left: no StatefulSet, Service, Secret or pod, and
no subscription to an input topic. Only a Secret of a registration that the kill cut off may stay for ten minutes, as it
could be in use soon; the end of the last round waits for that. The pods ask for more than the node has, so that none
runs; the subscriptions that they would make are made for them. Starts a cluster and a broker (see tests/rig;
PULSEMILL_TEST_CLUSTER=existing takes another cluster) and ends them. Exit code 1 on a violation; the seed repeats the
same requests and kills, at the same moments after each request. Linux only.
"""

import argparse
import contextlib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.harness.kubernetes_rounds import KubernetesChaos, Surroundings, Violation
from bench.harness.kubernetes_surroundings import kubernetes_surroundings
from tests.rig.errors import MissingPrerequisiteError, RigError


@contextlib.contextmanager
def working_folder(*, keep: bool) -> Iterator[Path]:
    """A temporary folder; it stays when something went wrong, or when asked for."""
    folder = Path(tempfile.mkdtemp(prefix="pulsemill-kubernetes-chaos-"))
    try:
        yield folder
    except (Violation, RigError):
        tell(f"data and logs are left in {folder}")
        raise
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if keep:
        tell(f"data and logs are in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)


def tell(text: str) -> None:
    """Progress, on stderr."""
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)


def run(rounds: int, seed: int, folder: Path) -> None:
    """The rounds, on servers of our own."""
    tell("starting Kubernetes and a broker")
    with kubernetes_surroundings(folder) as (cluster, broker), cluster.namespace("chaos") as namespace:
        (folder / "chaos").mkdir()
        chaos = KubernetesChaos(Surroundings(cluster, broker, namespace, folder / "chaos"), rounds, seed, tell)
        try:
            chaos.run()
        finally:
            chaos.close()
            print(chaos.summary())


def main() -> int:
    """Run; 1 on a violation or when a server does not start, 130 on Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))  # noqa: S311 no cryptography
    parser.add_argument("--keep", action="store_true", help="leave data and logs for a look")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds: there must be at least one")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or else each start of a worker would compile all that it imports
    for number in (signal.SIGINT, signal.SIGTERM):  # SIGINT too: shells start background jobs with it ignored
        signal.signal(number, signal.default_int_handler)
    print(f"{options.rounds} rounds, seed {options.seed}", flush=True)
    try:
        with working_folder(keep=options.keep) as folder:
            run(options.rounds, options.seed, folder)
    except Violation as violation:
        print(f"VIOLATED (seed {options.seed}): {violation}")
        return 1
    except (RigError, MissingPrerequisiteError) as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted: everything is stopped", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
