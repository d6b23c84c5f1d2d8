"""Measures how long single messages take through a function on a real broker, and how soon an instance has its first.

    uv run python -m bench.latency [--rounds 3] [--seconds 10] [--rate 50] [--set KEY=VALUE] [--plot latency.png]

A producer without batching sends one message after the other, a consumer waits for the outputs; latency is the time
between the two, in this program, so that both clients' own time is in it. The way without a function is measured too,
and that through a bare loop of the client (receive, send, flush, acknowledge): less than it nothing can take that
reads one topic and writes another. For Python instances, the start is the time from their execution to the output of
a message that already waits, and memory is what the process holds after it worked.

Contenders take turns, in the opposite order in every other round, on a broker that has worked for a while: one that
has just been started takes half as long again for a message. `--set` changes the broker's configuration: with
`journalFlushWhenQueueEmpty=true` its journal does not wait for company, with `dispatcherRetryBackoffInitialTimeInMs=0`
its shared subscriptions do not wait after a read in vain (see docs/performance.md). Starts the official Pulsar
distribution (fetched at the first run, see tests/rig) and ends all that it started. Linux only.
"""

import argparse
import statistics
import sys
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import attrs
import pulsar
from pulsar.schema import StringSchema

from bench.harness import functions
from bench.harness.backlog import topic
from bench.harness.drains import Contender
from bench.harness.entry import exit_code, tell
from bench.harness.functions import Job
from bench.harness.processes import memory
from bench.harness.warm_up import warm_up
from bench.throughput import BARE, JAVA, OURS, THREAD, UPSTREAM, started_contenders
from tests.rig.broker import Broker, running_broker

ANSWER_MS = 60_000
WARM_UP = 50
MEBIBYTE = 1024**2
NOTHING = "no function"
NAMES = (OURS, UPSTREAM, BARE, JAVA, THREAD)


@attrs.define
class Figures:
    """What was measured of one contender: ms of messages, seconds of starts, bytes of memory."""

    latencies: list[float] = attrs.field(factory=list)
    starts: list[float] = attrs.field(factory=list)
    sizes: list[int] = attrs.field(factory=list)


@attrs.frozen
class Way:
    """From an input topic to an output topic."""

    producer: pulsar.Producer
    consumer: pulsar.Consumer

    def send(self) -> int:
        """Send a message that nobody waits for yet; when, in ns."""
        now = time.perf_counter_ns()
        self.producer.send(f"sent {now}")
        return now

    def answer(self) -> None:
        """Wait for an output."""
        self.consumer.acknowledge(self.consumer.receive(ANSWER_MS))

    def latency(self) -> float:
        """One message's, in ms."""
        sent = self.send()
        message = self.consumer.receive(ANSWER_MS)
        passed = time.perf_counter_ns() - sent
        self.consumer.acknowledge(message)
        return passed / 1e6


@contextmanager
def way(client: pulsar.Client, job: Job) -> Iterator[Way]:
    """The topics of a job, with a producer and a consumer."""
    consumer = client.subscribe(job.target, "answers")
    producer = client.create_producer(job.source, schema=StringSchema(), batching_enabled=False)
    try:
        yield Way(producer, consumer)
    finally:
        producer.close()
        consumer.close()


def measure(
    client: pulsar.Client, contenders: Sequence[Contender], folder: Path, options: argparse.Namespace
) -> dict[str, Figures]:
    """Every contender in turn, `rounds` times."""
    figures = {name: Figures() for name in [*(each.name for each in contenders), NOTHING]}
    for number in range(options.rounds):
        for contender in contenders[:: -1 if number % 2 else 1]:
            measure_one(client, contender, folder, figures[contender.name], options)
            tell(f"round {number + 1} of {options.rounds}: {contender.name}: {summary(figures[contender.name])}")
        job = new_job(same=True)
        with way(client, job) as direct:
            figures[NOTHING].latencies += latencies(direct, options)
    return figures


def measure_one(
    client: pulsar.Client, contender: Contender, folder: Path, figures: Figures, options: argparse.Namespace
) -> None:
    """One contender's start and latencies."""
    job = new_job()
    own = folder / job.name
    own.mkdir()
    with way(client, job) as through:
        through.send()
        began = time.monotonic()
        with contender.draining(job, own) as pid:
            through.answer()
            started = time.monotonic() - began
            figures.latencies += latencies(through, options)
            if contender.name in {OURS, UPSTREAM}:
                figures.starts.append(started)
                figures.sizes.append(memory(pid)[0])


def new_job(*, same: bool = False) -> Job:
    """A function with topics of its own; with `same`, the output topic is the input topic."""
    name = f"m{uuid.uuid4().hex[:10]}"
    source = topic(f"{name}-in")
    return Job(name, functions.EXCLAIM, source, source if same else topic(f"{name}-out"))


def latencies(through: Way, options: argparse.Namespace) -> list[float]:
    """Those of single messages at a steady rate, after some that do not count."""
    for _ in range(WARM_UP):
        through.latency()
    found = []
    for _ in range(int(options.seconds * options.rate)):
        found.append(through.latency())
        time.sleep(max(0.0, 1 / options.rate - found[-1] / 1000))
    return found


def summary(figures: Figures) -> str:
    """A line of progress."""
    return f"median {statistics.median(figures.latencies):.2f} ms of {len(figures.latencies)} messages"


def table(figures: Mapping[str, Figures]) -> Iterable[str]:
    """The report, in Markdown."""
    yield "| one message at a time | median, ms | 99 of 100 within, ms | exec to first output, s | memory, MiB RSS |"
    yield "|---|---|---|---|---|"
    for name, each in figures.items():
        within = sorted(each.latencies)[int(len(each.latencies) * 0.99)]
        start = f"{statistics.median(each.starts):.2f}" if each.starts else "-"
        size = f"{statistics.median(each.sizes) / MEBIBYTE:.1f}" if each.sizes else "-"
        yield f"| {name} | {statistics.median(each.latencies):.2f} | {within:.2f} | {start} | {size} |"


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="how often each contender is started (3)")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long messages are sent to each (10)")
    parser.add_argument("--rate", type=float, default=50.0, help="messages a second (50)")
    parser.add_argument("--warm-up", type=float, default=30.0, help="seconds of work for the broker before all (30)")
    parser.add_argument(
        "--set", action="append", default=[], type=_setting, metavar="KEY=VALUE", help="a setting of the broker"
    )
    parser.add_argument("--who", action="append", choices=NAMES, help="a contender; may be repeated (all)")
    parser.add_argument(
        "--plot", type=Path, help="draw the latencies into this PNG (needs the dependency group `bench`)"
    )
    return parser.parse_args()


def _setting(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not key or not sign:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key, value


def measure_and_print(options: argparse.Namespace, folder: Path) -> None:
    """The table, and the picture if it was asked for."""
    tell("starting a broker")
    with running_broker(folder / "broker", dict(options.set)) as broker:
        figures = measure_all(options, broker, folder)
    print(*table(figures), sep="\n")
    if options.plot:
        from bench.harness.plots import plot_latencies  # noqa: PLC0415 matplotlib is there in the group `bench` only

        plot_latencies({name: each.latencies for name, each in figures.items()}, options.plot)


def measure_all(options: argparse.Namespace, broker: Broker, folder: Path) -> dict[str, Figures]:
    """Everything, on one broker and one client."""
    client = pulsar.Client(broker.service_url, logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error))
    with ExitStack() as started:
        started.callback(client.close)
        tell(f"the broker warmed up with {warm_up(client, options.warm_up)} messages")
        contenders = started_contenders(broker, folder, options.who or NAMES, started, at_once=1)
        return measure(client, contenders, folder, options)


def main() -> int:
    """Measure and print."""
    options = read_options()
    return exit_code("latency", lambda folder: measure_and_print(options, folder))


if __name__ == "__main__":
    sys.exit(main())
