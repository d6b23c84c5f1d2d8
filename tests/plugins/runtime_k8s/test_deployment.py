"""`deploy/kubernetes`: its Role has what the plugins need and nothing else, and tests deploy what users do."""

import shutil
import subprocess
from typing import Any

import pytest
import yaml

from pulsemill_auth_token import secrets_api
from pulsemill_runtime_k8s.rbac import needed_rights
from tests.plugins.runtime_k8s.real_cluster.kustomization import FOLDER, kustomized

CONFIG_MAP = "functions-worker-changes"
KUBECTL_SECONDS = 60


def manifest(kind: str) -> dict[str, Any]:
    (found,) = [each for each in kustomized() if each["kind"] == kind]
    return found


def test_the_role_has_the_rights_that_are_needed_and_no_others() -> None:
    rights = needed_rights(["pulsar"], ("pulsar", CONFIG_MAP))
    needed = [(each.group, each.resource, sorted(each.verbs), each.name) for each in rights]
    for_tokens = _granted(yaml.safe_load(secrets_api.STORING))
    assert sorted(_granted(manifest("Role")["rules"])) == sorted([*needed, *for_tokens])


def _granted(rules: list[dict[str, Any]]) -> list[tuple[str, str, list[str], str]]:
    return [
        (group, resource, sorted(rule["verbs"]), name)
        for rule in rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for name in rule.get("resourceNames", [""])
    ]


def test_the_worker_has_that_role() -> None:
    binding, account = manifest("RoleBinding"), manifest("ServiceAccount")["metadata"]
    assert binding["roleRef"]["name"] == manifest("Role")["metadata"]["name"]
    assert binding["subjects"] == [{"kind": "ServiceAccount", **account}]
    assert manifest("StatefulSet")["spec"]["template"]["spec"]["serviceAccountName"] == account["name"]


def test_every_file_is_deployed() -> None:
    listed = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())["resources"]
    assert {file.name for file in FOLDER.iterdir()} == {*listed, "kustomization.yaml"}


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_what_tests_deploy_is_what_kubectl_makes_of_it() -> None:
    command = ["kubectl", "kustomize", str(FOLDER)]
    made = subprocess.run(command, capture_output=True, text=True, check=True, timeout=KUBECTL_SECONDS).stdout
    assert _by_kind(yaml.safe_load_all(made)) == _by_kind(kustomized())


def _by_kind(manifests: Any) -> list[dict[str, Any]]:
    return sorted(manifests, key=lambda each: str(each["kind"]))
