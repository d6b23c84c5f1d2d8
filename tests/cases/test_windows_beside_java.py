"""The same messages through windows of a Java function and of ours: the same windows, and who acknowledges when.

Java acknowledges a message with the first window that it is in, we with the last one.
"""

import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import httpx2
import pytest

from pulsemill_instance.proto.Function_pb2 import MANUAL
from tests.cases.world import World
from tests.rig.java_files import JavaFiles
from tests.rig.java_worker import JavaWorker

pytestmark = pytest.mark.pulsar

JOIN = """
    class Fn:
        def process(self, values, context):
            return ",".join(map(str, values))
    class Times:
        def extract_timestamp(self, value):
            return value
"""
JAVA_JOIN = "org.apache.pulsar.functions.api.examples.CommaWindowFunction"
JAVA_TIMES = "org.acme.TextTimes"
EVENT_TIME = {"maxLagMs": 50, "watermarkEmitIntervalMs": 10}


@attrs.frozen
class Pair:
    """Both functions on one input, each with a subscription and an output of its own."""

    world: World
    functions: httpx2.Client
    jar: Path

    @property
    def name(self) -> str:
        return f"java-{self.world.name}"

    @property
    def outputs(self) -> tuple[str, str]:
        """Java's and ours."""
        return self.world.topic("java-out"), self.world.output

    def start(self, guarantee: str = "ATLEAST_ONCE", *, event_time: bool = False, **windows: Any) -> None:
        windows |= EVENT_TIME if event_time else {}
        java, ours = (
            windows | ({"timestampExtractorClassName": times} if event_time else {})
            for times in (JAVA_TIMES, "userfn.Times")
        )
        for topic in (self.world.input, self.outputs[0]):  # Java's functions take text from topics of text only
            schema = {"type": "STRING", "schema": "", "properties": {}}
            path = f"schemas/{topic.partition('://')[2]}/schema"
            self.world.shared.admin.post(path, json=schema).raise_for_status()
        self._start_java(guarantee, java)
        config = json.dumps({"__WINDOWCONFIGS__": ours | {"processingGuarantees": guarantee}})
        self.world.start(JOIN, self.world.details(processingGuarantees=MANUAL, userConfig=config))

    def _start_java(self, guarantee: str, windows: dict[str, Any]) -> None:
        config = {
            "className": JAVA_JOIN,
            "runtime": "JAVA",
            "inputs": [self.world.input],
            "output": self.outputs[0],
            "processingGuarantees": guarantee,
            "subscriptionPosition": "Earliest",
            "windowConfig": windows,
        }
        with self.jar.open("rb") as jar:
            parts = {"functionConfig": (None, json.dumps(config), "application/json"), "data": ("join.jar", jar)}
            answer = self.functions.post(self.name, files=parts)
        assert (answer.status_code, answer.text) == (httpx2.codes.NO_CONTENT, "")

    def windows(self, count: int) -> tuple[list[str], list[str]]:
        """The first outputs of both."""
        java, ours = (self.world.values(count, output) for output in self.outputs)
        return java, ours

    def have(self, windows: list[str], left: tuple[int, int]) -> None:
        """Wait until both have put out these windows, and no other, and have so many messages left (see `left`)."""
        assert self.windows(len(windows)) == (windows, windows)
        self.world.until(lambda: self.left() == left)
        assert [self.world.stored(output) for output in self.outputs] == [windows, windows]

    def left(self) -> tuple[int, int]:
        """How many messages are not acknowledged, by both."""
        java, ours = f"public/default/{self.name}", self.world.subscription
        of_java, of_ours = (self.world.subscribed(name=name).get("msgBacklog", -1) for name in (java, ours))
        return of_java, of_ours


@pytest.fixture(scope="module")
def jar(java_examples_jar: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Upstream's examples, and a class that gives messages times."""
    path = tmp_path_factory.mktemp("jar") / "join.jar"
    shutil.copy(java_examples_jar, path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(f"{JAVA_TIMES.replace('.', '/')}.class", JavaFiles().timestamp_extractor(JAVA_TIMES))
    return path


@pytest.fixture
def pair(world: World, java_worker: JavaWorker, jar: Path) -> Iterator[Pair]:
    url = f"{java_worker.web_service_url}/admin/v3/functions/public/default/"
    with httpx2.Client(base_url=url, timeout=60, trust_env=False) as functions:
        pair = Pair(world, functions, jar)
        yield pair
        functions.delete(pair.name)


def numbers(*values: int) -> list[bytes]:
    return [str(value).encode() for value in values]


IN_ORDER = numbers(10, 20, 30, 40, 60, 90, 110, 150, 1000)
COUNTED = ["10,20", "30,40", "60,90", "110,150"]
COUNTED_SLIDING = ["10,20", "20,30,40", "40,60,90", "90,110,150"]
COUNTED_SLIDING_IN_EVENT_TIME = ["10,20", "10,20,30,40", "30,40,60,90", "60,90,110,150"]
TIMED = ["10,20,30,40", "60,90", "110,150"]
TIMED_SLIDING = ["10,20,30,40", "10,20,30,40,60,90", "60,90,110,150", "110,150"]


@pytest.mark.parametrize(
    ("config", "windows", "left"),
    [
        ({"windowLengthCount": 2}, COUNTED, (1, 1)),
        ({"windowLengthCount": 3, "slidingIntervalCount": 2}, COUNTED_SLIDING, (1, 2)),
    ],
    ids=["tumbling", "sliding"],
)
def test_windows_of_a_count(pair: Pair, config: dict[str, int], windows: list[str], left: tuple[int, int]) -> None:
    pair.start(**config)
    pair.world.produce(*IN_ORDER)
    pair.have(windows, left)


@pytest.mark.parametrize(
    ("config", "windows", "left"),
    [
        ({"windowLengthCount": 3}, ["10,20,30", "40,60,90"], (3, 3)),
        ({"windowLengthCount": 4, "slidingIntervalCount": 2}, COUNTED_SLIDING_IN_EVENT_TIME, (1, 3)),
        ({"windowLengthDurationMs": 50}, TIMED, (1, 1)),
        ({"windowLengthDurationMs": 100, "slidingIntervalDurationMs": 50}, TIMED_SLIDING, (1, 1)),
    ],
    ids=["tumbling count", "sliding count", "tumbling time", "sliding time"],
)
def test_windows_in_event_time(pair: Pair, config: dict[str, int], windows: list[str], left: tuple[int, int]) -> None:
    pair.start(event_time=True, **config)
    pair.world.produce(*IN_ORDER)
    pair.have(windows, left)


def test_at_most_once_leaves_nothing(pair: Pair) -> None:
    pair.start("ATMOST_ONCE", event_time=True, windowLengthDurationMs=50)
    pair.world.produce(*IN_ORDER)
    pair.have(TIMED, (0, 0))


def test_messages_that_come_out_of_order_are_in_the_same_windows(pair: Pair) -> None:
    pair.start(event_time=True, windowLengthDurationMs=50)
    pair.world.produce(*numbers(10, 30, 20, 60, 40, 110, 90, 150, 1000))
    java, ours = pair.windows(3)
    assert java == ["10,30,20,40", "60,90", "110,150"]
    assert ours == TIMED


def test_what_is_too_late_is_in_no_window_and_never_acknowledged_by_java(pair: Pair) -> None:
    pair.start(event_time=True, windowLengthDurationMs=50)
    pair.world.produce(*IN_ORDER)
    pair.have(TIMED, (1, 1))
    pair.world.produce(*numbers(75, 2000))  # whose 2000 takes the 1000 along
    pair.have([*TIMED, "1000"], (2, 1))
