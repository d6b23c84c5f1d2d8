"""A function's objects are brought in line and deleted, whatever the API server has of them."""

import asyncio
import copy
from collections.abc import AsyncIterator
from typing import Any

import pytest

from pulsemill.errors import PulsemillError
from pulsemill_runtime_k8s import deployment as module
from pulsemill_runtime_k8s.api_errors import ApiError
from pulsemill_runtime_k8s.deployment import Deployment
from pulsemill_runtime_k8s.view import NamespaceView

LABELS = {"component": "function", "tenant": "t", "namespace": "n", "name": "f"}
METADATA = {"name": "pf-t-n-f", "namespace": "jobs", "labels": LABELS}
SERVICE: dict[str, Any] = {"apiVersion": "v1", "kind": "Service", "metadata": METADATA, "spec": {"clusterIP": "None"}}
STATEFUL_SET: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "StatefulSet",
    "metadata": METADATA,
    "spec": {"replicas": 1},
}
SERVICES, STATEFUL_SETS = "/api/v1/namespaces/jobs/services", "/apis/apps/v1/namespaces/jobs/statefulsets"
SERVICE_PATH, STATEFUL_SET_PATH = f"{SERVICES}/pf-t-n-f", f"{STATEFUL_SETS}/pf-t-n-f"


@pytest.fixture
def deployment(api: Any) -> Deployment:
    return made(api, NamespaceView(api, "jobs"))


def made(api: Any, view: NamespaceView, **labels: str) -> Deployment:
    service, stateful_set = copy.deepcopy(SERVICE), copy.deepcopy(STATEFUL_SET)
    for manifest in (service, stateful_set):
        manifest["metadata"]["labels"] |= labels
    return Deployment(api, view, service, stateful_set, grace_seconds=5)


@pytest.fixture
async def watched(api: Any, settle: Any) -> AsyncIterator[Deployment]:
    """A deployment that exists, and whose namespace is watched."""
    view = NamespaceView(api, "jobs")
    deployment = made(api, view)
    await deployment.bring_in_line()
    view.start()
    await settle()
    api.calls.clear()
    yield deployment
    await view.stop()


async def test_both_are_applied_and_again_without_a_change(deployment: Deployment, api: Any) -> None:
    (_, first), (_, second) = await deployment.bring_in_line(), await deployment.bring_in_line()
    assert sorted(api.objects) == sorted([SERVICE_PATH, STATEFUL_SET_PATH])
    assert first["metadata"]["generation"] == second["metadata"]["generation"]
    assert api.calls == [f"GET {SERVICE_PATH}", f"PATCH {SERVICE_PATH}", f"PATCH {STATEFUL_SET_PATH}"] * 2


async def test_what_a_watch_tells_is_not_asked_for(watched: Deployment, api: Any) -> None:
    """Whether it shows the function's own objects or none."""
    await watched.bring_in_line()
    assert api.calls == [f"PATCH {SERVICE_PATH}", f"PATCH {STATEFUL_SET_PATH}"]
    await watched.delete()
    api.calls.clear()
    await watched.bring_in_line()
    assert api.calls == [f"PATCH {SERVICE_PATH}", f"PATCH {STATEFUL_SET_PATH}"]
    assert api.queries[f"PATCH {SERVICE_PATH}"]["force"] == "false"


async def test_of_two_that_begin_at_once_the_one_with_the_stateful_set_stays(watched: Deployment, api: Any) -> None:
    other = made(api, watched.view, namespace="n-f", name="g")
    await watched.delete()
    await watched.bring_in_line()
    api.refuse("PATCH", STATEFUL_SET_PATH, 422, "updates to statefulset spec for fields other than ...")
    with pytest.raises(PulsemillError, match="belongs to function t/n/f"):
        await other.bring_in_line()
    assert sorted(api.objects) == [STATEFUL_SET_PATH], "the Service that the second one took is given back"


async def test_a_deletion_that_is_under_way_is_waited_for(
    deployment: Deployment, api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Upstream takes the dying object for its own, and the function is gone a moment later."""
    await deployment.bring_in_line()
    api.finalized_after = 2
    await api.request("DELETE", STATEFUL_SET_PATH)
    monkeypatch.setattr("pulsemill_runtime_k8s.objects.POLL_SECONDS", 0)
    _, live = await deployment.bring_in_line()
    assert "deletionTimestamp" not in live["metadata"]
    assert STATEFUL_SET_PATH in api.objects


async def test_a_change_that_no_update_can_make_makes_it_anew(deployment: Deployment, api: Any) -> None:
    await deployment.bring_in_line()
    uid = api.objects[STATEFUL_SET_PATH]["metadata"]["uid"]
    api.refuse("PATCH", STATEFUL_SET_PATH, 422, "updates to statefulset spec for fields other than ...")
    _, live = await deployment.bring_in_line()
    assert live["metadata"]["uid"] != uid


async def test_a_manifest_that_is_invalid_by_itself_costs_nothing_that_runs(deployment: Deployment, api: Any) -> None:
    await deployment.bring_in_line()
    api.refuse("PATCH", STATEFUL_SET_PATH, 422, "image: Required value")
    api.refuse("POST", STATEFUL_SETS, 422, "image: Required value")
    with pytest.raises(ApiError, match="image: Required value"):
        await deployment.bring_in_line()
    assert STATEFUL_SET_PATH in api.objects


async def test_deleting_removes_both_and_can_be_repeated(deployment: Deployment, api: Any) -> None:
    await deployment.bring_in_line()
    for _ in range(2):
        await deployment.delete()
        assert api.objects == {}


async def test_what_a_watch_shows_is_asked_for_when_it_is_gone(watched: Deployment, api: Any, settle: Any) -> None:
    api.finalized_after = 10**6
    deleting = asyncio.create_task(watched.delete())
    await settle()
    assert api.calls == [f"DELETE {STATEFUL_SET_PATH}", f"DELETE {SERVICE_PATH}"]
    api.remove(SERVICE_PATH)
    api.remove(STATEFUL_SET_PATH)
    await asyncio.wait_for(deleting, 5)
    assert api.calls[2:] == [f"GET {STATEFUL_SET_PATH}", f"GET {SERVICE_PATH}"]


async def test_a_watch_that_tells_nothing_is_not_trusted_for_long(
    watched: Deployment, api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pulsemill_runtime_k8s.objects.LONGEST_SEEN_SECONDS", 0)
    monkeypatch.setattr(api, "send", lambda *_: None)
    await asyncio.wait_for(watched.delete(), 5)
    assert api.objects == {}


async def test_what_does_not_go_is_named(deployment: Deployment, api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await deployment.bring_in_line()
    api.finalized_after = 10**6
    monkeypatch.setattr(module, "GONE_SECONDS", 0)
    monkeypatch.setattr("pulsemill_runtime_k8s.objects.POLL_SECONDS", 0)
    with pytest.raises(PulsemillError, match=f"{STATEFUL_SET_PATH} still exists"):
        await deployment.delete()


async def test_what_takes_long_to_go_is_asked_for_ever_less_often(
    deployment: Deployment, api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses, turn = [], asyncio.sleep

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await turn(0)

    await deployment.bring_in_line()
    api.finalized_after = 6
    monkeypatch.setattr(asyncio, "sleep", sleep)
    await deployment.delete()
    assert [each for each in pauses if each][:5] == [0.25, 0.5, 1.0, 2.0, 2.0]


async def test_a_restart_is_no_part_of_what_is_applied(deployment: Deployment, api: Any) -> None:
    await deployment.bring_in_line()
    await deployment.restart_all("2026-11-28T10:00:00+00:00")
    await deployment.restart_pod(1)
    assert api.calls[-1] == "DELETE /api/v1/namespaces/jobs/pods/pf-t-n-f-1"
    assert "annotations" not in str(deployment.stateful_set)


async def test_deleting_gives_pods_their_time_to_end(deployment: Deployment, api: Any) -> None:
    await deployment.bring_in_line()
    await deployment.delete()
    assert api.bodies[f"DELETE {STATEFUL_SET_PATH}"]["gracePeriodSeconds"] == 5
    assert "gracePeriodSeconds" not in api.bodies[f"DELETE {SERVICE_PATH}"]


async def test_a_name_that_another_function_has_is_left_to_it(deployment: Deployment, api: Any) -> None:
    """acme/a-b/c and acme/a/b-c have one name; upstream's worker, and ours once, took it in turns."""
    other = made(api, deployment.view, namespace="n-f", name="g")
    await deployment.bring_in_line()
    before = copy.deepcopy(api.objects)
    api.refuse("PATCH", STATEFUL_SET_PATH, 422, "updates to statefulset spec for fields other than ...")
    with pytest.raises(PulsemillError, match="of function t/n-f/g belongs to function t/n/f"):
        await other.bring_in_line()
    await other.delete()
    assert api.objects == before


async def test_one_that_the_watch_shows_as_anothers_is_not_even_tried(watched: Deployment, api: Any) -> None:
    other = made(api, watched.view, namespace="n-f", name="g")
    with pytest.raises(PulsemillError, match="of function t/n-f/g belongs to function t/n/f, and is left alone"):
        await other.bring_in_line()
    await other.delete()
    assert not [each for each in api.calls if not each.startswith("GET")]


@pytest.mark.parametrize("watches", [True, False], ids=["watched", "unwatched"])
async def test_the_same_function_of_another_pulsar_cluster_is_left_to_it(
    watched: Deployment, api: Any, settle: Any, watches: bool
) -> None:
    """Labels do not tell them apart; both workers would take the objects in turns for ever."""
    for path, each in api.objects.items():
        each["metadata"]["managedFields"] = [{"manager": "pulsemill:west:public/functions", "operation": "Apply"}]
        api.send(path.rpartition("/")[0], "MODIFIED", copy.deepcopy(each))
    await settle()
    before = copy.deepcopy(api.objects)
    ours = watched if watches else made(api, NamespaceView(api, "jobs"))
    words = "belongs to function t/n/f of the workers pulsemill:west:public/functions, and is left alone"
    with pytest.raises(PulsemillError, match=words):
        await ours.bring_in_line()
    await ours.delete()
    assert api.objects == before


async def test_an_object_of_a_java_worker_is_taken_over(watched: Deployment, api: Any) -> None:
    for each in api.objects.values():
        each["metadata"]["managedFields"] = [{"manager": "Kubernetes Java Client", "operation": "Update"}]
    _, stateful_set = await made(api, NamespaceView(api, "jobs")).bring_in_line()
    assert api.manager in {each["manager"] for each in stateful_set["metadata"]["managedFields"]}


async def test_a_strangers_object_of_that_name_stays(deployment: Deployment, api: Any) -> None:
    stranger = {"metadata": {"name": "pf-t-n-f", "namespace": "jobs"}, "spec": {"clusterIP": "10.0.0.1"}}
    api.objects[SERVICE_PATH] = copy.deepcopy(stranger)
    with pytest.raises(PulsemillError, match="belongs to somebody else"):
        await deployment.bring_in_line()
    await deployment.delete()
    assert api.objects == {SERVICE_PATH: stranger}


async def test_a_strangers_stateful_set_is_not_forced(deployment: Deployment, api: Any) -> None:
    stranger = {"metadata": {"name": "pf-t-n-f", "namespace": "jobs"}, "spec": {"replicas": 3}}
    api.objects[STATEFUL_SET_PATH] = copy.deepcopy(stranger)
    api.refuse("PATCH", STATEFUL_SET_PATH, 409, 'conflict with "kubectl": .spec.selector')
    with pytest.raises(PulsemillError, match="belongs to somebody else"):
        await deployment.bring_in_line()
    assert api.queries[f"PATCH {STATEFUL_SET_PATH}"]["force"] == "false"
    assert api.objects == {STATEFUL_SET_PATH: stranger}


async def test_ours_is_taken_back_from_who_changed_it(deployment: Deployment, api: Any) -> None:
    await deployment.bring_in_line()
    api.refuse("PATCH", STATEFUL_SET_PATH, 409, 'conflict with "kubectl": .spec.replicas')
    await deployment.bring_in_line()
    assert api.queries[f"PATCH {STATEFUL_SET_PATH}"]["force"] == "true"


async def test_a_sink_follows_a_function_of_its_name(deployment: Deployment, api: Any) -> None:
    await deployment.bring_in_line()
    await made(api, deployment.view, component="sink").bring_in_line()
    assert api.objects[STATEFUL_SET_PATH]["metadata"]["labels"]["component"] == "sink"


async def test_what_others_added_to_the_spec_is_taken_over_and_so_removed(deployment: Deployment, api: Any) -> None:
    await deployment.bring_in_line()
    added = {"manager": "kubectl-set", "operation": "Update", "fieldsV1": {"f:spec": {"f:minReadySeconds": {}}}}
    api.objects[STATEFUL_SET_PATH]["metadata"]["managedFields"].append(added)
    api.calls.clear()
    for _ in range(2):
        await deployment.bring_in_line()
    assert api.calls.count(f"PATCH {STATEFUL_SET_PATH}") == 4, "applied, taken over, applied; applied"
    [ours] = api.objects[STATEFUL_SET_PATH]["metadata"]["managedFields"]
    assert ours["manager"] == api.manager
