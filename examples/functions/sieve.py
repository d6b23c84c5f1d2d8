"""Lets through what matches a regular expression: a filter.

Register with userConfig {"pattern": "error|warning"}. Returning None sends nothing, and the input counts as processed.
"""

import re

from pulsar import Context, Function


class Sieve(Function):
    """A class that prepares once what it needs for every message."""

    def __init__(self) -> None:
        self.pattern: re.Pattern[str] | None = None

    def process(self, input: object, context: Context) -> str | None:  # noqa: A002 - pulsar.Function names it so
        """The line, or nothing."""
        if self.pattern is None:
            self.pattern = re.compile(context.get_user_config_value("pattern") or "", re.IGNORECASE)
        line = str(input)
        return line if self.pattern.search(line) else None
