"""Windows of functions (upstream's WindowConfigUtils)."""

from pulsemill.functions.checks import refuse_if
from pulsemill.functions.model import FunctionConfig, WindowConfig

WINDOW_CONFIG_KEY = "__WINDOWCONFIGS__"
"""The key of userConfig under which a windowed function's WindowConfig travels."""

WINDOW_FUNCTION_EXECUTOR = "org.apache.pulsar.functions.windowing.WindowFunctionExecutor"


def validate_windows(config: FunctionConfig) -> None:
    """Check a function's windows, if it has any."""
    window = config.window_config
    if window is None:
        return
    refuse_if(config.auto_ack, "Cannot enable auto ack when using windowing functionality")
    _validate_length(window)
    _validate_positive("Window length", window.window_length_count)
    _validate_positive("Window length", window.window_length_duration_ms)
    _validate_positive("Sliding interval", window.sliding_interval_count)
    _validate_positive("Sliding interval", window.sliding_interval_duration_ms)
    if window.timestamp_extractor_class_name is not None:
        lag = window.max_lag_ms
        refuse_if(lag is not None and lag < 0, f"Lag duration must be positive [{lag}]")
        _validate_positive("Watermark interval", window.watermark_emit_interval_ms)


def _validate_length(window: WindowConfig) -> None:
    by_time = window.window_length_duration_ms is not None
    by_count = window.window_length_count is not None
    refuse_if(not by_time and not by_count, "Window length is not specified")
    both = "Window length for time and count are set! Please set one or the other."
    refuse_if(by_time and by_count, both)


def _validate_positive(what: str, value: int | None) -> None:
    refuse_if(value is not None and value <= 0, f"{what} must be positive [{value}]")
