"""State in a real table service: what Python functions write, upstream's worker reads, and the other way round."""

import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from pulsemill.names import FunctionName
from pulsemill.state.worker_state import WorkerState
from pulsemill_instance.instance import InstanceSpec
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_instance.state.function_state import State, open_state

pytestmark = pytest.mark.pulsar

WAIT_SECONDS = 60


@pytest.fixture(scope="module")
def name(java_worker: Any, java_examples_jar: Path) -> Iterator[FunctionName]:
    """Upstream's word count on upstream's worker: it counts words in its state."""
    name = FunctionName("public", "default", f"count-{uuid.uuid4().hex[:8]}")
    config = {
        "className": "org.apache.pulsar.functions.api.examples.WordCountFunction",
        "runtime": "JAVA",
        "inputs": [f"persistent://public/default/{name.name}-in"],
    }
    url = f"{java_worker.web_service_url}/admin/v3/functions/{name}"
    with java_examples_jar.open("rb") as jar:
        parts = {"functionConfig": (None, json.dumps(config), "application/json"), "data": ("api-examples.jar", jar)}
        assert httpx2.post(url, files=parts, timeout=60).status_code == 204
    yield name
    httpx2.delete(url, timeout=60)


@pytest.fixture
def java_state(java_worker: Any, name: FunctionName) -> str:
    return f"{java_worker.web_service_url}/admin/v3/functions/{name}/state"


@pytest.fixture
def ours(broker: Any, name: FunctionName) -> Iterator[State]:
    """The state of the same function as an instance of ours has it."""
    details = FunctionDetails(tenant=name.tenant, namespace=name.namespace, name=name.name)
    state = open_state(InstanceSpec(details, 0, "id", "1", "standalone", broker.state_storage_service_url))
    yield state
    state.close()


def test_upstreams_worker_reads_what_we_write(java_state: str, ours: State) -> None:
    ours.incr_counter("c", 3)
    ours.incr_counter("c", -1)
    ours.put_state("s", "text")
    counter, text = (httpx2.get(f"{java_state}/{key}", timeout=60).json() for key in ("c", "s"))
    assert (counter["numberValue"], counter["stringValue"], counter["version"]) == (2, None, 1)
    assert (text["stringValue"], text["numberValue"], text["version"]) == ("text", None, 0)
    ours.del_counter("c")
    assert httpx2.get(f"{java_state}/c", timeout=60).json() == {"reason": "key 'c' doesn't exist."}


def test_we_read_what_upstreams_worker_writes(java_state: str, ours: State) -> None:
    parts = {"state": (None, '{"key": "j", "stringValue": "from Java"}', "application/json")}
    assert httpx2.post(f"{java_state}/j", files=parts, timeout=60).status_code == 204
    assert ours.get_state("j") == b"from Java"


def test_a_counter_of_a_java_function_is_one_of_ours(java_worker: Any, name: FunctionName, ours: State) -> None:
    url = f"{java_worker.web_service_url}/admin/v3/functions/{name}/trigger"
    deadline = time.monotonic() + WAIT_SECONDS
    while ours.get_counter("word") is None and time.monotonic() < deadline:
        httpx2.post(url, files={"data": (None, "word")}, timeout=60)
        time.sleep(0.5)
    counted = ours.get_counter("word")
    assert counted
    ours.incr_counter("word", 5)
    assert (ours.get_counter("word") or 0) >= counted + 5


async def test_our_worker_reads_and_drops_the_same_table(broker: Any, java_state: str, ours: State) -> None:
    ours.put_state("k", "v")
    state = WorkerState.at(broker.state_storage_service_url)
    assert state
    table = FunctionName(*java_state.split("/")[-4:-1])
    found = await state.get(table, "k")
    assert found
    assert found.value == b"v"
    await state.drop(table)
    assert await state.get(table, "k") is None
    await state.close()
