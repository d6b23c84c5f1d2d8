"""Builds a ready engine out of FunctionDetails: the one place that knows all parts.

Everything that the function's package has a say in is made before the first subscription, so that a mistake leaves no
trace.
"""

import logging
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

import attrs
import pulsar

from pulsemill_instance.call_guard import CallGuard, call_timeout
from pulsemill_instance.call_watch import WATCH
from pulsemill_instance.concurrency.settings import concurrency_of
from pulsemill_instance.consumers import Input
from pulsemill_instance.context_services import ContextServices
from pulsemill_instance.engine import Engine
from pulsemill_instance.forwarding import Forwarder
from pulsemill_instance.guarantees import ack_policy, check_guarantee, window_ack_policy
from pulsemill_instance.handover_assembly import handovers_of
from pulsemill_instance.handovers import handover_seconds
from pulsemill_instance.inputs import input_specs
from pulsemill_instance.interfaces import SecretsProvider, UserFunction
from pulsemill_instance.lifecycle import Lifecycle, LifecycleCalls, logged, run_alone
from pulsemill_instance.log_topic import LogTopicHandler
from pulsemill_instance.outcomes import Outcomes
from pulsemill_instance.output_assembly import create_emitter
from pulsemill_instance.own_settings import ineffective_own_settings
from pulsemill_instance.processing import Call, Processor, SyncProcessor
from pulsemill_instance.publisher import Publisher
from pulsemill_instance.retries import DeadLetters, create_dead_letters, with_retries
from pulsemill_instance.spec import InstanceSpec
from pulsemill_instance.state.function_state import open_state
from pulsemill_instance.stats import Stats
from pulsemill_instance.stopping import Overtime, StopFlag
from pulsemill_instance.subscribing import subscribe
from pulsemill_instance.unsupported import check_supported, ineffective_settings
from pulsemill_instance.windowing.assembly import late_data_forwarder, window_processor
from pulsemill_instance.windowing.settings import window_settings

if TYPE_CHECKING:
    from pulsemill_instance.concurrency.event_loop import EventLoopThread


@attrs.frozen(eq=False)
class Ingredients:
    """What an engine is built from."""

    spec: InstanceSpec
    client: pulsar.Client
    function: UserFunction
    secrets: SecretsProvider
    logger: logging.Logger
    stats: Stats
    stop: StopFlag
    lifecycle: Lifecycle
    on_blocked: Callable[[str], None]
    on_failing: Callable[[BaseException], None]


def build_engine(given: Ingredients, closing: ExitStack) -> Engine:
    """Connect everything; InstanceError when something does not fit. What was opened is closed by `closing`."""
    _check(given)
    publisher = Publisher(given.client, given.spec.function_details, given.spec.instance_id, given.function)
    closing.callback(publisher.close)
    inputs: list[Input] = []
    services = _services(given, publisher, inputs)
    closing.callback(services.state.close)
    _warn(given, services)
    call = _call(given, services, closing)
    dead_letters = create_dead_letters(given.client, given.spec, given.function, given.stats)
    loop = _event_loop(given, closing)
    processor, late = _processor(given, call, loop)
    closing.callback(processor.close)
    guard = _guard(given, services, processor, closing)
    hooks = logged(given.lifecycle, call.outcomes.log_topic)
    lifecycle = LifecycleCalls(hooks, services, loop.run if loop else run_alone)
    closing.callback(lifecycle.close)
    lifecycle.initialize()
    _subscribe(given, inputs, call, dead_letters, closing)
    forwarders = tuple(forwarding for forwarding in (late, dead_letters) if forwarding)
    return Engine(
        inputs,
        processor,
        guard,
        call.emitter.outputs,
        publisher,
        given.stats,
        given.logger,
        call.overtime,
        forwarders,
        on_drained=lifecycle.close,
        on_failing=given.on_failing,
    )


def _check(given: Ingredients) -> None:
    details = given.spec.function_details
    check_guarantee(details)
    check_supported(details)


def _warn(given: Ingredients, services: ContextServices) -> None:
    details = given.spec.function_details
    own = ineffective_own_settings(services.user_config, details)
    for sentence in (*ineffective_settings(details), *own, *given.lifecycle.warnings):
        given.logger.warning("%s: %s", given.spec.fully_qualified_name, sentence)


def _call(given: Ingredients, services: ContextServices, closing: ExitStack) -> Call:
    details, function = given.spec.function_details, given.function
    log_topic = _log_topic(given, closing)
    windows = window_settings(details)
    policy = window_ack_policy(at_most_once=windows.at_most_once) if windows else ack_policy(details)
    outcomes = Outcomes(policy, given.stats, given.logger, log_topic)
    emitter = create_emitter(given.spec, given.client, function, outcomes, given.stop, _all_connected(services.inputs))
    process = with_retries(function.process, details, is_async=function.is_async)
    process = log_topic.wrap(process, is_async=function.is_async) if log_topic else process
    with_context, overtime = function.kind == "class", Overtime(given.stop)
    return Call(process, with_context, services, given.stats, outcomes, emitter, overtime)


def _all_connected(inputs: list[Input]) -> Callable[[], bool]:
    """Whether all inputs, once there are any, have a connection."""
    return lambda: bool(inputs) and all(source.is_connected for source in inputs)


def _subscribe(
    given: Ingredients, inputs: list[Input], call: Call, dead_letters: DeadLetters | None, closing: ExitStack
) -> None:
    details, policy = given.spec.function_details, call.outcomes.policy
    seconds = handover_seconds(call.services.user_config)
    for topic, settings in input_specs(details).items():
        source = subscribe(given.client, given.spec, topic, settings, given.function, policy)
        closing.callback(source.close)
        source.handovers = handovers_of(source, details, seconds, call.emitter.outputs)
        if dead_letters:
            source.give_up, source.give_up_soon = dead_letters.give_up, dead_letters.give_up_soon
        inputs.append(source)


def _services(given: Ingredients, publisher: Publisher, inputs: list[Input]) -> ContextServices:
    state = open_state(given.spec)
    return ContextServices(given.spec, given.client, given.logger, given.secrets, given.stats, publisher, state, inputs)


def _log_topic(given: Ingredients, closing: ExitStack) -> LogTopicHandler | None:
    if not given.spec.function_details.logTopic:
        return None
    handler = LogTopicHandler(given.client, given.spec)
    handler.attach(given.logger)
    closing.callback(handler.close)
    return handler


def _guard(given: Ingredients, services: ContextServices, processor: Processor, closing: ExitStack) -> CallGuard:
    guard = CallGuard(processor, call_timeout(services.user_config), given.on_blocked)
    WATCH.add(guard)
    closing.callback(WATCH.discard, guard)
    return guard


def _event_loop(given: Ingredients, closing: ExitStack) -> "EventLoopThread | None":
    if not given.function.is_async and not given.lifecycle.is_async:
        return None
    # Only coroutines need asyncio, whose import takes a good part of an instance's start.
    from pulsemill_instance.concurrency.event_loop import EventLoopThread  # noqa: PLC0415 - see above

    loop = EventLoopThread()
    closing.callback(loop.close)
    return loop


def _processor(given: Ingredients, call: Call, loop: "EventLoopThread | None") -> tuple[Processor, Forwarder | None]:
    """What calls the function, and where it sends what comes too late for it."""
    is_async, details = given.function.is_async, given.spec.function_details
    if windows := window_settings(details):
        late = late_data_forwarder(call, given.client, windows, given.function)
        return window_processor(call, windows, given.function, late, loop), late
    concurrency = concurrency_of(call.services.user_config, details, is_async=is_async)
    if not is_async and concurrency.calls == 1:
        return SyncProcessor(call), None
    from pulsemill_instance.concurrency.assembly import concurrent_processor  # noqa: PLC0415 - as above

    return concurrent_processor(call, concurrency, loop if is_async else None), None
