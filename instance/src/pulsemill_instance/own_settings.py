"""The keys of userConfig that are the instance's own, all of which begin with `pulsemill.`."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from pulsemill_instance.call_guard import TIMEOUT_KEY
from pulsemill_instance.concurrency.settings import CONCURRENCY_KEY, ORDER_KEY
from pulsemill_instance.handover_assembly import looks_at_handovers
from pulsemill_instance.handovers import HANDOVER_KEY
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_instance.windowing.settings import window_settings

PREFIX = "pulsemill."
_KNOWN = (CONCURRENCY_KEY, ORDER_KEY, HANDOVER_KEY, TIMEOUT_KEY)


def ineffective_own_settings(user_config: Mapping[str, Any], details: FunctionDetails) -> Iterator[str]:
    """A sentence for each key of the instance's own that has no effect."""
    windowed = window_settings(details) is not None
    for key in user_config:
        if key.startswith(PREFIX) and key not in _KNOWN:
            close = difflib.get_close_matches(key, _KNOWN, n=1)
            yield f"userConfig: {key} is no setting of the instance" + (f"; did you mean {close[0]}?" if close else "")
        elif windowed and key in {CONCURRENCY_KEY, ORDER_KEY}:
            yield f"userConfig: {key} has no effect: windows are taken one at a time"
        elif key == HANDOVER_KEY and not looks_at_handovers(details):
            yield (
                f"userConfig: {key} has no effect: it is for functions without windows that are EFFECTIVELY_ONCE, or"
                " retain order in several instances"
            )
