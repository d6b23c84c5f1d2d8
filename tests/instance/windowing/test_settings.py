"""The windows that a function's details ask for."""

import json
from typing import Any

import pytest

from pulsemill_instance.errors import InstanceError
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_instance.windowing.settings import WindowSettings, window_settings


def settings(**config: Any) -> WindowSettings | None:
    return window_settings(FunctionDetails(userConfig=json.dumps({"__WINDOWCONFIGS__": config})))


def test_a_function_without_windows() -> None:
    assert window_settings(FunctionDetails()) is None
    assert window_settings(FunctionDetails(userConfig='{"a": 1}')) is None


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"windowLengthCount": 5}, {"length_count": 5, "slide_count": 5}),
        ({"windowLengthCount": 5, "slidingIntervalCount": 2}, {"length_count": 5, "slide_count": 2}),
        ({"windowLengthDurationMs": 5}, {"length_ms": 5, "slide_ms": 5}),
        (
            {"windowLengthDurationMs": 5, "slidingIntervalDurationMs": 5, "slidingIntervalCount": 2},
            {"length_ms": 5, "slide_count": 2},
        ),
        (
            {
                "windowLengthDurationMs": 5,
                "timestampExtractorClassName": "mod.Times",
                "maxLagMs": 7,
                "watermarkEmitIntervalMs": 9,
                "lateDataTopic": "late",
                "processingGuarantees": "ATMOST_ONCE",
                "actualWindowFunctionClassName": "mod.Fn",
            },
            {
                "length_ms": 5,
                "slide_ms": 5,
                "timestamp_extractor": "mod.Times",
                "max_lag_ms": 7,
                "watermark_interval_ms": 9,
                "late_data_topic": "late",
                "at_most_once": True,
            },
        ),
    ],
)
def test_windows_are_read_with_their_defaults(config: dict[str, Any], expected: dict[str, Any]) -> None:
    assert settings(**config) == WindowSettings(**expected)


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({}, "either windowLengthCount or windowLengthDurationMs"),
        ({"windowLengthCount": 1, "windowLengthDurationMs": 1}, "either"),
        ({"windowLengthCount": 1, "slidingIntervalDurationMs": 1}, "slidingIntervalDurationMs needs"),
        ({"windowLengthCount": 0}, "must be positive"),
        ({"windowLengthCount": 1, "lateDataTopic": "t"}, "lateDataTopic needs timestampExtractorClassName"),
    ],
)
def test_windows_that_cannot_be_end_the_start_with_the_reason(config: dict[str, Any], reason: str) -> None:
    with pytest.raises(InstanceError, match=reason):
        settings(**config)
