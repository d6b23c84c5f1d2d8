"""The keys of userConfig that are the instance's own, all of which begin with `pulsemill.`."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from pulsemill_instance.call_guard import TIMEOUT_KEY
from pulsemill_instance.concurrency.settings import CONCURRENCY_KEY, ORDER_KEY
from pulsemill_instance.handovers import HANDOVER_KEY

PREFIX = "pulsemill."
_KNOWN = (CONCURRENCY_KEY, ORDER_KEY, HANDOVER_KEY, TIMEOUT_KEY)


def ineffective_own_settings(user_config: Mapping[str, Any], *, windowed: bool) -> Iterator[str]:
    """A sentence for each key of the instance's own that has no effect."""
    for key in user_config:
        if key.startswith(PREFIX) and key not in _KNOWN:
            close = difflib.get_close_matches(key, _KNOWN, n=1)
            yield f"userConfig: {key} is no setting of the instance" + (f"; did you mean {close[0]}?" if close else "")
        elif windowed and key in {CONCURRENCY_KEY, ORDER_KEY}:
            yield f"userConfig: {key} has no effect: windows are taken one at a time"
