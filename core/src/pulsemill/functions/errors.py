"""What can be wrong with a function's configuration."""

from pulsemill.errors import PulsemillError


class InvalidFunctionConfigError(PulsemillError):
    """A FunctionConfig is malformed, contradicts itself or changes what may not change (answered with 400)."""
