"""Builds the processor of a function with windows."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs
import pulsar

from pulsemill_instance.forwarding import Forwarder
from pulsemill_instance.inputs import input_specs
from pulsemill_instance.interfaces import UserFunction
from pulsemill_instance.processing import Call
from pulsemill_instance.producers import publish_arguments
from pulsemill_instance.windowing.alignment import Alignment
from pulsemill_instance.windowing.processor import ArrivalClock, EventClock, WindowProcessor
from pulsemill_instance.windowing.settings import WindowSettings
from pulsemill_instance.windowing.settlement import Record
from pulsemill_instance.windowing.times import time_extractor
from pulsemill_instance.windowing.watermarks import Watermarks
from pulsemill_instance.windowing.windows import Windows

if TYPE_CHECKING:
    from pulsemill_instance.concurrency.event_loop import EventLoopThread


def late_data_forwarder(
    call: Call, client: pulsar.Client, settings: WindowSettings, function: UserFunction
) -> Forwarder | None:
    """Where messages go that come too late, None when they are only logged."""
    if not settings.late_data_topic:
        return None
    spec = call.services.spec
    arguments = publish_arguments(spec.function_details, spec.instance_id, None, function)
    return Forwarder(client, settings.late_data_topic, arguments, call.stats)


def window_processor(
    call: Call, settings: WindowSettings, function: UserFunction, late: Forwarder | None, loop: "EventLoopThread | None"
) -> WindowProcessor:
    """The processor; InstanceError when the function's timestamp extractor cannot be used."""
    if loop is not None and function.is_async:
        call = attrs.evolve(call, process=_blocking(call.process, loop))
    windows: Windows[Record] = Windows(settings)
    if not settings.timestamp_extractor:
        return WindowProcessor(call, settings, windows, ArrivalClock(), late, alignment=None)
    watermarks = Watermarks(input_specs(call.services.spec.function_details), settings.max_lag_ms)
    extract = time_extractor(settings.timestamp_extractor, function)
    clock = EventClock(extract, watermarks, windows, settings.watermark_interval_ms)
    return WindowProcessor(call, settings, windows, clock, late, Alignment(watermarks))


def _blocking(process: Callable[..., Any], loop: "EventLoopThread") -> Callable[..., Any]:
    return lambda *arguments: loop.run(process(*arguments))
