"""Subscribed inputs."""

from typing import Any

import pulsar
import pytest

from pulsemill_instance.consumers import Input
from pulsemill_instance.patterns import TopicPattern


@pytest.mark.parametrize(
    ("configured", "is_regex", "topic", "expected"),
    [
        ("in", False, "persistent://public/default/in", True),
        ("persistent://public/default/in", False, "in", True),
        ("t/ns/in", False, "persistent://t/ns/in", True),
        ("in", False, "persistent://public/default/in-partition-3", True),
        ("in", False, "persistent://public/default/other", False),
        ("non-persistent://public/default/in", False, "persistent://public/default/in", False),
        ("persistent://public/default/a.*", True, "persistent://public/default/abc-partition-0", True),
        ("persistent://public/default/a.*", True, "persistent://public/default/a.*", True),
        ("persistent://public/default/a.*", True, "persistent://public/default/b", False),
        ("a.*", True, "persistent://public/default/abc", True),
        ("a.*", True, "persistent://public/other/abc", False),
    ],
)
def test_case_18_an_input_knows_its_topics_by_any_name(
    configured: str, is_regex: bool, topic: str, expected: bool
) -> None:
    source = Input(
        configured, TopicPattern.parse(configured) if is_regex else None, None, None, lambda message: message
    )
    assert source.delivers(topic) is expected


def test_a_lost_acknowledgement_is_logged_and_does_not_end_the_instance(caplog: pytest.LogCaptureFixture) -> None:
    class Closed:
        def acknowledge(self, message: Any) -> None:
            raise pulsar.AlreadyClosed

        negative_acknowledge = acknowledge

    source = Input("in", None, None, Closed(), lambda message: message)
    source.acknowledge("message")
    source.negative_acknowledge("message")
    assert "may come again" in caplog.text


class Named:
    """A message of a topic."""

    def __init__(self, topic: str) -> None:
        self._topic = topic

    def topic_name(self) -> str:
        return self._topic


@pytest.mark.parametrize(
    ("configured", "is_pattern", "message_topic", "fixed"),
    [
        ("in", False, "persistent://public/default/in", "persistent://public/default/in"),
        ("t/ns/in-partition-1", False, "persistent://t/ns/in-partition-1", "persistent://t/ns/in-partition-1"),
        ("in", False, "persistent://public/default/in-partition-0", ""),
        ("in.*", True, "persistent://public/default/in.*", ""),
    ],
)
def test_only_the_topic_of_a_single_topic_is_known_for_all_messages(
    configured: str, is_pattern: bool, message_topic: str, fixed: str
) -> None:
    pattern = TopicPattern.parse(configured) if is_pattern else None
    source = Input(configured, pattern, None, None, lambda message: message)
    source.learn_topic(Named(message_topic))  # type: ignore[arg-type]  # only its topic matters
    assert source.fixed_topic == fixed
