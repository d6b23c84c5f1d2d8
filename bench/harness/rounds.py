"""The rounds of the chaos test: kill, wait until all is well again, count processes."""

import os
import random
import signal
import statistics
import time
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import attrs
import httpx2

from harness.copies import FUNCTIONS, PARALLELISM, TOPIC, function_config, output_of
from harness.processes import marked, of_kind, wait_until_gone
from harness.standalone import StandaloneProcess
from harness.traffic import Traffic

GONE_SECONDS = 5.0
RECOVERY_SECONDS = 60.0
LONGEST_PEACE_SECONDS = 0.4
LONGEST_START_SECONDS = 0.6
LONGEST_RECOVERY_SECONDS = 1.0
AGAIN = 0.25
TARGETS = ("worker", "instance", "broker")
SETTINGS = """
pulsemill:
  restartBackoffInitialSeconds: 0.1
  restartBackoffMaxSeconds: 1.0
"""


class Violation(Exception):  # noqa: N818 what the test looks for, rather than an error of its own
    """A promise was broken."""


@attrs.frozen
class Options:
    """The command line."""

    rounds: int
    seed: int
    runtime: str
    rate: int
    keep: bool


class Chaos:
    """The running test."""

    def __init__(self, options: Options, folder: Path) -> None:
        self.options = options
        self.folder = folder
        self.mark = uuid.uuid4().hex
        self.recoveries: dict[str, list[float]] = {}
        self.random = random.Random(options.seed)  # noqa: S311 no cryptography: the seed has to repeat a run
        self.traffic = Traffic(TOPIC, [output_of(name) for name in FUNCTIONS], options.rate, folder / "traffic.log")
        self._goal = 0
        self.targets = [target for target in TARGETS if target != "instance" or options.runtime == "process"]
        self._kill: Mapping[str, Callable[[], None]] = {
            "worker": self._kill_worker,
            "instance": partial(self._kill_one, "instance"),
            "broker": partial(self._kill_one, "broker"),
        }
        (folder / "functions_worker.yml").write_text(SETTINGS)
        self.worker = self._start_worker()

    def run(self) -> None:
        """All rounds; Violation at the first broken promise."""
        for name, code in FUNCTIONS.items():
            self.worker.register(name, self._code_file(name, code), function_config(name))
        self.traffic.start(self.worker.broker_url)
        self._wait_for(self._everything_works, "the functions never worked")
        for number in range(self.options.rounds):
            self._round(number + 1, self.targets[number % len(self.targets)])
        self._finish()

    def _round(self, number: int, target: str) -> None:
        peace = self.random.uniform(0, LONGEST_PEACE_SECONDS)
        time.sleep(peace)
        killed = time.monotonic()
        self._kill[target]()
        if self.random.random() < AGAIN:
            target = self._kill_again(target)
        self._wait_for(self._everything_works, f"round {number}: not everything works again")
        self._check_census(number)
        recovery = time.monotonic() - killed
        self.recoveries.setdefault(target, []).append(recovery)
        times = f"killed after {peace:.2f} s, well again after {recovery:.2f} s"
        print(f"round {number:3} {target:17} {times}; {self._figures()}", flush=True)

    def _kill_worker(self) -> None:
        self._end_worker(self.worker)
        if self.random.random() < AGAIN:
            starting = self._new_worker()
            time.sleep(self.random.uniform(0, LONGEST_START_SECONDS))
            self._end_worker(starting)
        self.worker = self._start_worker()
        self.traffic.move(self.worker.broker_url)

    def _end_worker(self, worker: StandaloneProcess) -> None:
        """SIGKILL; Violation when anything outlives it."""
        everybody = {process.pid for process in marked(self.mark)}
        worker.kill()
        if left := wait_until_gone(everybody, self.mark, GONE_SECONDS):
            raise Violation(f"outlived the worker: {left}")

    def _kill_again(self, target: str) -> str:
        """Kill before all is well; what was killed in all."""
        time.sleep(self.random.uniform(0, LONGEST_RECOVERY_SECONDS))
        again = self.random.choice(self.targets)
        self._kill[again]()
        return f"{target}+{again}"

    def _kill_one(self, kind: str) -> None:
        """Kill a process of a kind, if there is one now."""
        if victims := sorted(of_kind(self.mark, kind), key=lambda process: process.command):
            os.kill(self.random.choice(victims).pid, signal.SIGKILL)

    def _everything_works(self) -> str:
        """What does not work yet; empty when everything does."""
        if self.traffic.problem:
            raise self.traffic.problem
        for name in FUNCTIONS:
            try:
                status = self.worker.status(name)
            except httpx2.HTTPError as error:
                return f"status of {name}: {error!r}"
            if status["numRunning"] != PARALLELISM[name]:
                return f"{name} does not run: {status}"
        return self._missing(self._goal)

    def _missing(self, goal: int) -> str:
        missing = self.traffic.missing_below(goal)
        return f"of {goal} numbers: {missing}" if any(missing.values()) else ""

    def _wait_for(self, complaint: Callable[[], str], what: str) -> None:
        self._goal = self.traffic.sent + 1
        deadline = time.monotonic() + RECOVERY_SECONDS
        while told := complaint():
            if time.monotonic() > deadline:
                raise Violation(f"{what} after {RECOVERY_SECONDS:.0f} s: {told}")
            if self.worker.process.poll() is not None:
                raise Violation(f"{what}: the worker ended by itself:\n{self.worker.log_end()}")
            time.sleep(0.02)

    def _check_census(self, number: int) -> None:
        instances = sum(PARALLELISM.values()) if self.options.runtime == "process" else 0
        for kind, expected in {"worker": 1, "broker": 1, "instance": instances, "other": 0}.items():
            found = of_kind(self.mark, kind)
            if len(found) != expected:
                raise Violation(f"round {number}: {len(found)} processes of kind {kind}, not {expected}: {found}")

    def _finish(self) -> None:
        self.traffic.pause()
        self._goal = self.traffic.sent
        self._wait_for(lambda: self._missing(self.traffic.sent), "numbers got lost")
        self.traffic.stop()
        code = self.worker.stop()
        if left := wait_until_gone({process.pid for process in marked(self.mark)}, self.mark, GONE_SECONDS):
            raise Violation(f"left over at the end: {left}")
        if code != 0:
            raise Violation(f"the worker's exit code was {code}:\n{self.worker.log_end()}")

    def close(self) -> None:
        """End what a violation left running."""
        self.traffic.stop()
        for process in marked(self.mark):
            os.kill(process.pid, signal.SIGKILL)

    def _new_worker(self) -> StandaloneProcess:
        options = ["--runtime", self.options.runtime, "-c", str(self.folder / "functions_worker.yml")]
        return StandaloneProcess(self.folder / "data", self.mark, options)

    def _start_worker(self) -> StandaloneProcess:
        worker = self._new_worker()
        worker.wait_until_ready()
        return worker

    def _code_file(self, name: str, code: str) -> Path:
        path = self.folder / f"{name.replace('-', '_')}.py"
        path.write_text(code)
        return path

    def _figures(self) -> str:
        duplicates = sum(tally.duplicates for tally in self.traffic.tallies.values())
        return f"{len(self.traffic.confirmed)} in, {self.traffic.resent} sent again, {duplicates} outputs twice"

    def summary(self) -> str:
        """What the rounds took."""
        lines = [
            f"{target:17} {len(times):3} rounds, well again after {statistics.median(times):.2f} s (median), "
            f"{max(times):.2f} s (longest)"
            for target, times in self.recoveries.items()
        ]
        return "\n".join([*lines, self._figures()])
