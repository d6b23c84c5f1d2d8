"""Workers that share a functions namespace on a real broker, beside each other and beside upstream's worker."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx2
import pulsar
import pulsar.asyncio
import pytest

from tests.integration.clusters import CODE, Cluster, Worker, has, leader_of, name_of, register, url
from tests.rig.broker import Broker, running_broker
from tests.rig.java_worker import JavaWorker, running_java_worker
from tests.rig.waiting import eventually

pytestmark = pytest.mark.pulsar


@pytest.fixture
async def cluster(broker: Broker, tmp_path: Path) -> AsyncIterator[Cluster]:
    async with AsyncExitStack() as closing:
        yield Cluster(tmp_path, broker, f"public/functions-{uuid.uuid4().hex[:8]}", {}, closing)


@pytest.fixture
def java_leader(broker: Broker, tmp_path: Path) -> Iterator[JavaWorker]:
    with running_java_worker(tmp_path / "java", broker) as worker:
        yield worker


async def test_a_new_cluster_gets_what_it_lacks(cluster: Cluster, broker: Broker) -> None:
    tenant = f"tenant-{uuid.uuid4().hex[:8]}"
    cluster.namespace = f"{tenant}/functions"
    worker = await cluster.start("first")
    assert await worker.leads()
    async with httpx2.AsyncClient(base_url=f"{broker.web_service_url}/admin/v2") as admin:
        policies = (await admin.get(f"/namespaces/{cluster.namespace}")).json()
        topics = (await admin.get(f"/persistent/{cluster.namespace}")).json()
    assert policies["retention_policies"] == {"retentionTimeInMinutes": -1, "retentionSizeInMB": -1}
    assert policies["inactive_topic_policies"]["deleteWhileInactive"] is False
    assert policies["replication_clusters"] == ["standalone"]
    assert sorted(topics) == [
        f"persistent://{cluster.namespace}/{topic}" for topic in ("assignments", "coordinate", "metadata")
    ]


async def test_a_tenant_and_a_namespace_must_exist(cluster: Cluster) -> None:
    worker = await cluster.start("first")
    for path, reason in (("nobody/default", "Tenant"), ("public/nothing", "Namespace")):
        parts = {"functionConfig": (None, json.dumps({"className": "c", "inputs": ["i"]}), "application/json")}
        answer = await worker.http.post(f"/admin/v3/functions/{path}/f", files={**parts, "data": ("c.py", CODE)})
        assert (answer.status_code, answer.json()) == (400, {"reason": f"{reason} does not exist"})


async def test_two_workers_share_the_work(cluster: Cluster) -> None:
    first, second = await cluster.start("first"), await cluster.start("second")
    leader = await leader_of(first, second)
    follower = second if leader is first else first
    name = name_of("shared")
    assert (await follower.register(name, parallelism=4)).status_code == 204
    await eventually(lambda: has(follower.running(name), 4))
    spread = await first.assignments()
    assert {worker: len(names) for worker, names in spread.items()} == {"first": 2, "second": 2}
    assert (await follower.http.get(url(name))).json()["parallelism"] == 4
    for worker in (first, second):
        for instance in range(4):
            status = (await worker.http.get(f"{url(name)}/{instance}/status")).json()
            assert f"public/default/{name}:{instance}" in spread[status["workerId"]]
    assert (await follower.http.post(f"{url(name)}/restart")).status_code == 204
    await eventually(lambda: has(follower.running(name), 4))
    assert (await follower.http.delete(url(name))).status_code == 204
    await eventually(lambda: has(leader.assignments(), {}))


async def test_another_worker_takes_over_from_a_leader_that_dies(cluster: Cluster) -> None:
    first, second = await cluster.start("first"), await cluster.start("second")
    leader = await leader_of(first, second)
    other = second if leader is first else first
    name = name_of("orphan")
    assert (await leader.register(name, parallelism=2)).status_code == 204
    await eventually(lambda: has(leader.running(name), 2))
    leader.process.kill()
    await eventually(other.leads)
    await eventually(lambda: has(other.running(name), 2))
    assert set(await other.assignments()) == {other.worker_id}
    assert (await other.http.post(f"{url(name)}/stop")).status_code == 204


async def test_a_worker_that_comes_back_in_time_keeps_its_instances(cluster: Cluster) -> None:
    cluster.settings = {"rescheduleTimeoutMs": 60000}
    first, second = await cluster.start("first"), await cluster.start("second")
    leader = await leader_of(first, second)
    name = name_of("kept")
    await leader.register(name, parallelism=2)
    await eventually(lambda: has(leader.running(name), 2))
    before = await first.assignments()
    second.process.kill()
    await second.process.wait()
    again = await cluster.start("second")
    await eventually(lambda: has(again.running(name), 2))
    assert await again.assignments() == before


async def test_a_drained_worker_is_left_alone_and_a_rebalance_evens_out(cluster: Cluster) -> None:
    first, second = await cluster.start("first"), await cluster.start("second")
    leader = await leader_of(first, second)
    follower = second if leader is first else first
    name = name_of("moved")
    await leader.register(name, parallelism=4)
    await eventually(lambda: has(leader.running(name), 4))
    drain = "/admin/v2/worker/drain"
    assert (await follower.http.put(drain)).status_code == 204
    await eventually(lambda: succeeded(follower.http.get(drain)))
    assert set(await leader.assignments()) == {leader.worker_id}
    refused = await leader.http.put("/admin/v2/worker/leader/drain", params={"workerId": follower.worker_id})
    assert refused.status_code == 412
    assert (await leader.http.put("/admin/v2/worker/rebalance")).status_code == 400
    follower.process.terminate()
    await follower.process.wait()
    await eventually(lambda: is_unknown(leader, follower.worker_id))
    back = await cluster.start(follower.worker_id)
    await eventually(lambda: has(rebalance(back), 204))
    await eventually(lambda: has(spread_of(back), [2, 2]))


async def same_leader(*workers: httpx2.AsyncClient) -> bool:
    """Whether all name the same leader."""
    answers = [await each.get("/admin/v2/worker/cluster/leader") for each in workers]
    return all(each.status_code == 200 for each in answers) and len({each.json()["workerId"] for each in answers}) == 1


async def created(registration: Awaitable[httpx2.Response]) -> bool:
    """Whether a registration was taken; it may be repeated while nobody leads, and only then."""
    answer = await registration
    assert answer.status_code in {204, 503}, answer.text
    return answer.status_code == 204


async def test_it_works_beside_upstreams_worker_and_takes_over_from_it(
    cluster: Cluster, java_leader: JavaWorker
) -> None:
    cluster.namespace = java_leader.functions_namespace
    ours = await cluster.start("ours")
    async with httpx2.AsyncClient(base_url=java_leader.web_service_url, timeout=60, follow_redirects=True) as java:
        java_id = java_leader.configuration["workerId"]
        await eventually(lambda: has(ours.members(), {"ours", java_id}))
        assert {one["workerId"] for one in (await java.get("/admin/v2/worker/cluster")).json()} == {"ours", java_id}
        # Leadership may move when a worker joins, and nobody leads meanwhile.
        await eventually(lambda: same_leader(java, ours.http))
        theirs, mine = name_of("theirs"), name_of("mine")
        await eventually(lambda: created(register(java, theirs, parallelism=2)))
        await eventually(lambda: created(ours.register(mine, parallelism=2)))
        await eventually(lambda: has(names(java), {theirs, mine}))
        assert await names(ours.http) == {theirs, mine}
        await eventually(lambda: agree(java, ours.http))
        assert {worker: len(each) for worker, each in (await ours.assignments()).items()} == {"ours": 2, java_id: 2}
        assert (await java.delete(url(mine))).status_code == 204
    java_leader.server.kill()
    await eventually(ours.leads)
    await eventually(lambda: has(ours.assignments(), {"ours": [f"public/default/{theirs}:{n}" for n in range(2)]}))
    assert (await ours.http.delete(url(theirs))).status_code == 204
    await eventually(lambda: has(ours.assignments(), {}))


async def test_a_namespace_of_another_cluster_is_refused(cluster: Cluster, broker: Broker, tmp_path: Path) -> None:
    async with httpx2.AsyncClient(base_url=f"{broker.web_service_url}/admin/v2") as admin:
        await admin.put("/clusters/elsewhere", json={"serviceUrl": "http://127.0.0.1:1"})
    cluster.settings = {"pulsarFunctionsCluster": "elsewhere", "initialBrokerReconnectMaxRetries": 0}
    cluster.namespace = "public/default"
    with pytest.raises(AssertionError, match=r"must be in elsewhere .* alone"):
        await cluster.start("lost")


async def rebalance(worker: Worker) -> int:
    """A joining worker may take the lead, and nobody leads for a moment: 503."""
    return (await worker.http.put("/admin/v2/worker/rebalance")).status_code


async def test_a_broker_that_is_restarted_is_waited_for(tmp_path: Path, pulsar_home: Path) -> None:
    with running_broker(tmp_path / "broker") as broker:
        async with AsyncExitStack() as closing:
            worker = await Cluster(tmp_path, broker, "public/functions", {}, closing).start("patient")
            name = name_of("patient")
            assert (await worker.register(name)).status_code == 204
            await eventually(lambda: has(worker.running(name), 1))
            broker.server.stop()
            await eventually(lambda: has(worker.leads(), False))
            assert (await worker.http.delete(url(name))).status_code == 503
            assert (await worker.http.get("/initialized")).status_code == 200
            assert (await worker.http.get(url(name))).status_code == 200
            again = await asyncio.to_thread(broker.restart)
            closing.callback(again.server.stop)
            await eventually(worker.leads)
            await eventually(lambda: has(update_status(worker, name), 204))
            await eventually(lambda: has(worker.running(name), 2))


async def test_poison_on_its_topics_is_named_and_skipped(cluster: Cluster, broker: Broker) -> None:
    first = await cluster.start("first")
    name = name_of("healthy")
    assert (await first.register(name)).status_code == 204
    first.process.terminate()
    await first.process.wait()
    client = pulsar.asyncio.Client(broker.service_url)
    for topic in ("metadata", "assignments", "coordinate"):
        producer = await client.create_producer(f"persistent://{cluster.namespace}/{topic}")
        await producer.send(b"\xff\xff", partition_key="poison")
        await producer.close()
    stranger = await client.subscribe(
        f"persistent://{cluster.namespace}/coordinate", "participants", pulsar.ConsumerType.Failover
    )
    second = await cluster.start("second")
    assert await names(second.http) >= {name}
    await stranger.close()
    await client.close()
    await eventually(second.leads)
    await eventually(lambda: has(second.assignments(), {"second": [f"public/default/{name}:0"]}))
    log = second.log.read_text()
    assert f"of persistent://{cluster.namespace}/metadata: not a function's metadata" in log
    assert f"of persistent://{cluster.namespace}/assignments: not an assignment" in log
    assert "a consumer of participants is no worker" in log


async def update_status(worker: Worker, name: str) -> int:
    parts = {"functionConfig": (None, json.dumps({"parallelism": 2}), "application/json")}
    return (await worker.http.put(url(name), files=parts)).status_code


async def succeeded(answer: Awaitable[httpx2.Response]) -> bool:
    status = (await answer).json()
    assert status["status"] != "ERROR", status
    return bool(status["status"] == "SUCCESS")


async def is_unknown(leader: Worker, worker_id: str) -> bool:
    answer = await leader.http.get("/admin/v2/worker/leader/drain", params={"workerId": worker_id})
    return bool(answer.json()["lastError"] == f"Worker {worker_id} not found in drain records")


async def spread_of(worker: Worker) -> list[int]:
    return sorted(map(len, (await worker.assignments()).values()))


async def names(http: httpx2.AsyncClient) -> set[str]:
    return set((await http.get("/admin/v3/functions/public/default")).json())


async def agree(*workers: httpx2.AsyncClient) -> bool:
    tables = [(await each.get("/admin/v2/worker/assignments")).json() for each in workers]
    tidy = [{worker: sorted(names) for worker, names in table.items() if names} for table in tables]
    return tidy[0] == tidy[1] and sum(map(len, tidy[0].values())) == 4
