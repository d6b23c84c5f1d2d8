"""The objects of one function in three languages, as upstream's worker creates them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_k8s.manifests import ObjectPlan

EXAMPLES = Path(__file__).with_name("examples")


def example(name: str) -> Any:
    return yaml.safe_load((EXAMPLES / f"{name}.yaml").read_text())


def line(plan: ObjectPlan) -> str:
    shell, flag, command = plan.stateful_set["spec"]["template"]["spec"]["containers"][0].pop("command")
    assert (shell, flag) == ("sh", "-c")
    return str(command)


@pytest.mark.parametrize("language", ["python", "java", "go"])
def test_the_objects_are_upstreams(
    language: str, new_plan: Callable[..., ObjectPlan], new_details: Callable[..., FunctionDetails]
) -> None:
    details = new_details(FunctionDetails.Runtime.Value(language.upper()))
    if language == "java":
        details.source.typeClassName = details.sink.typeClassName = "java.lang.String"
    if language != "go":
        details.className = {"python": "exclaim.Exclaim", "java": "com.acme.Exclaim"}[language]
    plan = new_plan(details)
    assert line(plan) == (EXAMPLES / f"{language}.txt").read_text().rstrip("\n")
    expected = example("stateful_set")
    del expected["spec"]["template"]["spec"]["containers"][0]["command"]
    assert plan.stateful_set == expected
    assert plan.service == example("service")
    assert (plan.namespace, plan.name) == ("default", "pf-acme-ns-exclaim")
