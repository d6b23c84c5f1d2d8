"""What is processed when a broker hands a partition over: nothing is overtaken, nothing is missing."""

from collections.abc import Sequence
from typing import Any, cast

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill_instance.errors import InstanceError
from pulsemill_instance.handovers import Handovers, handover_seconds
from pulsemill_instance.interfaces import InputMessage
from pulsemill_instance.places import Place

LEDGER = 4
QUEUE = 3


@attrs.frozen
class Id:
    entry: int
    part: int = 0

    def ledger_id(self) -> int:
        return LEDGER

    def entry_id(self) -> int:
        return self.entry

    def batch_index(self) -> int:
        return -1

    def partition(self) -> int:
        return self.part


@attrs.frozen
class Message:
    id: Id

    def message_id(self) -> Id:
        return self.id

    def topic_name(self) -> str:
        return f"topic-{self.id.part}"


@attrs.define
class Inbox:
    """Handovers, a clock, and the number of the last entry whose output is stored."""

    stored: int | None = None
    queue_size: int = 1000
    by_topic: bool = False
    now: float = 100.0
    asked: int = 0
    handovers: Handovers = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.handovers = Handovers(2.0, self.queue_size, self.last_stored, self.by_topic, clock=lambda: self.now)

    def last_stored(self, _: InputMessage) -> Place | None:
        self.asked += 1
        return None if self.stored is None else (LEDGER, self.stored, 0)

    def give(self, *entries: int, partition: int = 0) -> list[int]:
        """The entries that may be processed after some came."""
        messages: list[Any] = [Message(Id(entry, partition)) for entry in entries]
        return numbers(self.handovers.admit(messages))

    def wait(self, seconds: float) -> list[int]:
        """Those that have waited long enough some seconds later."""
        self.now += seconds
        return numbers(self.handovers.due())


def numbers(messages: Sequence[InputMessage]) -> list[int]:
    return [cast("Message", message).id.entry for message in messages]


def test_what_comes_one_after_the_other_is_processed_at_once() -> None:
    inbox = Inbox()
    assert inbox.give(0, 1, 2) == [0, 1, 2]
    assert inbox.give(3) == [3]
    assert inbox.asked == 0


def test_what_follows_the_last_stored_is_processed_at_once() -> None:
    assert Inbox(stored=6).give(7, 8) == [7, 8]


def test_what_comes_again_is_processed_at_once() -> None:
    inbox = Inbox(stored=6)
    assert inbox.give(5, 6, 7) == [5, 6, 7]
    assert inbox.give(6, 7, 8) == [6, 7, 8]


def test_what_comes_too_early_gives_way_to_earlier_messages() -> None:
    inbox = Inbox(stored=6)
    assert inbox.give(20, 21) == []
    assert inbox.give(22, 5, 6, 7) == [5, 6, 7]
    assert inbox.give(*range(8, 24)) == list(range(8, 24))
    assert inbox.wait(10) == []


def test_a_broker_that_begins_again_where_it_began_repeats_nothing() -> None:
    inbox = Inbox()
    assert inbox.give(20, 21) == []
    assert inbox.give(20, 21, 22) == [20, 21, 22]
    assert inbox.wait(10) == []


def test_after_a_gap_of_the_topic_itself_it_goes_on_in_time() -> None:
    inbox = Inbox(stored=6)
    assert inbox.give(20) == []
    assert inbox.wait(1.9) == []
    assert inbox.give(21) == []
    assert inbox.wait(0.2) == [20, 21]
    assert inbox.give(22) == [22]


def test_another_instance_may_have_stored_what_is_missing_here() -> None:
    inbox = Inbox(stored=6)
    assert inbox.give(7) == [7]
    inbox.stored = 30
    assert inbox.give(31) == [31]


def test_a_topic_with_many_gaps_is_held_up_less_and_less() -> None:
    inbox = Inbox(stored=0)
    waited = 0
    for number in range(1, 2000):
        inbox.now += 1
        if inbox.give(2 * number) == []:
            waited += 1
            assert inbox.wait(2) == [2 * number]
    assert 3 < waited < 10


def test_one_partition_does_not_wait_for_the_other() -> None:
    inbox = Inbox()
    assert inbox.give(0, 1, 5) == [0, 1]
    assert inbox.give(0, 1, partition=1) == [0, 1]


def test_topics_of_a_pattern_are_told_apart_by_name() -> None:
    inbox = Inbox(by_topic=True)
    assert inbox.give(0, 1, 5) == [0, 1]
    assert inbox.give(0, partition=1) == [0]


def test_no_more_is_taken_than_the_client_has_ready_and_what_comes_behind_that_is_seen() -> None:
    inbox = Inbox(stored=6, queue_size=QUEUE)
    assert inbox.give(20, 21) == []
    assert not inbox.handovers.is_full
    assert inbox.give(22) == []
    assert inbox.handovers.is_full
    assert inbox.wait(2) == []
    assert not inbox.handovers.is_full
    assert inbox.give(23, 24, 25, 7, 8) == [7, 8]


def test_what_waited_is_given_in_parts_and_nothing_is_read_meanwhile() -> None:
    inbox = Inbox(stored=6)
    assert inbox.give(*range(20, 170)) == []
    assert inbox.wait(2) == list(range(20, 120))
    assert inbox.handovers.is_full
    assert inbox.give(170) == []
    assert inbox.wait(0) == list(range(120, 171))
    assert not inbox.handovers.is_full
    assert inbox.give(171) == [171]


def test_a_broker_that_begins_again_late_is_followed() -> None:
    inbox = Inbox(stored=6)
    assert inbox.give(*range(20, 170)) == []
    assert inbox.wait(2) == list(range(20, 120))
    assert inbox.give(10, 11) == [10, 11]
    assert inbox.wait(0) == []


def test_a_full_hold_with_nothing_behind_it_is_over_in_time() -> None:
    inbox = Inbox(stored=6, queue_size=QUEUE)
    assert inbox.give(20, 21, 22) == inbox.wait(2) == inbox.give(23) == []
    assert inbox.wait(1) == [20, 21, 22, 23]


@given(
    stored=st.integers(-1, 30),
    acknowledged=st.integers(-1, 30),
    early=st.integers(0, 40),
    seen=st.integers(0, 20),
    sizes=st.lists(st.integers(1, 7), min_size=40),
)
def test_nothing_is_overtaken_and_nothing_is_missing(
    stored: int, acknowledged: int, early: int, seen: int, sizes: list[int]
) -> None:
    """The broker gives `seen` entries from somewhere behind, then all that is not acknowledged."""
    begin = min(stored, acknowledged) + 1
    first_early = max(stored, begin) + early
    stream = [*range(first_early, first_early + seen), *range(begin, first_early + seen + 5)]
    inbox = Inbox(stored if stored >= 0 else None)
    processed: list[int] = []
    for size in sizes:
        processed += inbox.give(*stream[:size])
        del stream[:size]
    processed += inbox.give(*stream) + inbox.wait(2)
    new = [entry for entry in dict.fromkeys(processed) if entry > stored]
    assert new == list(range(stored + 1, first_early + seen + 5))


@pytest.mark.parametrize(("config", "seconds"), [({}, 2.0), ({"pulsemill.handoverSeconds": 0}, 0.0)])
def test_how_long_messages_wait_can_be_told(config: dict[str, Any], seconds: float) -> None:
    assert handover_seconds(config) == seconds


@pytest.mark.parametrize("wrong", [-1, "2", True, float("nan"), float("inf")])
def test_what_is_no_time_is_refused(wrong: object) -> None:
    with pytest.raises(InstanceError, match=r"pulsemill\.handoverSeconds must be a number of seconds"):
        handover_seconds({"pulsemill.handoverSeconds": wrong})
