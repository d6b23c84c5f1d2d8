"""Which messages are in which window, compared with a model that knows all of them beforehand."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pulsemill_instance.windowing.settings import WindowSettings
from pulsemill_instance.windowing.windows import Fired, Windows

TIMES = st.lists(st.integers(1, 300), max_size=60)
LENGTHS = st.integers(1, 40)


def by_time(length: int, slide: int) -> WindowSettings:
    return WindowSettings(length_ms=length, slide_ms=slide)


def by_count(length: int, slide: int) -> WindowSettings:
    return WindowSettings(length_count=length, slide_count=slide)


def fired(settings: WindowSettings, times: list[int], *stops: int) -> list[Fired[int]]:
    """All that fires; the items are the positions of the times, each is added before the first stop that reaches it."""
    windows: Windows[int] = Windows(settings)
    waiting, result = list(enumerate(times)), []
    for stop in (*stops, 1000):
        for item, time in [entry for entry in waiting if entry[1] <= stop]:
            windows.add(time, item)
        waiting = [entry for entry in waiting if entry[1] > stop]
        result += windows.advance(stop)
    return result


def contents(all_fired: list[Fired[int]]) -> list[tuple[int, ...]]:
    return [one.items for one in all_fired if one.items]


def in_order(times: list[int]) -> list[int]:
    return sorted(range(len(times)), key=lambda item: (times[item], item))


def assert_each_expires_once_and_last(all_fired: list[Fired[int]], expected: set[int]) -> None:
    expired: list[int] = []
    for one in all_fired:
        assert not set(one.items) & set(expired)
        expired += one.expired
    assert len(expired) == len(set(expired))
    assert set(expired) == expected


@given(TIMES, LENGTHS, LENGTHS, st.lists(st.integers(1, 300), max_size=5))
def test_windows_of_time(times: list[int], length: int, slide: int, stops: list[int]) -> None:
    order = in_order(times)
    expected = []
    for end in range(slide, 1000, slide):
        held = tuple(item for item in order if end - length < times[item] <= end)
        if held:
            expected.append((end, held))
    found = fired(by_time(length, slide), times, *sorted(stops))
    assert [(one.end, one.items) for one in found if one.items] == expected
    assert_each_expires_once_and_last(found, set(order))


@given(TIMES, LENGTHS, LENGTHS, st.lists(st.integers(1, 300), max_size=5))
def test_windows_of_a_count(times: list[int], length: int, slide: int, stops: list[int]) -> None:
    order = in_order(times)
    ends = range(slide, len(order) + 1, slide)
    found = fired(by_count(length, slide), times, *sorted(stops))
    assert contents(found) == [tuple(order[max(0, end - length) : end]) for end in ends]
    overlap = max(0, length - slide) if ends else 0
    kept = min(length, overlap + len(order) % slide)
    assert_each_expires_once_and_last(found, set(order[: max(0, len(order) - kept)]))


@given(TIMES, LENGTHS, LENGTHS)
def test_windows_of_time_that_slide_by_a_count(times: list[int], length: int, slide: int) -> None:
    order = in_order(times)
    expected = []
    for end in range(slide, len(order) + 1, slide):
        last = times[order[end - 1]]
        expected.append(tuple(item for item in order[:end] if last - length < times[item]))
    assert contents(fired(WindowSettings(length_ms=length, slide_count=slide), times)) == expected


def test_an_item_enters_no_window_before_its_time_has_come() -> None:
    windows: Windows[str] = Windows(by_count(1, 1))
    windows.add(10, "later")
    assert list(windows.advance(9)) == []
    assert [one.items for one in windows.advance(10)] == [("later",)]


def test_a_long_pause_costs_nothing() -> None:
    windows: Windows[Any] = Windows(by_time(1, 1))
    windows.add(1, "a")
    windows.add(10**13, "b")
    assert [one.end for one in windows.advance(10**14)] == [1, 10**13]
