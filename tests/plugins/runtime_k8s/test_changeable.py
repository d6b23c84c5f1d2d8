"""Which keys a ConfigMap may change."""

import re
from collections.abc import Callable
from pathlib import Path

from pulsemill_runtime_k8s.admissible import problem_of
from pulsemill_runtime_k8s.changeable import FIXED, changeable
from pulsemill_runtime_k8s.settings import Settings

DOCUMENT = Path(__file__).parents[3] / "docs" / "kubernetes.md"


def test_the_documentation_lists_the_keys(new_settings: Callable[..., Settings]) -> None:
    (listed,) = re.findall(r"Its keys are\s+those that upstream takes:(.*?)\.\s", DOCUMENT.read_text(), re.DOTALL)
    assert re.findall(r"`(\w+)`", listed) == list(changeable(new_settings()))


def test_a_key_either_may_change_or_has_a_reason(new_settings: Callable[..., Settings]) -> None:
    assert not set(changeable(new_settings())) & set(FIXED)
    assert {"k8Uri", "grpcPort", "cpuOverCommitRatio", "customLabels", "functionDockerImages"} <= set(FIXED)


def test_the_values_of_a_configuration_are_fine(new_settings: Callable[..., Settings]) -> None:
    settings = new_settings(
        jobName="My Job",
        changeConfigMap="worker.changes",
        changeConfigMapNamespace="pulsar",
        worker={"stateStorageServiceUrl": "bk://a:4181,b:4181"},
    )
    keys = changeable(settings)
    assert {key: problem_of(key, getattr(settings, keys[key])) for key in keys} == dict.fromkeys(keys)
