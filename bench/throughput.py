"""Measures how fast functions drain a backlog, on a real broker: ours, upstream's Python instance, a Java function.

    uv run python -m bench.throughput [--rounds 3] [--seconds 5] [--only "exclaim 100 B"] [--plot throughput.png]

Every contender drains the same messages through a subscription of its own and is ended after `--seconds`, or when
nothing is left. What counts is what the broker stored on the output topic, from the first outputs on. CPU is that of
the process that runs the function; a broker and this program share the machine with it. The bare loop is the client
without any function instance: receive, send, flush, acknowledge.

Contenders take turns, in the opposite order in every other round; medians are printed, with ranges and ratios. Starts
the official Pulsar distribution (fetched at the first run, see tests/rig) and ends all that it started. Linux only.
"""

import argparse
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

import attrs

from bench.harness import functions
from bench.harness.backlog import Counter, InstanceCounter, counter, fill, topic
from bench.harness.beside_broker import Contender as Worker
from bench.harness.beside_broker import RunningWorker, running
from bench.harness.contenders import broker_of_our_own
from bench.harness.drains import (
    BareLoop,
    Contender,
    ThreadFunction,
    java_exclamation,
    our_instance,
    python_code,
    upstream_instance,
)
from bench.harness.entry import exit_code, tell
from bench.harness.functions import Job
from bench.harness.processes import cpu_seconds
from bench.harness.rates import Rate, Rates, rate_table
from tests.rig.broker import Broker, running_broker
from tests.rig.errors import RigError

POLL_SECONDS = 0.05
BATCH_MESSAGES = 1000
START_SECONDS = 30.0
OURS, UPSTREAM, BARE, JAVA = "ours", "upstream's Python", "bare loop", "Java, thread"
THREAD, FOUR = "ours, thread", "ours, 4 in a worker"
NAMES = (OURS, UPSTREAM, BARE, JAVA, THREAD, FOUR)


@attrs.frozen
class Workload:
    """What is drained: `count` messages of `size` bytes; and by whom. `user_config` is the function's, in JSON."""

    name: str
    code: str
    size: int
    count: int
    contenders: Sequence[str]
    user_config: str = ""


WORKLOADS = (
    Workload("exclaim 100 B", functions.EXCLAIM, 100, 400_000, (OURS, UPSTREAM, BARE, JAVA, THREAD, FOUR)),
    Workload("exclaim 1 KiB", functions.EXCLAIM, 1024, 200_000, (OURS, UPSTREAM, BARE, JAVA)),
    Workload("exclaim 10 KiB", functions.EXCLAIM, 10 * 1024, 40_000, (OURS, UPSTREAM, BARE, JAVA)),
    Workload("sleep 5 ms", functions.SLEEP, 100, 400_000, (OURS, UPSTREAM)),
    Workload("sleep 5 ms, 100 threads", functions.SLEEP, 100, 400_000, (OURS,), functions.POOL),
    Workload("sleep 5 ms, async", functions.SLEEP_ASYNC, 100, 400_000, (OURS,)),
    Workload("300 SHA-256", functions.HASH, 100, 400_000, (OURS, UPSTREAM)),
)
EMBEDDED = Workload("exclaim 100 B, embedded broker", functions.EXCLAIM, 100, 400_000, (OURS,))


@attrs.frozen
class Measurement:
    """Where and how everything is measured."""

    counter: Counter
    folder: Path
    seconds: float

    def rate(self, workload: Workload, contender: Contender) -> Rate:
        """One contender's."""
        name = f"m{uuid.uuid4().hex[:10]}"
        folder = self.folder / name
        folder.mkdir()
        source = topic(f"backlog-{workload.size}")
        job = Job(name, workload.code, source, topic(f"{name}-out"), workload.user_config)
        with contender.draining(job, folder) as pid:
            return self._watch(job, pid, workload.count)

    def _watch(self, job: Job, pid: int, count: int) -> Rate:
        first = self._first_outputs(job)
        began, used = time.monotonic(), cpu_seconds(pid)
        stored, now = first, began
        while stored < count and now < began + self.seconds:
            time.sleep(POLL_SECONDS)
            stored, now = self.counter.stored(job.target), time.monotonic()
        return Rate(stored - first, now - began, cpu_seconds(pid) - used)

    def _first_outputs(self, job: Job) -> int:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if stored := self.counter.stored(job.target):
                return stored
            time.sleep(POLL_SECONDS)
        raise RigError(f"{job.name} had no output within {START_SECONDS:.0f} s")


def measure(measurement: Measurement, workload: Workload, contenders: Sequence[Contender], rounds: int) -> Rates:
    """Every contender in turn, `rounds` times."""
    rates: Rates = {contender.name: [] for contender in contenders}
    for number in range(rounds):
        for contender in contenders[:: -1 if number % 2 else 1]:
            rate = measurement.rate(workload, contender)
            rates[contender.name].append(rate)
            tell(f"{workload.name}, round {number + 1} of {rounds}: {contender.name}: {rate}")
    return rates


def measure_embedded(options: argparse.Namespace, folder: Path) -> Rates:
    """Our instance on the embedded broker."""
    with broker_of_our_own() as broker:
        fill(broker.service_url, f"backlog-{EMBEDDED.size}", "x" * EMBEDDED.size, EMBEDDED.count)
        contender = our_instance(broker.service_url)
        measurement = Measurement(InstanceCounter(lambda: contender.port), folder, options.seconds)
        return measure(measurement, EMBEDDED, [contender], options.rounds)


def started_contenders(
    broker: Broker, folder: Path, names: Iterable[str], started: ExitStack, at_once: int = BATCH_MESSAGES
) -> list[Contender]:
    """Those of `names`; workers run until `started` is closed. The bare loop takes so many messages `at_once`."""
    url = broker.service_url
    contenders: dict[str, Callable[[], Sequence[Contender]]] = {
        OURS: lambda: [our_instance(url)],
        UPSTREAM: lambda: [upstream_instance(url)],
        BARE: lambda: [BareLoop(url, at_once)],
        JAVA: lambda: [ThreadFunction(JAVA, worker(False, broker, folder, started), java_exclamation)],
        THREAD: lambda: ours_in_threads(worker(True, broker, folder, started)),
    }
    wanted = set(names)
    return [each for name, make in contenders.items() if name in wanted for each in make() if each.name in wanted]


def ours_in_threads(running: RunningWorker) -> Sequence[Contender]:
    """One function in our worker, and four at once."""
    return [ThreadFunction(THREAD, running, python_code), ThreadFunction(FOUR, running, python_code, 4)]


def worker(is_ours: bool, broker: Broker, folder: Path, started: ExitStack) -> RunningWorker:
    """A worker with the thread runtime."""
    own = folder / ("our-worker" if is_ours else "java-worker")
    own.mkdir()
    return started.enter_context(running(Worker(is_ours, "thread"), broker, own))


def measure_all(options: argparse.Namespace, folder: Path) -> dict[str, Rates]:
    """Every workload that was asked for."""
    chosen = [each for each in WORKLOADS if not options.only or each.name in options.only]
    rates: dict[str, Rates] = {}
    if chosen:
        tell("starting a broker")
        with running_broker(folder / "broker") as broker:
            rates |= measure_workloads(options, chosen, broker, folder)
    if not options.only or EMBEDDED.name in options.only:
        rates[EMBEDDED.name] = measure_embedded(options, folder)
    return rates


def measure_workloads(
    options: argparse.Namespace, chosen: Sequence[Workload], broker: Broker, folder: Path
) -> dict[str, Rates]:
    """Those on a real broker."""
    names = {name for workload in chosen for name in workload.contenders if not options.who or name in options.who}
    for size, count in {workload.size: workload.count for workload in chosen}.items():
        tell(f"sending {count} messages of {size} bytes")
        fill(broker.service_url, f"backlog-{size}", "x" * size, count)
    with counter(broker) as counted, ExitStack() as started:
        contenders = started_contenders(broker, folder, names, started)
        measurement = Measurement(counted, folder, options.seconds)
        rates = {}
        for workload in chosen:
            own = [each for each in contenders if each.name in workload.contenders]
            rates[workload.name] = measure(measurement, workload, own, options.rounds)
        return rates


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="how often each contender drains each backlog (3)")
    parser.add_argument("--seconds", type=float, default=5.0, help="the most that one drain may take (5)")
    names = [workload.name for workload in (*WORKLOADS, EMBEDDED)]
    parser.add_argument("--only", action="append", choices=names, help="a workload; may be repeated (all)")
    parser.add_argument("--who", action="append", choices=NAMES, help="a contender; may be repeated (all)")
    parser.add_argument("--plot", type=Path, help="draw the rates into this PNG (needs the dependency group `bench`)")
    return parser.parse_args()


def measure_and_print(options: argparse.Namespace, folder: Path) -> None:
    """The tables, and the picture if it was asked for."""
    rates = measure_all(options, folder)
    for workload, measured in rates.items():
        print(*rate_table(workload, measured, OURS), "", sep="\n")
    if options.plot:
        from bench.harness.plots import plot_rates  # noqa: PLC0415 matplotlib is there in the group `bench` only

        plot_rates(rates, options.plot)


def main() -> int:
    """Measure and print."""
    options = read_options()
    return exit_code("throughput", lambda folder: measure_and_print(options, folder))


if __name__ == "__main__":
    sys.exit(main())
