from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill_runtime_k8s.quantities import cpu_quantity, memory_quantity, round_half_up

FACTORS = {"m": "1e-3", "": "1", "k": "1e3", "M": "1e6", "G": "1e9", "T": "1e12", "P": "1e15", "E": "1e18"}


def amount(quantity: str) -> Decimal:
    """What the API server understands."""
    suffix = quantity[-1] if quantity[-1].isalpha() else ""
    return Decimal(quantity.removesuffix(suffix)) * Decimal(FACTORS[suffix])


@pytest.mark.parametrize(
    ("cores", "quantity"),
    [
        (0.5, "500m"),
        (2.0, "2"),
        (0.3333, "333m"),
        (1000.0, "1k"),
        (0.0001, "0m"),
        (1.0005, "1001m"),
        (123.0, "123"),
        (1e7, "10e6"),
    ],
)
def test_processors(cores: float, quantity: str) -> None:
    assert cpu_quantity(cores) == quantity


@pytest.mark.parametrize(
    ("size", "quantity"),
    [
        (1073741824, "1073741824"),
        (1000000000, "1G"),
        (1500000, "1500k"),
        (1100000000, "1100M"),
        (0, "0"),
        (5 * 10**18, "5E"),
    ],
)
def test_memory(size: int, quantity: str) -> None:
    assert memory_quantity(size) == quantity


@given(st.integers(0, 2**63 - 1))
def test_memory_keeps_its_value(size: int) -> None:
    assert amount(memory_quantity(size)) == size


@given(st.floats(0, 9_999_999))
def test_processors_are_right_to_the_thousandth(cores: float) -> None:
    assert abs(float(amount(cpu_quantity(cores))) - cores) <= 0.0005000001


@pytest.mark.parametrize(("value", "whole"), [(0.5, 1), (1.5, 2), (2.4999, 2), (-0.5, 0), (-1.5, -1)])
def test_halves_go_up(value: float, whole: int) -> None:
    assert round_half_up(value) == whole
