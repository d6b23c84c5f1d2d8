"""What is measured in the life of one worker: its start, its idle memory, single functions and many of them."""

import json
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import attrs
import httpx2

from bench.harness.beside_broker import POLL_SECONDS, RunningWorker
from bench.harness.processes import MarkedProcess, cpu_seconds, memory
from tests.rig.distribution import java_examples_jar
from tests.rig.errors import RigError

IDLE_SECONDS = 3.0
RUNNING_SECONDS = 600.0
SINGLE_FUNCTIONS = 3
REGISTERING_THREADS = 4
MEBIBYTE = 1024**2
PYTHON = "Python"
JAVA = "Java"
PYTHON_CODE = b"def process(input):\n    return input + '!'\n"
JAVA_CLASS = "org.apache.pulsar.functions.api.examples.ExclamationFunction"

Tell = Callable[[str], None]


@attrs.frozen
class Code:
    """The function that is registered: `file` is its name and content."""

    language: str
    config: dict[str, str]
    file: tuple[str, bytes]

    @classmethod
    def in_language(cls, language: str) -> "Code":
        """A function that adds an exclamation mark."""
        if language == PYTHON:
            return cls(
                language, {"className": "exclaim", "runtime": "PYTHON", "py": "exclaim.py"}, ("exclaim.py", PYTHON_CODE)
            )
        jar = java_examples_jar()
        return cls(
            language, {"className": JAVA_CLASS, "runtime": "JAVA", "jar": jar.name}, (jar.name, jar.read_bytes())
        )


def url(name: str) -> str:
    """A function's."""
    return f"/admin/v3/functions/public/default/{name}"


def register(worker: RunningWorker, name: str, code: Code) -> None:
    """POST a function with an input and an output topic of its own."""
    config = {**code.config, "inputs": [f"{name}-in"], "output": f"{name}-out", "autoAck": True}
    parts = {
        "functionConfig": (None, json.dumps(config), "application/json"),
        "data": (*code.file, "application/octet-stream"),
    }
    answer = worker.http.post(url(name), files=parts)
    if not answer.is_success:
        raise RigError(f"{name} was refused: {answer.text}")


def wait_until_running(worker: RunningWorker, name: str) -> None:
    """Ask for the status until the only instance runs."""
    deadline = time.monotonic() + RUNNING_SECONDS
    while worker.http.get(f"{url(name)}/status").json().get("numRunning") != 1:
        if time.monotonic() > deadline:
            raise RigError(f"{name} does not run after {RUNNING_SECONDS:.0f} s: {_status(worker, name)}")
        time.sleep(POLL_SECONDS)


def post_to_running(worker: RunningWorker, name: str, code: Code) -> float:
    """Seconds from the request that registers a function until its instance runs; it is deleted afterwards."""
    began = time.monotonic()
    register(worker, name, code)
    wait_until_running(worker, name)
    seconds = time.monotonic() - began
    worker.http.delete(url(name)).raise_for_status()
    return seconds


def all_running(worker: RunningWorker, prefix: str, code: Code, count: int) -> float:
    """Seconds from the first of `count` registrations, a few at a time, until all instances run."""
    names = [f"{prefix}-{number}" for number in range(count)]
    began = time.monotonic()
    with ThreadPoolExecutor(REGISTERING_THREADS) as threads:
        list(threads.map(lambda name: register(worker, name, code), names))
    for name in names:
        wait_until_running(worker, name)
    return time.monotonic() - began


def figures(
    worker: RunningWorker, prefix: str, languages: list[str], count: int, tell: Tell
) -> Iterator[tuple[str, float]]:
    """Names of figures and their values, seconds or MiB; the first of `languages` is that of the `count` functions."""
    yield "start to ready, s", worker.ready_seconds
    yield "start to ready, CPU s", computed(worker.processes()[0])
    time.sleep(IDLE_SECONDS)
    yield "idle worker, MiB RSS", resident(worker.processes()[0])
    for language in languages:
        tell(f"single functions in {language}")
        code = Code.in_language(language)
        for number in range(SINGLE_FUNCTIONS):
            name = f"{prefix}-{language.lower()}-{number}"
            yield f"POST to running, {language}, s", post_to_running(worker, name, code)
    tell(f"{count} functions in {languages[0]}")
    yield from many(worker, f"{prefix}-many", Code.in_language(languages[0]), count)


def many(worker: RunningWorker, prefix: str, code: Code, count: int) -> Iterator[tuple[str, float]]:
    """The figures of `count` functions at once."""
    time.sleep(IDLE_SECONDS)
    before = resident(worker.processes()[0])
    yield f"{count} functions registered and running, s", all_running(worker, prefix, code, count)
    time.sleep(IDLE_SECONDS)
    own, instances = worker.processes()
    yield "worker's growth per 100 functions, MiB RSS", (resident(own) - before) * 100 / count
    if instances:
        yield "one instance, MiB RSS", statistics.median(resident([each]) for each in instances)
        yield "one instance until it runs, CPU s", statistics.median(computed([each]) for each in instances)


def resident(processes: list[MarkedProcess]) -> float:
    """MiB of memory that processes hold together."""
    return sum(memory(each.pid)[0] for each in processes) / MEBIBYTE


def _status(worker: RunningWorker, name: str) -> str:
    try:
        return worker.http.get(f"{url(name)}/status").text
    except httpx2.HTTPError as error:
        return str(error)


def computed(processes: list[MarkedProcess]) -> float:
    """CPU seconds of processes together, since their start."""
    return sum(cpu_seconds(each.pid) for each in processes)
