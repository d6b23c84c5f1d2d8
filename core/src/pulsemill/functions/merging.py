"""The rules of updates that functions, sources and sinks share: what may not change, and how inputs merge."""

from collections.abc import Mapping
from typing import Any

from pulsemill.functions.checks import refuse_if
from pulsemill.functions.model import ConsumerConfig


def is_given(update: Any, name: str) -> bool:
    """Whether an update has a value for an attribute; an empty string counts as none."""
    value = getattr(update, name)
    return value is not None and value != ""


def given_fields(update: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Those of the attributes that an update gives."""
    return {name: getattr(update, name) for name in names if is_given(update, name)}


def refuse_changes(stored: Any, update: Any, texts: Mapping[str, str]) -> None:
    """Raise InvalidFunctionConfigError, with the text for the attribute, when an update gives one another value."""
    for name, text in texts.items():
        refuse_if(is_given(update, name) and getattr(update, name) != getattr(stored, name), text)


def merge_inputs(stored: Mapping[str, ConsumerConfig], sent: Mapping[str, ConsumerConfig]) -> dict[str, ConsumerConfig]:
    """The stored inputs with those that an update describes anew; it may neither add any nor change their kind."""
    for topic, consumer in sent.items():
        refuse_if(topic not in stored, "Input Topics cannot be altered")
        same = consumer.regex_pattern == stored[topic].regex_pattern
        refuse_if(not same, f"isRegexPattern for input topic {topic} cannot be altered")
    return {**stored, **sent}
