"""The windows that a function asks for, read from its details."""

import json
from typing import Any

import attrs

from pulsemill_instance.errors import InstanceError
from pulsemill_instance.proto.Function_pb2 import FunctionDetails

WINDOW_KEY = "__WINDOWCONFIGS__"
EVENT_TIME = "EventTime"
"""The timestampExtractorClassName that takes a message's own event time."""

_FIELDS = {
    "length_count": "windowLengthCount",
    "length_ms": "windowLengthDurationMs",
    "slide_count": "slidingIntervalCount",
    "slide_ms": "slidingIntervalDurationMs",
    "max_lag_ms": "maxLagMs",
    "watermark_interval_ms": "watermarkEmitIntervalMs",
}
_DEFAULT_WATERMARK_INTERVAL_MS = 1000


@attrs.frozen(kw_only=True)
class WindowSettings:
    """Upstream's WindowConfig. A window has a length in messages or in ms, and begins after as many, or at intervals.

    Without `timestamp_extractor` a message's time is when it is received.
    """

    length_count: int | None = None
    length_ms: int | None = None
    slide_count: int | None = None
    slide_ms: int | None = None
    max_lag_ms: int = 0
    watermark_interval_ms: int = _DEFAULT_WATERMARK_INTERVAL_MS
    timestamp_extractor: str = ""
    late_data_topic: str = ""
    at_most_once: bool = False


def window_settings(details: FunctionDetails) -> WindowSettings | None:
    """The windows of a function, None without any; InstanceError for such as cannot be."""
    if WINDOW_KEY not in details.userConfig:
        return None
    config = json.loads(details.userConfig).get(WINDOW_KEY)
    return None if config is None else _settings(config)


def _settings(config: dict[str, Any]) -> WindowSettings:
    numbers = {name: config[key] for name, key in _FIELDS.items() if config.get(key) is not None}
    settings = WindowSettings(
        timestamp_extractor=config.get("timestampExtractorClassName") or "",
        late_data_topic=config.get("lateDataTopic") or "",
        at_most_once=config.get("processingGuarantees") == "ATMOST_ONCE",
        **numbers,
    )
    _check(settings)
    if settings.length_count is not None:
        return attrs.evolve(settings, slide_count=settings.slide_count or settings.length_count)
    if settings.slide_count is not None:
        return attrs.evolve(settings, slide_ms=None)  # workers fill it in, with the length
    return attrs.evolve(settings, slide_ms=settings.slide_ms or settings.length_ms)


def _check(settings: WindowSettings) -> None:
    if (settings.length_count is None) == (settings.length_ms is None):
        raise InstanceError("windowConfig needs either windowLengthCount or windowLengthDurationMs")
    if settings.length_count is not None and settings.slide_ms is not None:
        raise InstanceError("windowConfig: slidingIntervalDurationMs needs windowLengthDurationMs")
    lengths = (settings.length_count, settings.length_ms, settings.slide_count, settings.slide_ms)
    if any(number is not None and number < 1 for number in (*lengths, settings.watermark_interval_ms)):
        raise InstanceError("windowConfig: lengths and intervals must be positive")
    if settings.late_data_topic and not settings.timestamp_extractor:
        raise InstanceError("windowConfig: lateDataTopic needs timestampExtractorClassName")
