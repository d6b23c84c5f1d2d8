"""What may be deleted because no function wants it."""

from typing import Any

import pytest

from pulsemill_instance.proto.Function_pb2 import FunctionMetaData, FunctionState
from pulsemill_runtime_k8s.orphans import Wanted, orphans, should_run

MANAGER = "pulsemill:east:public/functions"
LABELS = {"component": "function", "tenant": "t", "namespace": "n", "name": "f"}
WANTED = Wanted(LABELS, ("jobs", "pf-t-n-f"))


def live(name: str = "pf-t-n-f", manager: str = MANAGER, **labels: str) -> dict[str, Any]:
    return {
        "metadata": {
            "name": name,
            "namespace": "jobs",
            "labels": {**LABELS, **labels},
            "managedFields": [{"manager": "kube-controller-manager"}, {"manager": manager}],
        }
    }


def test_what_a_function_wants_stays() -> None:
    assert orphans([live()], [WANTED], MANAGER) == []


@pytest.mark.parametrize(
    "orphan", [live(name="pf-t-n-gone", tenant="gone"), live(name="old-job-f")], ids=["function", "place"]
)
def test_what_nobody_wants_goes(orphan: dict[str, Any]) -> None:
    assert orphans([live(), orphan], [WANTED], MANAGER) == [orphan]


@pytest.mark.parametrize("place", [("jobs", "pf-t-n-f"), None], ids=["not there yet", "not known"])
def test_a_function_keeps_its_objects_until_it_has_others(place: tuple[str, str] | None) -> None:
    assert orphans([live(name="old-job-f")], [Wanted(LABELS, place)], MANAGER) == []


def test_one_of_two_functions_with_like_labels_keeps_its_objects_too() -> None:
    """Labels are in lower case, names of functions are not."""
    twin = Wanted(LABELS, ("jobs", "pf-t-n-f-12345678"))
    old = live(name="old-job-f")
    assert orphans([live(), old], [WANTED, twin], MANAGER) == []
    assert orphans([live(), old, live(name="pf-t-n-f-12345678")], [WANTED, twin], MANAGER) == [old]


@pytest.mark.parametrize("manager", ["kubectl", "pulsemill:west:public/functions"])
def test_what_others_made_stays(manager: str) -> None:
    assert orphans([live(manager=manager)], [], MANAGER) == []


def test_what_is_on_its_way_out_is_left_to_it() -> None:
    leaving = live()
    leaving["metadata"]["deletionTimestamp"] = "now"
    assert orphans([leaving], [], MANAGER) == []


def test_a_name_alone_does_not_make_it_wanted() -> None:
    """Another function's object at the same place cannot be, but its labels would tell."""
    stranger = live(tenant="other")
    assert orphans([stranger], [WANTED], MANAGER) == [stranger]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ({}, True),
        ({0: FunctionState.RUNNING, 1: FunctionState.STOPPED}, True),
        ({0: FunctionState.STOPPED, 1: FunctionState.STOPPED}, False),
    ],
)
def test_a_function_runs_while_one_instance_is_wanted(states: dict[int, FunctionState], expected: bool) -> None:
    assert should_run(FunctionMetaData(instanceStates=states)) is expected
