"""Where messages go that failed too often, and that they are no inputs again."""

import re

import pytest

from pulsemill_instance.dead_letter_topics import dead_letter_pattern, dead_letter_topic
from pulsemill_instance.patterns import TopicPattern
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, RetryDetails

HOME = "public/default"


def details(retries: int = 1, dead: str = "", name: str = "fn") -> FunctionDetails:
    limit = RetryDetails(maxMessageRetries=retries, deadLetterTopic=dead)
    return FunctionDetails(tenant="t", namespace="n", name=name, retryDetails=limit)


def test_a_function_without_an_end_of_its_retries_has_no_dead_letters() -> None:
    assert dead_letter_pattern(FunctionDetails(tenant="t", namespace="n", name="fn"), HOME) is None
    assert dead_letter_pattern(details(retries=-1), HOME) is None


@pytest.mark.parametrize("name", ["fn", "a.b", "größe"])
def test_topics_that_nobody_named_are_known_by_their_ends(name: str) -> None:
    function = details(name=name)
    pattern = dead_letter_pattern(function, HOME)
    assert pattern
    local = dead_letter_topic(function, f"persistent://{HOME}/in").rpartition("/")[2]
    assert re.fullmatch(pattern, local)
    assert not re.fullmatch(pattern, "in")
    TopicPattern(HOME, "in.*").without(pattern).for_client()


@pytest.mark.parametrize("dead", ["in.dead", "persistent://public/default/in.dead"])
def test_a_topic_that_was_named_is_known_in_its_namespace(dead: str) -> None:
    pattern = dead_letter_pattern(details(dead=dead), HOME)
    assert pattern
    assert re.fullmatch(pattern, "in.dead")
    assert not re.fullmatch(pattern, "in-dead")
    assert dead_letter_pattern(details(dead=dead), "public/other") is None
