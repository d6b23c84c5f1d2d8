"""Turns degrees Celsius into Fahrenheit: a SerDe for both sides, and metrics of one's own.

Register with customSerdeInputs {"celsius": "temperature.DegreesSerDe"}, outputSerdeClassName temperature.DegreesSerDe.
"""

from pulsar import Context, Function, SerDe


class DegreesSerDe(SerDe):
    """Numbers as text with one decimal, such as `21.5`."""

    def serialize(self, input: float) -> bytes:  # noqa: A002 - pulsar.SerDe names it so
        """A number to text."""
        return f"{input:.1f}".encode()

    def deserialize(self, input_bytes: bytes) -> float:
        """Text to a number; what is none counts as a system exception and is delivered again."""
        return float(input_bytes)


class ToFahrenheit(Function):
    """A class that uses its context."""

    def process(self, input: float, context: Context) -> float:  # noqa: A002 - pulsar.Function names it so
        """20.0 gives 68.0. `pulsemill functions stats` shows sum and count of `celsius`."""
        context.record_metric("celsius", input)
        return input * 9 / 5 + 32
