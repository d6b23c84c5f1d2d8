"""How a finding names numbers."""

from collections.abc import Collection


def few(numbers: Collection[int]) -> str:
    """How many they are, and the first of them."""
    return f"{len(numbers)} of {sorted(numbers)[:10]}"
