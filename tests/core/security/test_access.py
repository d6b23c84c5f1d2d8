"""What each route asks."""

import pytest

from pulsemill.security.access import NOT_SUPER_USER, Access, Right, access_of, namespace_of

NAMESPACE = "{tenant}/{namespace}"


@pytest.mark.parametrize(
    ("template", "action"),
    [
        (f"/admin/v3/functions/{NAMESPACE}", "functions"),
        (f"/admin/v3/functions/{NAMESPACE}/{{function}}/{{instance_id}}/status", "functions"),
        (f"/admin/v2/functions/{NAMESPACE}/{{function}}", "functions"),
        (f"/admin/functions/{NAMESPACE}/{{function}}", "functions"),
        (f"/admin/v3/source/{NAMESPACE}/{{source}}", "sources"),
        (f"/admin/v3/sources/{NAMESPACE}", "sources"),
        (f"/admin/v3/sink/{NAMESPACE}/{{sink}}/restart", "sinks"),
        (f"/admin/v3/sinks/{NAMESPACE}/{{sink}}", "sinks"),
    ],
)
def test_components_belong_to_their_namespace(template: str, action: str) -> None:
    assert access_of(template) == Access(Right.NAMESPACE, action)


@pytest.mark.parametrize(
    "template",
    [
        "/metrics",
        "/version",
        "/initialized",
        "/admin/v2/worker/cluster/leader/ready",
        "/admin/v3/functions/connectors",
        "/admin/v3/sink/builtinsinks",
        "/admin/v3/sources/builtinsources/{name}/configdefinition",
    ],
)
def test_some_routes_are_for_everybody(template: str) -> None:
    assert access_of(template).right is Right.AUTHENTICATED


@pytest.mark.parametrize(
    "template",
    [
        "/admin/v2/worker/cluster",
        "/admin/v2/worker/cluster/leader",
        "/admin/v2/worker/assignments",
        "/admin/v2/worker/rebalance",
        "/admin/v2/worker/leader/drain",
        "/admin/v2/worker-stats/metrics",
        "/admin/v3/functions/upload",
        "/admin/v3/functions/builtins",
        "/admin/v3/functions/builtins/reload",
        f"/admin/v3/functions/leader/{NAMESPACE}/{{function}}",
        "/admin/v3/sinks/reloadBuiltInSinks",
        "/admin/v9/what/nobody/thought/of",
    ],
)
def test_the_others_are_for_super_users(template: str) -> None:
    assert access_of(template).right is Right.SUPER_USER


def test_reloading_connectors_is_refused_in_its_own_words() -> None:
    assert access_of("/admin/v3/source/reloadBuiltInSources").refusal == NOT_SUPER_USER


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("public/default/f/x.py", ("public", "default")),
        ("public/default/x.py", None),
        ("public/default/f/g/x.py", None),
        ("a//b/c", None),
        ("http://host/x.py", None),
        ("", None),
    ],
)
def test_a_package_with_a_functions_path_belongs_to_its_namespace(path: str, expected: tuple[str, str] | None) -> None:
    assert namespace_of(access_of("/admin/v3/functions/download"), {}, path) == expected


def test_a_package_path_means_nothing_to_other_routes() -> None:
    params = {"tenant": "t", "namespace": "n"}
    assert namespace_of(access_of(f"/admin/v3/functions/{NAMESPACE}"), params, "public/default/f/x") == ("t", "n")
    assert namespace_of(access_of("/admin/v3/functions/upload"), {}, "public/default/f/x") is None
