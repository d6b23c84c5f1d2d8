"""Acceptance cases 24 and 26 to 28: subscriptions and their settings. Case 25 is in test_waits.py."""

import pytest

from pulsemill_instance.proto.Function_pb2 import LATEST, RetryDetails
from tests.cases.world import World

pytestmark = pytest.mark.pulsar

ECHO = "def process(x): return x"


def test_case_24_what_always_fails_ends_in_the_dead_letter_topic(world: World) -> None:
    source = """
        def process(x):
            if x == "bad":
                raise ValueError(x)
            return x
    """
    dead = world.topic("dlq")
    details = world.details(retryDetails=RetryDetails(maxMessageRetries=2, deadLetterTopic=dead))
    details.source.negativeAckRedeliveryDelayMs = 500
    program = world.start(source, details)
    world.produce(b"bad", b"good")
    assert world.values(1, dead) == ["bad"]
    assert world.values(1) == ["good"]
    world.acknowledged()
    program.met(received=4, processed_successfully=1, user_exceptions=3)


@pytest.mark.parametrize("given", ["", "chosen"])
def test_case_26_the_subscription_has_the_given_name_or_the_functions(world: World, given: str) -> None:
    details = world.details()
    details.source.subscriptionName = given
    world.start(ECHO, details, instance_id=3)
    world.produce(b"x")
    world.consume(1)
    (consumer,) = world.subscribed(name=given or world.subscription)["consumers"]
    (publisher,) = world.stats(world.output)["publishers"]
    wanted = {"application": "pulsar-function", "id": f"public/default/{world.name}", "instance_id": "3"}
    for metadata in (consumer["metadata"], publisher["metadata"]):
        assert wanted.items() <= metadata.items()


def test_case_27_earliest_reads_what_was_there_before(world: World) -> None:
    world.produce(b"before")
    world.start(ECHO)
    assert world.values(1) == ["before"]


def test_case_27_by_default_only_new_messages_are_read(world: World) -> None:
    world.produce(b"before")
    details = world.details()
    details.source.subscriptionPosition = LATEST
    world.start(ECHO, details)
    world.ready()
    world.produce(b"after")
    assert world.values(1) == ["after"]


def test_case_27_skip_to_latest_skips_the_backlog(world: World) -> None:
    details = world.details()
    first = world.start(ECHO, details)
    world.produce(b"0")
    world.consume(1)
    world.acknowledged()
    assert first.stop() == 0
    world.produce(b"1", b"2")
    details.source.skipToLatest = True
    world.start(ECHO, details)
    world.ready()
    world.acknowledged()
    world.produce(b"3")
    assert world.values(2) == ["0", "3"]


def test_case_28_a_small_receiver_queue_asks_for_no_more(world: World) -> None:
    source = """
        import time
        def process(x):
            time.sleep(0.005)
            return x
    """
    details = world.details()
    details.source.inputSpecs[world.input].receiverQueueSize.value = 10
    world.start(source, details)
    world.produce(*(str(number).encode() for number in range(200)))
    permits = []

    def finished() -> bool:
        permits.extend(consumer["availablePermits"] for consumer in world.subscribed().get("consumers", []))
        return world.backlog() == 0

    world.until(finished)
    assert permits
    assert max(permits) <= 10


def test_case_28_a_short_ack_timeout_is_raised_to_what_the_client_takes(world: World) -> None:
    details = world.details()
    details.source.timeoutMs = 5000
    program = world.start(ECHO, details)
    world.produce(b"x")
    assert world.values(1) == ["x"]
    assert "timeoutMs 5000 is taken as 10000" in program.log
