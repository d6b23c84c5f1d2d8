"""Hands partitions from one instance to another under a steady stream, and counts what is missing or out of order.

    uv run python -m bench.handovers [--handovers 20] [--rate 4000] [--guarantee ATLEAST_ONCE]

With `--wait 0` the instances take what the broker gives first (`pulsemill.handoverSeconds`).
Fetches the official Pulsar distribution at the first time (see tests/rig). Two instances of an ordered function share
the two partitions of their input; in turn each of them is stopped and started again. Exit code 1 when an output is lost
or was overtaken, or when one of an effectively-once function is stored twice.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import attrs

from bench.harness.entry import exit_code, tell
from bench.harness.feeding import feeding
from bench.model.__main__ import surroundings
from pulsemill_instance.handovers import DEFAULT_SECONDS, HANDOVER_KEY
from pulsemill_instance.proto.Function_pb2 import ProcessingGuarantees
from tests.cases.program import Program, ProgramKind
from tests.cases.world import DEDUPLICATED, Surroundings, World, admin_path
from tests.rig.broker import running_broker
from tests.rig.distribution import pulsar_home
from tests.rig.waiting import until

FUNCTION = "def process(number):\n    return str(number)\n"
INSTANCES = PARTITIONS = 2
_TICK_SECONDS = 0.01
_AWAY_SECONDS, _BACK_SECONDS = 3.0, 4.0
_CATCH_UP_SECONDS = 120


@attrs.frozen
class Options:
    """The command line."""

    handovers: int
    rate: int
    guarantee: str
    wait: float


@attrs.frozen
class Count:
    """What was sent and what is stored."""

    sent: int
    stored: Sequence[int]

    @property
    def lost(self) -> int:
        """How many numbers have no output."""
        return self.sent - len(set(self.stored))

    @property
    def twice(self) -> int:
        """How many outputs were stored before."""
        return len(self.stored) - len(set(self.stored))

    @property
    def overtaken(self) -> int:
        """How many first outputs come after one of a later number of their partition."""
        highest, found = [-1] * PARTITIONS, 0
        for number in dict.fromkeys(self.stored):
            partition = number % PARTITIONS
            found += number < highest[partition]
            highest[partition] = max(number, highest[partition])
        return found


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="bench.handovers", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--handovers", type=int, default=20, help="how often an instance stops and comes back")
    parser.add_argument("--rate", type=int, default=4000, help="messages sent per second")
    parser.add_argument(
        "--guarantee",
        choices=["EFFECTIVELY_ONCE", "ATLEAST_ONCE"],
        default="EFFECTIVELY_ONCE",
        help="of the function; ATLEAST_ONCE is one with retainOrdering",
    )
    parser.add_argument(
        "--wait", type=float, default=DEFAULT_SECONDS, help="how long messages wait for earlier ones, in seconds"
    )
    return Options(**vars(parser.parse_args(arguments)))


def main() -> int:
    """Hand over; the exit code."""
    options = parse(sys.argv[1:])
    return exit_code("handovers", lambda folder: count_and_print(options, folder))


def count_and_print(options: Options, folder: Path) -> int:
    """The figures; 1 when a promise was broken."""
    with running_broker(folder / "broker") as broker, surroundings(broker) as shared:
        count = hand_over(options, shared, folder)
    print(
        f"{options.guarantee}, {options.handovers} handovers: {count.sent} sent, {count.lost} lost, "
        f"{count.overtaken} overtaken, {count.twice} stored twice"
    )
    once = options.guarantee == "EFFECTIVELY_ONCE"
    return int(count.lost > 0 or count.overtaken > 0 or (once and count.twice > 0))


def hand_over(options: Options, shared: Surroundings, folder: Path) -> Count:
    """Stop and start instances while messages come."""
    kind = ProgramKind("ours", pulsar_home() / "conf/functions-logging/logging_config.ini")
    world = World(shared, kind, folder, "handovers", _CATCH_UP_SECONDS)
    with closing(world):
        start = _starter(world, options)
        programs = [start(number) for number in range(INSTANCES)]
        topics = [f"{world.input}-partition-{number}" for number in range(PARTITIONS)]
        with feeding(world.shared.client, topics, options.rate, _TICK_SECONDS) as sent:
            for handover in range(options.handovers):
                number = handover % INSTANCES
                time.sleep(_BACK_SECONDS)
                programs[number].stop()
                time.sleep(_AWAY_SECONDS)
                programs[number] = start(number)
                tell(f"{handover + 1} of {options.handovers} handovers, {sent()} sent")
        until(lambda: not any(world.backlog(topic) for topic in topics), seconds=_CATCH_UP_SECONDS)
        return Count(sent(), [int(number) for number in world.stored()])


def _starter(world: World, options: Options) -> Callable[[int], Program]:
    """Makes the topics; what it returns starts an instance."""
    if options.guarantee == "EFFECTIVELY_ONCE":
        world.namespace = DEDUPLICATED
    admin, package = world.shared.admin, world.write(FUNCTION)
    admin.put(f"{admin_path(world.input)}/partitions", json=PARTITIONS).raise_for_status()
    admin.put(f"{admin_path(world.output)}/subscription/keeper").raise_for_status()
    details = world.details(
        className="userfn",
        processingGuarantees=ProcessingGuarantees.Value(options.guarantee),
        retainOrdering=True,
        userConfig=json.dumps({HANDOVER_KEY: options.wait}),
    )
    details.parallelism = INSTANCES
    return lambda number: world.start_package(package, details, instance_id=number)


if __name__ == "__main__":
    sys.exit(main())
