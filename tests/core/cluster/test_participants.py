"""Reading who takes part from a topic's statistics."""

from typing import Any

import pytest

from pulsemill.cluster.participants import Participants, consumer_id, member_named, participants_in
from pulsemill.rest.ports import WorkerInfo

ONE, TWO = WorkerInfo("w1", "host-1", 6750), WorkerInfo("w2", "host-2", 6751)


def stats(*ids: str, active: str = "") -> dict[str, Any]:
    consumers = [{"consumerName": each, "metadata": {"id": each}} for each in ids]
    return {"subscriptions": {"participants": {"activeConsumerName": active, "consumers": consumers}}}


def test_a_member_is_named_in_three_parts() -> None:
    assert consumer_id(ONE) == "w1:host-1:6750"
    assert member_named("w1:host-1:6750") == ONE


def test_the_active_consumer_leads() -> None:
    found = participants_in(stats(consumer_id(ONE), consumer_id(TWO), active=consumer_id(TWO)))
    assert found == Participants({"w1": ONE, "w2": TWO}, TWO)


@pytest.mark.parametrize("nothing", [{}, {"subscriptions": {}}, stats()])
def test_a_new_topic_has_nobody(nothing: dict[str, Any]) -> None:
    assert participants_in(nothing) == Participants()


@pytest.mark.parametrize("stranger", ["", "w9", "w9:host", "w9:::1:6750", "w9:host:port"])
def test_a_consumer_that_is_no_worker_is_left_out(stranger: str, caplog: pytest.LogCaptureFixture) -> None:
    assert participants_in(stats(stranger, consumer_id(ONE), active=consumer_id(ONE))) == Participants({"w1": ONE}, ONE)
    assert "is no worker" in caplog.text


def test_an_active_consumer_that_is_no_worker_leads_nobody() -> None:
    assert participants_in(stats("intruder", consumer_id(ONE), active="intruder")).leader is None
