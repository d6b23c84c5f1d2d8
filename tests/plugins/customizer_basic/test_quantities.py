"""Quantities as upstream's client writes them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill_customizer_basic.quantities import QuantityError, canonical


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1", "1"),
        ("+1", "1"),
        ("0", "0"),
        ("0.0", "0"),
        ("0.5", "500m"),
        (".05", "50m"),
        ("1.", "1"),
        ("1.50", "1500m"),
        ("1000m", "1"),
        ("250000u", "250m"),
        ("1000", "1k"),
        ("1500", "1500"),
        ("1000000000", "1G"),
        ("1073741824", "1073741824"),
        ("1024Mi", "1Gi"),
        ("8Gi", "8Gi"),
        ("1000Ki", "1000Ki"),
        ("0Gi", "0"),
        ("0.5Gi", "536870912"),
        ("1e3", "1e3"),
        ("12E2", "1200"),
        ("1e-1", "100e-3"),
        ("5E", "5E"),
    ],
)
def test_a_quantity_has_one_form(text: str, written: str) -> None:
    assert canonical(text) == written
    assert canonical(written) == written


@pytest.mark.parametrize("text", ["", "a", "1 G", "-1", "1mi", "1gi", "1Kii", "1e", "1e9999", "0x10", "true", "9" * 50])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(QuantityError, match="expected a quantity of Kubernetes, such as 1, 500m or 2Gi, got '"):
        canonical(text)


@given(st.decimals(0, 10**15, places=3), st.sampled_from(["", "k", "M", "G"]))
def test_no_quantity_changes_its_value(number: Decimal, suffix: str) -> None:
    factors = {"m": Decimal("0.001"), "": Decimal(1)} | {
        name: Decimal(10) ** (3 * n) for n, name in enumerate("_kMGTPE")
    }

    def value(text: str) -> Decimal:
        digits = text.rstrip("mkMGTPE")
        return Decimal(digits) * factors[text[len(digits) :]]

    assert value(canonical(f"{number:f}{suffix}")) == number * factors[suffix]
