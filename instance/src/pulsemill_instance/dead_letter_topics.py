"""How often a message is tried, and where it goes after that. Pure, read from FunctionDetails."""

import re

from pulsemill_instance.inputs import subscription_name
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_instance.topics import full_topic_name, without_partition


def max_retries(details: FunctionDetails) -> int | None:
    """How often a message that fails comes again; None for without end."""
    if not details.HasField("retryDetails") or details.retryDetails.maxMessageRetries < 0:
        return None
    return details.retryDetails.maxMessageRetries


def dead_letter_topic(details: FunctionDetails, topic: str) -> str:
    """The topic that was named, else one beside the input.

    Upstream's `<topic>-<subscription>-DLQ` with the slashes of a function's subscription, which cannot be in a topic's
    name, as dashes.
    """
    subscription = subscription_name(details).replace("/", "-")
    return details.retryDetails.deadLetterTopic or f"{without_partition(full_topic_name(topic))}-{subscription}-DLQ"


def dead_letter_pattern(details: FunctionDetails, namespace: str) -> str | None:
    """A regular expression of the function's dead-letter topics in a namespace, None when it can have none there.

    A pattern that took them for inputs would have what failed fail again, into a further topic each time.
    """
    if max_retries(details) is None:
        return None
    if not details.retryDetails.deadLetterTopic:
        return f".*-{_escaped(subscription_name(details).replace('/', '-'))}-DLQ"
    home, _, name = full_topic_name(details.retryDetails.deadLetterTopic).partition("://")[2].rpartition("/")
    return _escaped(name) if home == namespace else None


def _escaped(name: str) -> str:
    """Matches a name; the client's patterns know only ASCII."""
    return "".join(re.escape(char) if char.isascii() else "." for char in name)
