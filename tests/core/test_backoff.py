"""Delays between a death and the next start."""

from hypothesis import given
from hypothesis import strategies as st

from pulsemill.backoff import Backoff


def without_jitter() -> Backoff:
    return Backoff(first=0.2, longest=30.0, healthy_after=60.0, random=lambda: 0.0)


def test_doubles_up_to_the_longest() -> None:
    backoff = without_jitter()
    delays = [backoff.next_delay(lived=1.0) for _ in range(10)]
    assert delays[:4] == [0.2, 0.4, 0.8, 1.6]
    assert delays[-1] == 30.0


def test_begins_anew_after_a_healthy_life() -> None:
    backoff = without_jitter()
    for _ in range(5):
        backoff.next_delay(lived=1.0)
    assert backoff.next_delay(lived=60.0) == 0.2


@given(st.floats(min_value=0, max_value=1, exclude_max=True), st.lists(st.floats(min_value=0, max_value=100)))
def test_jitter_only_shortens_and_at_most_by_its_share(chance: float, lives: list[float]) -> None:
    jittered, plain = Backoff(random=lambda: chance), Backoff(random=lambda: 0.0)
    for lived in lives:
        full = plain.next_delay(lived)
        assert full * 0.75 <= jittered.next_delay(lived) <= full
