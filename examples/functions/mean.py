"""The mean of the readings of a window, and how many of them the mean is of."""

from typing import Any


class Mean:
    """Takes numbers; with `windowConfig` they come as lists."""

    def initialize(self, context: Any) -> None:
        """Called once, before the first window."""
        self.digits = context.get_user_config_value("digits") or 2

    def process(self, inputs: list[float], context: Any) -> str:
        """One output for all messages of a window."""
        context.record_metric("readings", len(inputs))
        return f"{sum(inputs) / len(inputs):.{self.digits}f} of {len(inputs)}"
