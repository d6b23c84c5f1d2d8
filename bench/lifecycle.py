"""Measures the lives of workers and functions beside upstream's Java worker, on a real broker.

    uv run python -m bench.lifecycle [--rounds 3] [--functions 100] [--processes 20]

Start to ready, idle memory, POST to running of a Python and of a Java function, and many functions at once: time until
all run, and how much the worker grows. Under the process runtime both workers run the same functions. Under the thread
runtime each runs its own language, for upstream's has no Python and ours no Java. CPU seconds are what the processes
computed; other load on the machine hardly changes them.

Every worker is started once unmeasured, so that Python's bytecode is there and files are in memory, then once a round,
in turn and in the opposite order of the round before. The report has medians, ranges and ratios of medians. Starts the
official Pulsar distribution (fetched at the first run, see tests/rig) and ends all that it started. Linux only.
"""

import argparse
import statistics
import sys
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path

import attrs

from bench.harness.beside_broker import Contender, running
from bench.harness.entry import exit_code, tell
from bench.harness.lives import JAVA, PYTHON, Code, all_running, figures
from tests.rig.broker import Broker, running_broker
from tests.rig.distribution import pulsar_home
from tests.rig.upstream_python import upstream_python

Values = dict[str, list[float]]


@attrs.frozen
class Options:
    """The command line: `many` holds how many functions run at once under each runtime, and says which are measured."""

    rounds: int
    many: Mapping[str, int]


def languages(contender: Contender) -> list[str]:
    """What a worker runs; the first is that of its many functions."""
    if contender.runtime == "process":
        return [PYTHON, JAVA]
    return [PYTHON] if contender.is_ours else [JAVA]


def measure(options: Options, broker: Broker, folder: Path) -> dict[Contender, Values]:
    """Every contender in turn, `rounds` times."""
    contenders = [Contender(is_ours, runtime) for runtime in options.many for is_ours in (True, False)]
    values: dict[Contender, Values] = {contender: {} for contender in contenders}
    for contender in contenders:
        warm_up(contender, broker, folder)
    for number in range(options.rounds):
        for contender in contenders[:: -1 if number % 2 else 1]:
            title = f"round {number + 1} of {options.rounds}: {contender.name}"
            for name, value in one_life(title, contender, broker, folder, options.many[contender.runtime]):
                values[contender].setdefault(name, []).append(value)
    return values


def warm_up(contender: Contender, broker: Broker, folder: Path) -> None:
    """Start a worker and a function, once."""
    prefix = f"warm-up-{uuid.uuid4().hex[:8]}"
    (folder / prefix).mkdir()
    tell(f"warm-up: {contender.name}")
    with running(contender, broker, folder / prefix) as worker:
        all_running(worker, prefix, Code.in_language(languages(contender)[0]), 1)


def one_life(title: str, contender: Contender, broker: Broker, folder: Path, count: int) -> Iterable[tuple[str, float]]:
    """The figures of one worker, as they come."""
    prefix = f"life-{uuid.uuid4().hex[:8]}"
    (folder / prefix).mkdir()
    tell(f"{title}: start")
    with running(contender, broker, folder / prefix) as worker:
        for name, value in figures(worker, prefix, languages(contender), count, lambda text: tell(f"{title}: {text}")):
            tell(f"{title}: {name}: {value:.2f}")
            yield name, value


def report(values: Mapping[Contender, Values], runtime: str) -> Iterable[str]:
    """The lines of a runtime's table, in Markdown."""
    ours, upstream = (values[Contender(is_ours, runtime)] for is_ours in (True, False))
    languages_of = [" and ".join(languages(Contender(is_ours, runtime))) for is_ours in (True, False)]
    yield f"| {runtime} runtime | ours ({languages_of[0]}) | upstream ({languages_of[1]}) | upstream / ours |"
    yield "|---|---|---|---|"
    for name in dict.fromkeys([*ours, *upstream]):
        mine, theirs = ours.get(name), upstream.get(name)
        yield f"| {name} | {cell(mine)} | {cell(theirs)} | {ratio(mine, theirs)} |"


def cell(values: list[float] | None) -> str:
    """A median and its range."""
    if not values:
        return "-"
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def ratio(ours: list[float] | None, upstream: list[float] | None) -> str:
    """How many times ours is in upstream's."""
    if not ours or not upstream or statistics.median(ours) <= 0:
        return "-"
    return f"{statistics.median(upstream) / statistics.median(ours):.1f}"


def read_options() -> Options:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="how often each worker is started (3)")
    parser.add_argument(
        "--functions", type=int, default=100, help="functions at once, thread runtime; 0: leave out (100)"
    )
    parser.add_argument("--processes", type=int, default=20, help="the same, process runtime (20)")
    options = parser.parse_args()
    if options.rounds < 1 or min(options.functions, options.processes) < 0 or not options.functions + options.processes:
        parser.error("there must be at least one round, with some functions")
    many = {"process": options.processes, "thread": options.functions}
    return Options(options.rounds, {runtime: count for runtime, count in many.items() if count})


def measure_and_print(options: Options, folder: Path) -> None:
    """A table for each runtime."""
    tell(f"Pulsar {pulsar_home().name}, {upstream_python()}")
    tell("starting a broker")
    with running_broker(folder / "broker") as broker:
        values = measure(options, broker, folder)
    for runtime in options.many:
        print(*report(values, runtime), "", sep="\n")


def main() -> int:
    """Measure and print."""
    options = read_options()
    return exit_code("lifecycle", lambda folder: measure_and_print(options, folder))


if __name__ == "__main__":
    sys.exit(main())
