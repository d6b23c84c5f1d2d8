"""Fills in what a user may leave out (upstream's FunctionConfigUtils.inferMissingArguments)."""

import attrs

from pulsemill.functions.enums import Runtime
from pulsemill.functions.model import FunctionConfig, WindowConfig

DEFAULT_WATERMARK_EMIT_INTERVAL_MS = 1000


def infer_missing_arguments(config: FunctionConfig, *, forward_source_message_property: bool) -> FunctionConfig:
    """The configuration with its defaults; the flag is the worker's forwardSourceMessageProperty.

    Upstream overrides autoAck with false where there are windows; here an explicit true stays, to be refused.
    """
    windowed = config.window_config is not None
    return attrs.evolve(
        config,
        name=config.name or (config.class_name or "").rpartition(".")[2] or None,
        tenant=config.tenant or "public",
        namespace=config.namespace or "default",
        parallelism=1 if config.parallelism is None else config.parallelism,
        forward_source_message_property=_forwarded(config, allowed=forward_source_message_property),
        runtime=runtime_of(config),
        window_config=_window(config.window_config),
        auto_ack=False if windowed and config.auto_ack is None else config.auto_ack,
    )


def _forwarded(config: FunctionConfig, *, allowed: bool) -> bool | None:
    if not allowed:
        return None
    return True if config.forward_source_message_property is None else config.forward_source_message_property


def runtime_of(config: FunctionConfig) -> Runtime | None:
    """The language that the kind of code says, else the one that is given."""
    if config.jar is not None:
        return Runtime.JAVA
    if config.py is not None:
        return Runtime.PYTHON
    return Runtime.GO if config.go is not None else config.runtime


def _window(window: WindowConfig | None) -> WindowConfig | None:
    if window is None:
        return None
    filled = attrs.evolve(
        window,
        sliding_interval_duration_ms=_or(window.sliding_interval_duration_ms, window.window_length_duration_ms),
        sliding_interval_count=_or(window.sliding_interval_count, window.window_length_count),
    )
    if window.timestamp_extractor_class_name is None:
        return filled
    return attrs.evolve(
        filled,
        max_lag_ms=_or(window.max_lag_ms, 0),
        watermark_emit_interval_ms=_or(window.watermark_emit_interval_ms, DEFAULT_WATERMARK_EMIT_INTERVAL_MS),
    )


def _or(value: int | None, default: int | None) -> int | None:
    return default if value is None else value
