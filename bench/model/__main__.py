"""Runs random functions through random failures on a real broker, and looks for what their guarantees forbid.

    uv run python -m bench.model --runs 1000

Fetches the official Pulsar distribution at the first time (see tests/rig). Each run is an instance or two of a random
function: its guarantee, order, calls at a time, windows, retries, partitions and batches of its topics, failures, and
when it is killed, stopped, or its topics move. Now and then the broker crashes or stops under all runs at hand. The
seed repeats the same plans; what the machine does with them is its own. Exit code 1 when a guarantee was broken: the
plan is printed, and its logs stay.
"""

import argparse
import itertools
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2
import pulsar

from bench.model.dice import make_plan
from bench.model.life import Outages, Violation, live
from bench.model.plan import Plan
from tests.cases.program import ProgramKind
from tests.cases.world import Surroundings, prepare
from tests.rig.broker import Broker, MortalBroker, running_broker
from tests.rig.distribution import pulsar_home
from tests.rig.errors import RigError

_REPORT_EVERY = 10


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="bench.model", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of the first run; each has the next")  # noqa: S311
    parser.add_argument("--at-once", type=int, default=4, help="runs at the same time")
    parser.add_argument(
        "--restart-seconds", type=float, default=180, help="time between restarts of the broker, 0: never"
    )
    return parser.parse_args(arguments)


def main() -> int:
    """Run; the exit code."""
    options = parse(sys.argv[1:])
    print(f"{options.runs} runs, seed {options.seed}", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="pulsemill-model-"))
    plans = [make_plan(options.seed + number) for number in range(options.runs)]
    with (
        running_broker(folder / "broker") as broker,
        closing(MortalBroker(broker)) as mortal,
        surroundings(broker) as shared,
        restarting(mortal, options.restart_seconds) as outages,
    ):
        kind = ProgramKind("ours", pulsar_home() / "conf/functions-logging/logging_config.ini")
        broken = 0
        for finding in run_all(plans, options.at_once, shared, kind, folder, outages):
            print(finding, flush=True)
            broken += 1
    counts = ", ".join(f"{count} {name}" for name, count in sorted(Counter(plan.guarantee for plan in plans).items()))
    print(f"{counts}; seed {options.seed}, {len(outages.seconds)} seconds without the broker: {broken} broken")
    if broken:
        print(f"logs are in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


def run_all(
    plans: Sequence[Plan],
    at_once: int,
    shared: Surroundings,
    kind: ProgramKind,
    folder: Path,
    outages: Outages,
) -> Iterator[str]:
    """All runs, some at once; what went wrong, as it is found."""
    began = time.monotonic()
    with ThreadPoolExecutor(at_once) as threads:
        lives = {threads.submit(live, plan, shared, kind, folder / str(plan.seed), outages): plan for plan in plans}
        try:
            for done, life in enumerate(as_completed(lives), 1):
                if finding := _finding(life, lives[life]):
                    yield finding
                if outages.forever:
                    raise outages.forever
                if done % _REPORT_EVERY == 0:
                    print(f"{done} of {len(plans)} in {time.monotonic() - began:.0f} s", flush=True)
        finally:
            threads.shutdown(cancel_futures=True)  # after Ctrl-C only those at hand end


def _finding(life: "Future[None]", plan: Plan) -> str | None:
    try:
        life.result()
    except Violation as violation:
        return f"BROKEN: {violation}"
    except Exception as error:  # noqa: BLE001 one run's mistake must not hide the others' findings
        return f"FAILED: {plan}\n{type(error).__name__}: {error}"
    return None


@contextmanager
def surroundings(broker: Broker) -> Iterator[Surroundings]:
    """Clients of the broker, and the namespaces of the runs."""
    client = pulsar.Client(broker.service_url, logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error))
    with httpx2.Client(base_url=f"{broker.web_service_url}/admin/v2/", timeout=60, trust_env=False) as admin:
        prepare(admin)
        yield Surroundings(broker, client, admin)
    client.close()


@contextmanager
def restarting(mortal: MortalBroker, seconds: float, most: int | None = None) -> Iterator[Outages]:
    """End the broker again and again, `seconds` after its last start, at `most` so often, and start it again.

    Its first end is a crash, and every second one. 0 seconds: never.
    """
    outages, ended = Outages(), threading.Event()

    def restart() -> None:
        for number in itertools.count():
            if number == most or outages.forever or ended.wait(seconds):
                return
            _outage(mortal, outages, crash=number % 2 == 0)

    thread = threading.Thread(target=restart, daemon=True)
    if seconds:
        thread.start()
    try:
        yield outages
    finally:
        ended.set()
        if seconds:
            thread.join()


def _outage(mortal: MortalBroker, outages: Outages, *, crash: bool) -> None:
    """End the broker and start it again, and note the seconds between."""
    outages.away = True
    outages.seconds.append(began := time.time())
    if crash:
        outages.crashes.append(began)
        mortal.kill()
    else:
        mortal.stop()
    try:
        mortal.come_back()
    except RigError as error:
        outages.forever = error
        return
    outages.seconds.extend(began + after for after in range(1, int(time.time() - began) + 2))
    outages.away = False


if __name__ == "__main__":
    sys.exit(main())
