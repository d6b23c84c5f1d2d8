"""Which messages are in which window. Pure: time is what the caller says it is, in ms.

Items wait until the time has come to theirs, then enter in the order of their times. Windows of a time slide end at
multiples of the interval and hold what is later than `end - length` and not later than `end`; those without an item are
passed over. Windows of a count slide end with every so many-th item.
"""

import heapq
from collections.abc import Iterator
from typing import Generic, TypeVar

import attrs

from pulsemill_instance.windowing.settings import WindowSettings

Item = TypeVar("Item")


@attrs.frozen
class Fired(Generic[Item]):
    """A window that is complete, and the items that no later window can hold; either may be empty."""

    items: tuple[Item, ...]
    expired: tuple[Item, ...]
    end: int


class Windows(Generic[Item]):
    """The items of the current windows and of those to come."""

    def __init__(self, settings: WindowSettings) -> None:
        self.last_end: int | None = None
        """The end of the last window of a time slide."""
        self._settings = settings
        self._waiting: list[tuple[int, int, Item]] = []
        self._inside: list[tuple[int, Item]] = []
        self._added = 0
        self._since_last = 0

    def add(self, time: int, item: Item) -> None:
        """An item of a time; it enters once `advance` has come to that."""
        self._added += 1
        heapq.heappush(self._waiting, (time, self._added, item))

    def advance(self, until: int) -> Iterator[Fired[Item]]:
        """The windows that end not later than `until`, in their order."""
        return (
            self._by_count(until) if self._settings.slide_ms is None else self._by_time(until, self._settings.slide_ms)
        )

    def _by_count(self, until: int) -> Iterator[Fired[Item]]:
        slide = self._settings.slide_count or 1
        while self._waiting and self._waiting[0][0] <= until:
            end = self._enter()
            self._since_last += 1
            expired = self._expire_before(end)
            if self._since_last < slide:
                if expired:
                    yield Fired((), expired, end)
                continue
            self._since_last = 0
            items = self._items()
            yield Fired(items, (*expired, *self._expire_after_count(slide)), end)

    def _by_time(self, until: int, slide: int) -> Iterator[Fired[Item]]:
        if self.last_end is not None and self.last_end + slide > until:
            return
        while (end := self._next_end(slide)) is not None and end <= until:
            while self._waiting and self._waiting[0][0] <= end:
                self._enter()
            expired = self._expire_before(end)
            items = self._items()
            self.last_end = end
            expired += self._expire_before(end + slide)
            if items or expired:
                yield Fired(items, expired, end)

    def _next_end(self, slide: int) -> int | None:
        times = [self._waiting[0][0]] if self._waiting else []
        earliest = min([*times, *(time for time, _ in self._inside)], default=None)
        if earliest is None:
            return None
        aligned = -(-earliest // slide) * slide
        return aligned if self.last_end is None else max(aligned, self.last_end + slide)

    def _enter(self) -> int:
        time, _, item = heapq.heappop(self._waiting)
        self._inside.append((time, item))
        return time

    def _items(self) -> tuple[Item, ...]:
        return tuple(item for _, item in self._inside)

    def _expire_before(self, end: int) -> tuple[Item, ...]:
        """What a window with this end does not hold any more leaves."""
        if self._settings.length_count is not None:
            return self._keep_last(self._settings.length_count)
        bound = end - (self._settings.length_ms or 0)
        expired = tuple(item for time, item in self._inside if time <= bound)
        if expired:
            self._inside = [(time, item) for time, item in self._inside if time > bound]
        return expired

    def _expire_after_count(self, slide: int) -> tuple[Item, ...]:
        length = self._settings.length_count
        return () if length is None else self._keep_last(max(0, length - slide))

    def _keep_last(self, count: int) -> tuple[Item, ...]:
        leaving = max(0, len(self._inside) - count)
        expired = tuple(item for _, item in self._inside[:leaving])
        del self._inside[:leaving]
        return expired
