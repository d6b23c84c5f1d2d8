"""What is refused at registration, in upstream's words and order."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from pulsemill.customizer import ManifestCustomizer
from pulsemill.errors import AdmissionError
from pulsemill_customizer_basic.customizer import BasicKubernetesManifestCustomizer
from pulsemill_customizer_basic.options import RuntimeOptions
from pulsemill_instance.proto.Function_pb2 import EFFECTIVELY_ONCE, FunctionDetails
from pulsemill_runtime_k8s.admission import check
from pulsemill_runtime_k8s.settings import Settings

GIB = 1073741824
EVEN = {"functionInstanceResourceGranularities": {"cpu": 0.1, "ram": 128}}
LOCK_STEP = {**EVEN, "functionInstanceResourceChangeInLockStep": True}


class Renamer(ManifestCustomizer):
    def customize_name(self, details: FunctionDetails, name: str) -> str:
        return details.customRuntimeOptions or name

    def do_admission_checks(self, details: FunctionDetails) -> None:
        if details.customRuntimeOptions == "{":
            raise AdmissionError("not JSON")


def reason(details: FunctionDetails, settings: Settings, customizer: ManifestCustomizer | None = None) -> str | None:
    try:
        check(details, settings, customizer)
    except AdmissionError as error:
        return str(error)
    return None


@pytest.mark.parametrize(
    ("worker", "cpu", "ram", "expected"),
    [
        ({}, 0, 0, None),
        (
            {"functionInstanceMinResources": {"cpu": 1, "ram": GIB}},
            0.5,
            1,
            "Per instance CPU requested, 0.5, for function is less than the minimum required, 1.0",
        ),
        (
            {"functionInstanceMinResources": {"cpu": 0, "ram": 5}},
            0,
            4,
            "Per instance RAM requested, 4, for function is less than the minimum required, 5",
        ),
        (
            {"functionInstanceMaxResources": {"cpu": 1}},
            1.5,
            1,
            "Per instance CPU requested, 1.5, for function is greater than the maximum required, 1.0",
        ),
        (
            {"functionInstanceMaxResources": {"cpu": 16}},
            1,
            GIB + 1,
            f"Per instance RAM requested, {GIB + 1}, for function is greater than the maximum required, {GIB}",
        ),
        (
            EVEN,
            0.15,
            128,
            "Per instance cpu requested, 0.15, for function should be positive and a multiple of the granularity, 0.1",
        ),
        (EVEN, 0.3, 256, None),
        (
            EVEN,
            0.1,
            0,
            "Per instance ram requested, 0, for function should be positive and a multiple of the granularity, 128",
        ),
        ({"functionInstanceResourceGranularities": {"cpu": 0, "ram": 0}}, 0.123, 5, None),
        (LOCK_STEP, 0.3, 384, None),
        (
            LOCK_STEP,
            0.3,
            256,
            (
                "Per instance cpu requested, 0.3, ram requested, 256, for function should be positive "
                "and the same multiple of the granularity, cpu, 0.1, ram, 128"
            ),
        ),
    ],
)
def test_resources(
    worker: dict[str, Any],
    cpu: float,
    ram: int,
    expected: str | None,
    new_details: Callable[..., FunctionDetails],
    new_settings: Callable[..., Settings],
) -> None:
    details = new_details()
    details.resources.cpu, details.resources.ram = cpu, ram
    assert reason(details, new_settings(worker=worker)) == expected


def test_the_name_comes_before_the_resources(
    new_details: Callable[..., FunctionDetails], new_settings: Callable[..., Settings]
) -> None:
    settings = new_settings(worker={"functionInstanceMinResources": {"cpu": 100}})
    assert reason(new_details(name="a" * 54), settings) == "Kubernetes job name size should be less than 53"


def test_a_customizers_name_is_judged(
    new_details: Callable[..., FunctionDetails], new_settings: Callable[..., Settings]
) -> None:
    settings = new_settings()
    assert reason(new_details(name="a" * 54, customRuntimeOptions="short"), settings, Renamer(None)) is None
    assert reason(new_details(customRuntimeOptions="j" * 45), settings, Renamer(None)) == (
        "Kubernetes job name size should be less than 53"
    )
    assert reason(new_details(customRuntimeOptions="{"), settings, Renamer(None)) == "not JSON"


@pytest.mark.parametrize(
    ("base", "own", "refused"),
    [
        ({}, {}, False),
        ({}, {"team": "core", "stage": "test"}, False),
        ({}, {"team": "data"}, True),
        ({"team": "data"}, {}, True),
        ({"team": "data"}, {"team": "core"}, False),
    ],
)
def test_extra_labels_that_clash_with_custom_ones_are_refused(
    base: dict[str, str],
    own: dict[str, str],
    refused: bool,
    new_details: Callable[..., FunctionDetails],
    new_settings: Callable[..., Settings],
) -> None:
    customizer = BasicKubernetesManifestCustomizer(RuntimeOptions(extra_labels=base))
    details = new_details(customRuntimeOptions=json.dumps({"extraLabels": own}))
    found = reason(details, new_settings(customLabels={"team": "Core"}), customizer)
    assert (found or "").startswith(
        "extraLabels.team: pods are selected by this label, with the value 'core'"
    ) == refused
    assert (found is None) == (not refused)


@pytest.mark.parametrize(
    ("keys", "refused"),
    [
        ({}, True),
        ({"pulsarDockerImageName": "registry/pulsemill-function:1"}, False),
        ({"pulsarDockerImageName": "mine:1"}, True),
        ({"functionDockerImages": {"PYTHON": "pulsemill-function"}}, False),
        ({"pulsarDockerImageName": "mine:1", "pulsemill": {"pythonInstance": "pulsemill"}}, False),
        ({"pulsarDockerImageName": "pulsemill-function", "pulsemill": {"pythonInstance": "upstream"}}, True),
    ],
)
def test_what_upstreams_python_instance_cannot_do_needs_an_image_with_ours(
    keys: dict[str, Any],
    refused: bool,
    new_details: Callable[..., FunctionDetails],
    new_settings: Callable[..., Settings],
) -> None:
    exactly = reason(new_details(processingGuarantees=EFFECTIVELY_ONCE), new_settings(**keys))
    assert (exactly or "").startswith("Effectively-once processing guarantees not yet supported") == refused
    assert (exactly is None) == (not refused)
    assert reason(new_details(), new_settings(**keys)) is None
