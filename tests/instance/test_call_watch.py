"""The thread that looks whether calls take too long."""

import threading

import attrs

from pulsemill_instance.call_watch import CallWatch


@attrs.define(eq=False)
class Guarded:
    """Something that is blocked or not, counts looks at it, and may take for ever to give up."""

    is_stuck: bool
    seconds: float | None = 0.004
    given_up: threading.Event = attrs.field(factory=threading.Event)
    looked: threading.Event = attrs.field(factory=threading.Event)
    release: threading.Event = attrs.field(factory=threading.Event)
    times: int = 0

    @property
    def is_blocked(self) -> bool:
        self.looked.set()
        return self.is_stuck

    def give_up(self) -> None:
        self.times += 1
        self.given_up.set()
        self.release.wait(30)


def watches() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "call watch"]


def test_what_is_blocked_is_given_up_once_though_that_takes_long() -> None:
    watch, slow, other, fine = CallWatch(), Guarded(is_stuck=True), Guarded(is_stuck=True), Guarded(is_stuck=False)
    watch.add(slow)
    assert slow.given_up.wait(30)
    watch.add(other)
    assert other.given_up.wait(30)
    watch.add(fine)
    assert fine.looked.wait(30)
    watch.discard(fine)
    assert (slow.times, other.times, fine.times) == (1, 1, 0)
    slow.release.set()
    other.release.set()


def test_what_is_discarded_is_not_looked_at_and_the_thread_ends() -> None:
    watch, long, before = CallWatch(), Guarded(is_stuck=False, seconds=3600), watches()
    watch.add(long)
    (thread,) = [thread for thread in watches() if thread not in before]
    watch.discard(long)
    thread.join(30)
    assert not thread.is_alive()
    assert not long.looked.is_set()


def test_a_watch_whose_thread_has_ended_begins_again() -> None:
    watch, first, second = CallWatch(), Guarded(is_stuck=True), Guarded(is_stuck=True)
    for guarded in (first, second):
        guarded.release.set()
        watch.add(guarded)
        assert guarded.given_up.wait(30)
        watch.discard(guarded)


def test_what_has_no_time_is_not_watched() -> None:
    watch, endless, before = CallWatch(), Guarded(is_stuck=True, seconds=None), watches()
    watch.add(endless)
    assert watches() == before


def test_one_that_cannot_be_asked_harms_no_other() -> None:
    class Broken(Guarded):
        @property
        def is_blocked(self) -> bool:
            self.looked.set()
            raise RuntimeError("changed size")

    watch, broken, stuck = CallWatch(), Broken(is_stuck=False), Guarded(is_stuck=True)
    stuck.release.set()
    watch.add(broken)
    assert broken.looked.wait(30)
    watch.add(stuck)
    assert stuck.given_up.wait(30)
    watch.discard(broken)
