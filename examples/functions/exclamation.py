"""Adds an exclamation mark: the smallest function there is.

A module with `process(input)` and nothing else. Its className is the module's name, `exclamation`.
"""


def process(input: object) -> str:  # noqa: A002 - the name that everybody uses for it
    """`hello` gives `hello!`."""
    return f"{input}!"
