"""One run: an instance, or two, from the first message to the verdict.

One thread a run. It restarts what has ended, as a worker does, and asks the broker again where that does not answer.
"""

import json
import shutil
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import attrs
import httpx2
import pulsar

from bench.model.function import Call, function_source, read_journals
from bench.model.plan import Disturbance, Order, Plan
from bench.model.verdict import History, violations
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, ProcessingGuarantees
from tests.cases.program import Program, ProgramKind
from tests.cases.world import DEDUPLICATED, Surroundings, World, admin_path

Answer = TypeVar("Answer")

PATIENCE_SECONDS = 120.0
_BROKER_SECONDS = 300.0  # its start, on a busy machine
_TICK_SECONDS = 0.05
_REDELIVERY_MS = 200
_MOST_STARTS = 30


@attrs.define
class Outages:
    """The broker's restarts: each second without it, since the epoch, and whether it is away now."""

    seconds: list[float] = attrs.field(factory=list)
    away: bool = False


class Violation(AssertionError):  # noqa: N818 it is the finding, not a mistake
    """A guarantee was broken; the text tells the plan and how."""


@attrs.define
class Life:
    """A run on topics of its own. Somebody else restarts the broker, and tells in `outages`."""

    plan: Plan
    world: World
    outages: Outages
    package: Path
    programs: list[Program] = attrs.field(factory=list)
    disturbed_at: list[float] = attrs.field(factory=list)
    began: float = attrs.field(factory=time.time)

    def run(self) -> None:
        """Violation when something happened that must not."""
        half = self.plan.count // 2
        self._feed(range(half))
        self.programs = [self._start(number) for number in range(self.plan.instances)]
        self._feed(range(half, self.plan.count))
        for calls, disturbance in self.plan.disturbances:
            # At most once, what was lost is never called.
            self._await(lambda calls=calls: len(self._calls()) >= calls or self._finished(), f"{calls} calls")
            self._disturb(disturbance)
        self._await(self._finished, "acknowledged inputs")
        for program in self.programs:
            self._stop(program)
        self._judge()

    def _judge(self) -> None:
        outputs = [int(value) for value in _persistently(self.world.stored)]
        history = History(outputs, self._calls(), _persistently(self.world.backlog), self._disturbances())
        if found := violations(self.plan, history):
            raise Violation("\n".join([str(self.plan), *found[:20], f"logs are in {self.world.folder}"]))

    def _disturbances(self) -> list[float]:
        """When anything was done to this run."""
        return [*self.disturbed_at, *(at for at in self.outages.seconds if at >= self.began)]

    def _calls(self) -> list[Call]:
        return read_journals(self.world.folder)

    def _finished(self) -> bool:
        called = {call.number for call in self._calls()}
        may_lose = self.plan.guarantee == "ATMOST_ONCE" and bool(self._disturbances())
        wanted = may_lose or len(called) == self.plan.count
        return wanted and _persistently(self.world.backlog) == len(self.plan.unacknowledged)

    def _start(self, number: int) -> Program:
        plan, lists = self.plan, ("nothing", "unacknowledged")
        config = {
            "journal": str(self.world.folder / f"journal-{number}"),
            "manual": plan.guarantee == "MANUAL",
            "failing": plan.failing,
            **{name: sorted(getattr(plan, name)) for name in lists},
        }
        details = function_details(plan, self.world, json.dumps(config))
        return self.world.start_package(self.package, details, instance_id=number)

    def _feed(self, numbers: range) -> None:
        by_key = pulsar.BatchingType.KeyBased if self.plan.keys else pulsar.BatchingType.Default
        producer = _persistently(
            lambda: self.world.shared.client.create_producer(
                self.world.input,
                batching_enabled=self.plan.batch > 1,
                batching_max_messages=max(2, self.plan.batch),
                batching_max_publish_delay_ms=50,
                batching_type=by_key,
                block_if_queue_full=True,
                send_timeout_millis=0,
            )
        )
        with closing(producer):
            for number in numbers:
                key = {"partition_key": f"key{self.plan.key(number)}"} if self.plan.keys else {}
                producer.send_async(str(number).encode(), None, **key)
            producer.flush()

    def _stop(self, program: Program) -> None:
        """Ask it to end, and wait; it may fail only by itself, or before it handles signals."""
        ended_already = not program.alive
        started = "Started" in program.log
        code = program.stop()
        failed_itself = self.plan.guarantee == "EFFECTIVELY_ONCE" and "allows no gap" in program.output
        if started and code and not ended_already and not failed_itself:
            raise Violation(f"{self.plan}\nexit code {code} after a request to stop: {program}")

    def _disturb(self, disturbance: Disturbance) -> None:
        self.disturbed_at.append(time.time())
        match disturbance:
            case Disturbance.KILL:
                self.programs[0].kill()
            case Disturbance.STOP:
                self._stop(self.programs[0])
            case _:
                topic = self.world.input if disturbance is Disturbance.UNLOAD_INPUT else self.world.output
                self._unload(topic)

    def _unload(self, topic: str) -> None:
        """Make the broker close a topic under its clients, as it does when topics move."""
        try:
            self.world.shared.admin.put(f"{admin_path(topic)}/unload")
        except httpx2.TransportError:
            return  # the broker is away itself

    def _await(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            if self.outages.away:
                deadline = time.monotonic() + PATIENCE_SECONDS
            if time.monotonic() > deadline:
                backlog = _persistently(self.world.backlog)
                calls = len({call.number for call in self._calls()})
                words = [str(self.plan), f"no {what} in {PATIENCE_SECONDS:g} s; backlog {backlog}, {calls} called"]
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


def function_details(plan: Plan, world: World, user_config: str) -> FunctionDetails:
    """The function of a plan."""
    details = world.details(
        className="userfn.Fn",
        processingGuarantees=ProcessingGuarantees.Value(plan.guarantee),
        retainOrdering=plan.order is Order.ALL,
        retainKeyOrdering=plan.order is Order.KEY,
        userConfig=user_config,
    )
    details.source.negativeAckRedeliveryDelayMs = _REDELIVERY_MS
    return details


def live(plan: Plan, shared: Surroundings, kind: ProgramKind, folder: Path, outages: Outages) -> None:
    """Run a plan in a new folder, which stays when it is violated."""
    folder.mkdir(parents=True)
    world = World(shared, kind, folder, f"model-{folder.name}", PATIENCE_SECONDS)
    if plan.guarantee == "EFFECTIVELY_ONCE":
        world.namespace = DEDUPLICATED
    with closing(world):
        Life(plan, world, outages, world.write(function_source(plan))).run()
    shutil.rmtree(folder)


def _persistently(ask: Callable[[], Answer]) -> Answer:
    """An answer of a broker that may be away for a while."""
    deadline = time.monotonic() + _BROKER_SECONDS
    while True:
        try:
            return ask()
        except (httpx2.HTTPError, pulsar.PulsarException, AssertionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(1)
