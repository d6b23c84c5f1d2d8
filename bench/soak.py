"""Keeps one instance under load on a real broker, and prints how its memory, descriptors and threads grow.

    uv run python -m bench.soak [--minutes 30] [--rate 2000] [--failures 0]

Fetches the official Pulsar distribution at the first time (see tests/rig). The function returns, returns nothing,
publishes and counts in turn, and its figures are asked as a worker and Prometheus ask them. With `--failures` it raises
too: Pulsar's client (3.13) keeps 450 bytes of each message that failed, also without any instance. A slope is a line
through the samples after the first fifth; noise is how much their spread, or one thread, descriptor or MiB more, may
tilt it. Exit code 1 when something grows beyond noise, or when the instance ended. Linux only.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import attrs

from bench.harness.entry import exit_code
from bench.harness.feeding import feeding
from bench.harness.slopes import Sample, Slope, slopes, take_sample, warm
from bench.model.__main__ import surroundings
from tests.cases.program import Program, ProgramKind
from tests.cases.world import Surroundings, World
from tests.rig.broker import running_broker
from tests.rig.distribution import pulsar_home

FUNCTION = """
class Fn:
    def process(self, number, context):
        if number % 100 < context.get_user_config_value("failures"):
            raise ValueError(number)
        context.record_metric("number", number)
        if number % 10 == 3:
            context.publish(context.get_user_config_value("side"), str(number))
            return None
        return f"{number} from {context.get_message_id()}"
"""
_REDELIVERY_MS = 1000
_TICK_SECONDS = 0.1
_SAMPLES = 200
_CATCH_UP_SECONDS = 60


@attrs.frozen
class Options:
    """The command line."""

    minutes: float
    rate: int
    failures: int


@attrs.frozen
class Load:
    """A soak at its end."""

    samples: Sequence[Sample]
    sent: int
    processed: int


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="bench.soak", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=int, default=2000, help="messages sent per second")
    parser.add_argument(
        "--failures", type=int, default=0, help="how many of a hundred messages the function raises for"
    )
    return Options(**vars(parser.parse_args(arguments)))


def main() -> int:
    """Soak; the exit code."""
    options = parse(sys.argv[1:])
    print(f"{options.minutes:g} minutes at {options.rate} messages/s", flush=True)
    return exit_code("soak", lambda folder: soak_and_print(options, folder))


def soak_and_print(options: Options, folder: Path) -> int:
    """The table; 1 when something grows."""
    with running_broker(folder / "broker") as broker, surroundings(broker) as shared:
        load = soak(options, shared, folder)
    found = slopes(warm(load.samples))
    print("\n".join(report(load, found)))
    return 0 if all(slope.within_noise or slope.per_hour < 0 for slope in found.values()) else 1


def report(load: Load, found: dict[str, Slope]) -> Iterator[str]:
    """A table of the slopes."""
    last = load.samples[-1]
    # With a message that fails, the rest of its batch comes again.
    yield f"{load.sent} sent, {load.processed} processed; {len(load.samples)} samples in {last.at / 60:.1f} minutes"
    yield "| | at the end | growth an hour | noise | |"
    yield "|---|---|---|---|---|"
    ends = (last.rss_kib, last.descriptors, last.threads)
    for (name, slope), end in zip(found.items(), ends, strict=True):
        verdict = "none" if slope.within_noise else "grows" if slope.per_hour > 0 else "falls"
        yield f"| {name} | {end} | {slope.per_hour:+.1f} | {slope.noise:.1f} | {verdict} |"


def soak(options: Options, shared: Surroundings, folder: Path) -> Load:
    """Feed an instance for a while and look at it all the time."""
    kind = ProgramKind("ours", pulsar_home() / "conf/functions-logging/logging_config.ini")
    world = World(shared, kind, folder, "soak", _CATCH_UP_SECONDS)
    with closing(world):
        user_config = {"side": world.topic("side"), "failures": options.failures}
        details = world.details(userConfig=json.dumps(user_config))
        details.source.negativeAckRedeliveryDelayMs = _REDELIVERY_MS
        # What always fails would come again and again.
        details.retryDetails.maxMessageRetries = 1
        program = world.start(FUNCTION, details)
        world.ready()
        with feeding(world.shared.client, [world.input], options.rate, _TICK_SECONDS) as sent:
            samples = list(watch(program, options.minutes * 60))
            processed = program.status.numSuccessfullyProcessed
        return Load(samples, sent(), processed)


def watch(program: Program, seconds: float) -> Iterator[Sample]:
    """Samples at equal distances, each after the figures were asked for."""
    began, distance = time.monotonic(), max(1.0, seconds / _SAMPLES)
    while (at := time.monotonic() - began) < seconds:
        if not program.alive:
            raise SystemExit(f"the instance ended: {program}")
        program.ask("GetAndResetMetrics")
        program.scrape()
        yield take_sample(program.process.pid, at)
        time.sleep(distance)


if __name__ == "__main__":
    sys.exit(main())
