"""Topic names."""

import pytest

from pulsemill.functions.topics import is_valid_topic


@pytest.mark.parametrize(
    "topic",
    [
        "x",
        "t/n/x",
        "persistent://t/n/x",
        "non-persistent://t/n/x",
        "persistent://t/cluster/n/x",
        "persistent://t/n/.*",
        "persistent://t/n/with%20anything ()",
        "persistent://t/c/n/x/y",
    ],
)
def test_valid(topic: str) -> None:
    assert is_valid_topic(topic)


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "/",
        "t/x",
        "a/b/c/d",
        "t/n/ ",
        "http://t/n/x",
        "://t/n/x",
        "persistent://",
        "persistent://t/n",
        "persistent://t/n/",
        "persistent://t t/n/x",
        "persistent://t/n*/x",
    ],
)
def test_invalid(topic: str) -> None:
    assert not is_valid_topic(topic)
