"""A plan as the details of a function."""

import json
from typing import Any

from bench.model.plan import Order, Plan
from pulsemill_instance.proto.Function_pb2 import MANUAL, FunctionDetails, ProcessingGuarantees
from pulsemill_instance.windowing.settings import WINDOW_KEY
from tests.cases.world import World

_REDELIVERY_MS = 200


def function_details(plan: Plan, world: World, journal: str, dead_letter_topic: str) -> FunctionDetails:
    """The function of a plan, as the worker hands it over: one with windows as MANUAL, for theirs counts."""
    guarantee = MANUAL if plan.windows else ProcessingGuarantees.Value(plan.guarantee)
    details = world.details(
        className="userfn.Fn",
        processingGuarantees=guarantee,
        retainOrdering=plan.order is Order.ALL,
        retainKeyOrdering=plan.order is Order.KEY,
        userConfig=json.dumps({**_function(plan, journal), **_settings(plan)}),
    )
    details.parallelism = plan.instances
    details.source.negativeAckRedeliveryDelayMs = _REDELIVERY_MS
    if plan.retries is not None:
        details.retryDetails.maxMessageRetries = plan.retries
        details.retryDetails.deadLetterTopic = dead_letter_topic
    return details


def _function(plan: Plan, journal: str) -> dict[str, Any]:
    return {
        "journal": journal,
        "manual": plan.guarantee == "MANUAL",
        "failing": plan.failing,
        "nothing": sorted(plan.nothing),
        "unacknowledged": sorted(plan.unacknowledged),
    }


def _settings(plan: Plan) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    if plan.concurrency:
        settings["pulsemill.concurrency"] = plan.concurrency
    if plan.call_order:
        settings["pulsemill.order"] = plan.call_order
    if plan.windows:
        settings[WINDOW_KEY] = {
            "actualWindowFunctionClassName": "userfn.Fn",
            "processingGuarantees": plan.guarantee,
            "windowLengthCount": plan.windows.length,
            "slidingIntervalCount": plan.windows.slide,
        }
    return settings
