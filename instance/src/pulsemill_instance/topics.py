"""Topic names: the full form, and a partition's topic."""

import re

_PARTITION = re.compile(r"-partition-\d+$")
_DOMAINS = ("persistent://", "non-persistent://")


def full_topic_name(topic: str) -> str:
    """`domain://tenant/namespace/name` of a topic that may be given as `name` or `tenant/namespace/name`."""
    if topic.startswith(_DOMAINS):
        return topic
    if topic.count("/") >= 2:  # noqa: PLR2004  # tenant and namespace end with a slash each
        return f"persistent://{topic}"
    return f"persistent://public/default/{topic}"


def has_message_ids(topic: str) -> bool:
    """Whether a topic's messages can be told apart by their ids: those of a non-persistent one all have the same."""
    return not topic.startswith("non-persistent://")


def without_partition(topic: str) -> str:
    """The name of a partition's whole topic; any other topic as it is."""
    return _PARTITION.sub("", topic)
