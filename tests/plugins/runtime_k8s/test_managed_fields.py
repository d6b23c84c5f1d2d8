"""What others set in an object's spec becomes the worker's, who then removes it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pulsemill_runtime_k8s.managed_fields import taken_over

MANAGER = "pulsemill:test:public/functions"
ENV = 'k:{"name":"FOO"}'
RESTARTED: dict[str, Any] = {"f:template": {"f:metadata": {"f:annotations": {".": {}, "f:restartedAt": {}}}}}


def entry(spec: dict[str, Any] | None, manager: str = "kubectl-set", **more: Any) -> dict[str, Any]:
    fields = {"f:metadata": {"f:labels": {"f:team": {}}}} if spec is None else {"f:spec": spec}
    return {"manager": manager, "operation": "Update", "fieldsType": "FieldsV1", "fieldsV1": fields, **more}


def ours(spec: dict[str, Any]) -> dict[str, Any]:
    return entry(spec, MANAGER, operation="Apply")


def live(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"managedFields": list(entries)}}


def test_an_object_that_only_we_wrote_stays_as_it_is() -> None:
    assert taken_over(live(ours({"f:replicas": {}})), MANAGER) is None
    assert taken_over({"metadata": {}}, MANAGER) is None


def test_what_another_added_becomes_ours() -> None:
    mine = ours({"f:template": {"f:spec": {"f:env": {".": {}}}}})
    theirs = entry({"f:template": {"f:spec": {"f:env": {ENV: {".": {}, "f:name": {}}}}}, "f:minReadySeconds": {}})
    found = taken_over(live(theirs, mine), MANAGER)
    env = {".": {}, ENV: {".": {}, "f:name": {}}}
    assert found == [ours({"f:template": {"f:spec": {"f:env": env}}, "f:minReadySeconds": {}})]


def test_our_own_writes_that_were_no_apply_are_taken_over_too() -> None:
    assert taken_over(live(ours({}), entry({"f:replicas": {}}, MANAGER)), MANAGER) == [ours({"f:replicas": {}})]


def test_status_scale_labels_and_restarts_stay_with_who_wrote_them() -> None:
    status = entry({"f:replicas": {}}, "kube-controller-manager", subresource="status")
    others = (status, entry(None), entry(RESTARTED, "kubectl-rollout"))
    assert taken_over(live(ours({}), *others), MANAGER) is None
    both = entry({**RESTARTED, "f:replicas": {}}, "edit")
    assert taken_over(live(ours({}), *others, both), MANAGER) == [
        ours({"f:replicas": {}}),
        *others,
        entry(RESTARTED, "edit"),
    ]


SPECS: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.just({}),
    lambda inner: st.dictionaries(st.sampled_from(["f:template", "f:metadata", "f:annotations", "f:a"]), inner),
    max_leaves=12,
)


@given(st.lists(SPECS, max_size=3))
def test_once_taken_over_nothing_is_left_to_take(specs: list[dict[str, Any]]) -> None:
    found = taken_over(live(ours({}), *map(entry, specs)), MANAGER)
    assert found is None or taken_over(live(*map(dict, found)), MANAGER) is None
