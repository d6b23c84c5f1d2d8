"""Asks upstream's functions worker and ours the same questions, and prints how many of the answers are equal.

    uv run python -m bench.parity

Starts the official Pulsar distribution (fetched at the first run, see tests/rig), both workers beside it, asks all that
tests/parity/scenario.yaml holds, and ends them. Wanted differences are those in tests/parity/differences.yaml. The exit
code is 1 if there is any other.
"""

import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.parity.cases import Case
from tests.parity.comparing import Peers
from tests.parity.report import Report
from tests.parity.scenario import cases, lives
from tests.parity.servers import idle_peers, process_peers
from tests.rig.archives import built_ins
from tests.rig.broker import running_broker
from tests.rig.java_worker import running_java_worker


def main() -> int:
    """Compare everything."""
    report = Report()
    with tempfile.TemporaryDirectory(prefix="pulsemill-parity-") as name:
        folder = Path(name)
        with running_broker(folder / "broker") as broker:
            with (
                running_java_worker(folder / "java-thread", broker, settings=built_ins(folder)) as upstream,
                idle_peers(folder / "idle", broker, upstream) as peers,
            ):
                _compare(peers, cases(), report)
            with (
                running_java_worker(folder / "java-process", broker, "process") as upstream,
                process_peers(folder / "process", broker, upstream) as peers,
            ):
                _compare(peers, lives(), report)
    print(report)
    return 1 if report.unwanted else 0


def _compare(peers: Peers, asked: Iterable[Case], report: Report) -> None:
    for differences in peers.compare_all(asked):
        for unwanted in report.add(differences):
            print(unwanted)


if __name__ == "__main__":
    sys.exit(main())
