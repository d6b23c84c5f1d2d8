"""One run: an instance, or two, from the first message to the verdict.

One thread a run. It restarts what has ended, as a worker does.
"""

import shutil
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import attrs

from bench.model.function import Call, function_source, read_journals
from bench.model.function_details import function_details
from bench.model.history import History
from bench.model.plan import Disturbance, Plan
from bench.model.topics import Topics
from bench.model.verdict import violations
from tests.cases.program import Program, ProgramKind
from tests.cases.world import DEDUPLICATED, Surroundings, World

PATIENCE_SECONDS = 150.0
"""More than an instance waits before it replaces a producer."""
_MOST_PATIENCE_SECONDS = 900.0
"""However often the broker is away."""
_TICK_SECONDS = 0.05
_MOST_STARTS = 30


@attrs.define
class Outages:
    """The broker's restarts: each second without it, since the epoch, its crashes, and whether it is away now.

    `forever` tells why it never came back.
    """

    seconds: list[float] = attrs.field(factory=list)
    crashes: list[float] = attrs.field(factory=list)
    away: bool = False
    forever: Exception | None = None

    def were_since(self, moment: float) -> bool:
        """Whether the broker was away after a moment, in seconds since the epoch."""
        return self.away or bool(self.seconds and self.seconds[-1] >= moment)


class Violation(AssertionError):  # noqa: N818 it is the finding, not a mistake
    """A guarantee was broken; the text tells the plan and how."""


@attrs.define
class Life:
    """A run on topics of its own. Somebody else restarts the broker, and tells in `outages`."""

    plan: Plan
    world: World
    topics: Topics
    outages: Outages
    package: Path
    programs: list[Program] = attrs.field(factory=list)
    disturbed_at: list[float] = attrs.field(factory=list)
    began: float = attrs.field(factory=time.time)
    looked_at: float = 0.0
    """When it was last asked whether all is done."""

    def run(self) -> None:
        """Violation when something happened that must not."""
        half = self.plan.count // 2
        self.topics.prepare()
        self.topics.feed(range(half))
        self.programs = [self._start(number) for number in range(self.plan.instances)]
        self.topics.feed(range(half, self.plan.count))
        for calls, disturbance in self.plan.disturbances:
            # At most once, what was lost is never called.
            self._await(lambda calls=calls: len(self._calls()) >= calls or self._finished(), f"{calls} calls")
            self._disturb(disturbance, self.programs[calls % len(self.programs)])
        self._await(self._finished, "acknowledged inputs")
        for program in self.programs:
            self._stop(program)
        self._judge()

    def _judge(self) -> None:
        history = History(
            self.topics.stored(),
            self._calls(),
            self.topics.backlog(),
            self._disturbances(),
            dead=self.topics.dead_letters(),
            crashed_at=self.outages.crashes,
            forgot=any(at >= self.looked_at for at in self.outages.crashes),
        )
        if self.plan.windows and self.plan.guarantee == "ATLEAST_ONCE":
            missing = set(range(self.plan.count)) - set(history.outputs)
            history = attrs.evolve(history, left=self.topics.left(missing))
        if found := violations(self.plan, history):
            raise Violation("\n".join([str(self.plan), *found[:20], f"logs are in {self.world.folder}"]))

    def _disturbances(self) -> list[float]:
        """When anything was done to this run."""
        return [*self.disturbed_at, *(at for at in self.outages.seconds if at >= self.began)]

    def _calls(self) -> list[Call]:
        return read_journals(self.world.folder)

    def _finished(self) -> bool:
        plan, self.looked_at = self.plan, time.time()
        calls = Counter(call.number for call in self._calls())
        missing = plan.count - len(calls)
        may_lose = plan.guarantee == "ATMOST_ONCE" and bool(self._disturbances())
        if (missing > plan.without_window and not may_lose) or plan.comes_again(calls):
            return False
        held = plan.in_windows_to_come if plan.guarantee == "ATLEAST_ONCE" else 0
        left = len(plan.unacknowledged)
        return left <= self.topics.backlog() <= left + held and (not held or self._all_in_windows())

    def _all_in_windows(self) -> bool:
        numbers = {number for partition in self.topics.stored() for output in partition for number in output}
        return self.plan.count - len(numbers) <= self.plan.without_window

    def _start(self, number: int) -> Program:
        journal = str(self.world.folder / f"journal-{number}")
        details = function_details(self.plan, self.world, journal, self.topics.dead)
        return self.world.start_package(self.package, details, instance_id=number)

    def _stop(self, program: Program) -> None:
        """Ask it to end, and wait; it may fail only by itself, or before it handles signals."""
        ended_already = not program.alive
        started = "Started" in program.log
        code = program.stop()
        if started and code and not ended_already and not self._may_fail(program):
            raise Violation(f"{self.plan}\nexit code {code} after a request to stop: {program}")

    def _may_fail(self, program: Program) -> bool:
        """An effectively-once instance that must not store what follows a failure, or waits for the name of another."""
        waits = self.plan.instances > 1 and "did not finish its message" in program.output
        return self.plan.guarantee == "EFFECTIVELY_ONCE" and ("allows no gap" in program.output or waits)

    def _disturb(self, disturbance: Disturbance, program: Program) -> None:
        self.disturbed_at.append(time.time())
        match disturbance:
            case Disturbance.KILL:
                program.kill()
            case Disturbance.STOP:
                self._stop(program)
            case Disturbance.UNLOAD_INPUT:
                self.topics.unload(self.world.input)
            case Disturbance.UNLOAD_OUTPUT:
                self.topics.unload(self.world.output)

    def _await(self, condition: Callable[[], bool], what: str) -> None:
        deadline, asked = time.monotonic() + PATIENCE_SECONDS, time.time()
        last = time.monotonic() + _MOST_PATIENCE_SECONDS
        while not condition():
            if self.outages.forever:
                raise self.outages.forever
            if self.outages.were_since(asked):  # the condition itself may have waited for the broker
                deadline = time.monotonic() + PATIENCE_SECONDS
            asked = time.time()
            if time.monotonic() > min(deadline, last):
                calls = len({call.number for call in self._calls()})
                seen = f"backlog {self.topics.backlog()}, {calls} called, {len(self.topics.dead_letters())} dead"
                words = [str(self.plan), f"no {what} in time; {seen}"]
                raise Violation("\n".join([*words, *map(str, self.programs)]))
            self._restart_ended()
            time.sleep(_TICK_SECONDS)

    def _restart_ended(self) -> None:
        for number, program in enumerate(self.programs):
            if not program.alive:
                if len(self.world.started) > _MOST_STARTS:
                    raise Violation(f"{self.plan}\nit ended {_MOST_STARTS} times: {program}")
                self.disturbed_at.append(time.time())
                self.programs[number] = self._start(number)


def live(plan: Plan, shared: Surroundings, kind: ProgramKind, folder: Path, outages: Outages) -> None:
    """Run a plan in a new folder, which stays when it is violated."""
    folder.mkdir(parents=True)
    world = World(shared, kind, folder, f"model-{folder.name}", PATIENCE_SECONDS)
    if plan.guarantee == "EFFECTIVELY_ONCE":
        world.namespace = DEDUPLICATED
    with closing(world):
        Life(plan, world, Topics(plan, world), outages, world.write(function_source(plan))).run()
    shutil.rmtree(folder)
