"""Where pods put packages."""

from collections.abc import Callable

import pytest

from pulsemill.runtime import FunctionPackage
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_k8s.manifests import ObjectPlan


def line(plan: ObjectPlan) -> str:
    return str(plan.stateful_set["spec"]["template"]["spec"]["containers"][0]["command"][2])


def destinations(text: str) -> list[str]:
    words = text.split(" ")
    return [words[index + 1] for index, word in enumerate(words) if word == "--destination-file"]


@pytest.mark.parametrize(
    ("name", "location", "file"),
    [
        ("exclaim.py", "x", "exclaim.py"),
        ("Grüße & mehr.py", "x", "Grue___mehr.py"),
        ("a/b.zip", "x", "a_b.zip"),
        ("日本.py", "x", ".py"),
        ("", "https://host/pack-1.0.whl?x=1", "pack-1.0.whl"),
        ("", "function://acme/ns/exclaim@1", "mod.py"),
    ],
)
def test_file_names(
    name: str,
    location: str,
    file: str,
    new_plan: Callable[..., ObjectPlan],
    new_details: Callable[..., FunctionDetails],
) -> None:
    package = FunctionPackage(code=None, original_name=name, location=location)
    text = line(new_plan(new_details(className="mod.Cls"), package=package))
    assert destinations(text) == [f"/pulsar/{file}"]
    assert f"--py /pulsar/{file} " in text


def test_a_transform_function_is_downloaded_too(
    new_plan: Callable[..., ObjectPlan], new_details: Callable[..., FunctionDetails]
) -> None:
    package = FunctionPackage(
        code=None, original_name="sink.nar", location="x", transform_original_name="t.jar", transform_location="y"
    )
    text = line(new_plan(new_details(FunctionDetails.JAVA), package=package))
    assert destinations(text) == ["/pulsar/sink.nar", "/pulsar/t.jar"]
    assert " --destination-file /pulsar/t.jar --transform-function && SHARD_ID=" in text
    assert "--jar /pulsar/sink.nar --transform_function_jar /pulsar/t.jar --transform_function_id " in text
    assert text == line(new_plan(new_details(FunctionDetails.JAVA), package=package))


def test_packages_of_the_same_name_do_not_replace_each_other(
    new_plan: Callable[..., ObjectPlan], new_details: Callable[..., FunctionDetails]
) -> None:
    package = FunctionPackage(
        code=None, original_name="a.jar", location="x", transform_original_name="a.jar", transform_location="y"
    )
    text = line(new_plan(new_details(FunctionDetails.JAVA), package=package))
    assert destinations(text) == ["/pulsar/a.jar", "/pulsar/transform-a.jar"]
