"""Texts that nobody has looked at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill_instance.told import TEXT_BYTES, told


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_an_ordinary_text_stays_as_it_is(text: str) -> None:
    assert told(text) == text


def test_a_half_character_is_told_by_its_number() -> None:
    assert told("unknown \ud83d") == "unknown \\ud83d"


@pytest.mark.parametrize("middle", ["x", "é", "\U0001f600", "\ud83d"], ids=["ascii", "two bytes", "four bytes", "half"])
def test_of_a_long_text_head_and_tail_are_kept(middle: str) -> None:
    text = told(f"Traceback{middle * TEXT_BYTES}ValueError: no key")
    assert text.startswith("Traceback")
    assert text.endswith("ValueError: no key")
    assert TEXT_BYTES - 100 < len(text.encode()) <= TEXT_BYTES
    assert f"{len(middle.encode(errors='backslashreplace')) * TEXT_BYTES + 27} bytes in all" in text
