"""Defaults that a user need not give."""

from typing import Any

import pytest

from pulsemill.functions.enums import Runtime
from pulsemill.functions.inference import infer_missing_arguments
from pulsemill.functions.model import FunctionConfig, WindowConfig


def infer(*, forward: bool = True, **fields: Any) -> FunctionConfig:
    return infer_missing_arguments(FunctionConfig(**fields), forward_source_message_property=forward)


def test_names_and_parallelism() -> None:
    config = infer(class_name="a.b.Exclaim")
    assert (config.tenant, config.namespace, config.name) == ("public", "default", "Exclaim")
    assert config.parallelism == 1


def test_given_values_stay() -> None:
    config = infer(tenant="t", namespace="n", name="f", class_name="a.B", parallelism=0)
    assert (config.tenant, config.namespace, config.name, config.parallelism) == ("t", "n", "f", 0)


@pytest.mark.parametrize(
    ("given", "allowed", "expected"),
    [(None, True, True), (False, True, False), (True, True, True), (None, False, None), (True, False, None)],
)
def test_forwarding_is_the_workers_to_allow(given: bool | None, allowed: bool, expected: bool | None) -> None:
    config = infer(forward=allowed, forward_source_message_property=given)
    assert config.forward_source_message_property is expected


@pytest.mark.parametrize(
    ("files", "runtime"),
    [
        ({"jar": "x", "py": "x", "go": "x", "runtime": Runtime.GO}, Runtime.JAVA),
        ({"py": "x", "go": "x", "runtime": Runtime.JAVA}, Runtime.PYTHON),
        ({"go": "x", "runtime": Runtime.JAVA}, Runtime.GO),
        ({"runtime": Runtime.PYTHON}, Runtime.PYTHON),
        ({}, None),
    ],
)
def test_the_file_says_the_runtime(files: dict[str, Any], runtime: Runtime | None) -> None:
    assert infer(**files).runtime is runtime


def test_windows_slide_by_their_length_and_do_not_acknowledge() -> None:
    by_count = infer(window_config=WindowConfig(window_length_count=5))
    assert by_count.window_config == WindowConfig(window_length_count=5, sliding_interval_count=5)
    assert by_count.auto_ack is False
    by_time = infer(window_config=WindowConfig(window_length_duration_ms=5, sliding_interval_duration_ms=2))
    assert by_time.window_config == WindowConfig(window_length_duration_ms=5, sliding_interval_duration_ms=2)


def test_windows_by_event_time_get_lag_and_watermarks() -> None:
    window = infer(window_config=WindowConfig(window_length_count=5, timestamp_extractor_class_name="T")).window_config
    assert window is not None
    assert (window.max_lag_ms, window.watermark_emit_interval_ms) == (0, 1000)
