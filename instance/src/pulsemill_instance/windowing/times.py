"""The time of a message: when it was received, or what an extractor says."""

from collections.abc import Callable
from typing import Any

from pulsemill_instance.errors import InstanceError
from pulsemill_instance.interfaces import InputMessage, UserFunction
from pulsemill_instance.windowing.settings import EVENT_TIME

TimeOf = Callable[[Any, InputMessage], int]


def time_extractor(class_name: str, function: UserFunction) -> TimeOf:
    """What gives a value and its message a time in ms: the message's event time, or a class of the package.

    The class has no arguments and a method `extract_timestamp(value)` (upstream: TimestampExtractor). InstanceError
    when there is no such class.
    """
    if class_name == EVENT_TIME:
        return _event_time
    extractor = function.import_class(class_name)()
    extract = getattr(extractor, "extract_timestamp", None)
    if not callable(extract):
        raise InstanceError(f"timestampExtractorClassName {class_name!r} has no method extract_timestamp(value)")

    def time_of(value: Any, _message: InputMessage) -> int:
        time = extract(value)
        if not isinstance(time, int):
            raise TypeError(f"{class_name}.extract_timestamp gave {type(time).__name__}, not ms as int")
        return time

    return time_of


def _event_time(_value: Any, message: InputMessage) -> int:
    time = message.event_timestamp()
    if not time:
        raise ValueError("the message has no event time, which timestampExtractorClassName EventTime takes")
    return time
