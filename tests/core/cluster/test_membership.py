"""Who is there, who leads and who is lost, by what was observed when."""

import pytest

from pulsemill.cluster.membership import STALE_SECONDS, ClusterMembership
from pulsemill.cluster.participants import Participants
from pulsemill.rest.ports import WorkerInfo

ME, OTHER = WorkerInfo("w1", "host-1", 6750), WorkerInfo("w2", "host-2", 6751)
BOTH = Participants({"w1": ME, "w2": OTHER}, OTHER)
ALONE = Participants({"w1": ME}, ME)


class Time:
    """Seconds that pass when a test says so."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def membership(time: Time) -> ClusterMembership:
    return ClusterMembership(ME, grace_seconds=60, clock=time)


def observe(membership: ClusterMembership, time: Time, participants: Participants, after: float = 0) -> None:
    time.now += after
    membership.observe(participants)


def test_nobody_is_known_before_the_first_observation(membership: ClusterMembership) -> None:
    assert (membership.members(), membership.leader()) == ([], None)
    assert membership.lost({"w1", "w9"}) == set()


def test_the_last_observation_counts(membership: ClusterMembership, time: Time) -> None:
    observe(membership, time, BOTH)
    assert (membership.available(), membership.leader()) == ({"w1", "w2"}, OTHER)
    observe(membership, time, ALONE)
    assert (membership.available(), membership.leader()) == ({"w1"}, ME)


def test_nobody_leads_while_the_broker_does_not_answer(membership: ClusterMembership, time: Time) -> None:
    observe(membership, time, BOTH)
    time.now += STALE_SECONDS + 1
    assert membership.leader() is None
    assert membership.available() == {"w1", "w2"}
    observe(membership, time, BOTH)
    assert membership.leader() == OTHER


def test_a_worker_is_lost_after_its_grace(membership: ClusterMembership, time: Time) -> None:
    observe(membership, time, BOTH)
    observe(membership, time, ALONE, after=59)
    assert membership.lost({"w1", "w2"}) == set()
    observe(membership, time, ALONE, after=1)
    assert membership.lost({"w1", "w2"}) == {"w2"}


def test_one_that_came_back_has_all_its_grace_again(membership: ClusterMembership, time: Time) -> None:
    observe(membership, time, BOTH)
    observe(membership, time, BOTH, after=50)
    observe(membership, time, ALONE, after=50)
    assert membership.lost({"w2"}) == set()


def test_one_that_was_never_seen_counts_from_the_first_observation(membership: ClusterMembership, time: Time) -> None:
    observe(membership, time, ALONE)
    assert membership.lost({"w9"}) == set()
    observe(membership, time, ALONE, after=60)
    assert membership.lost({"w9"}) == {"w9"}


def test_nobody_is_lost_while_the_broker_does_not_answer(membership: ClusterMembership, time: Time) -> None:
    observe(membership, time, ALONE)
    time.now += 3600
    assert membership.lost({"w9"}) == set()
