"""Has internal topics compacted, so that a worker's start does not take longer and longer.

Upstream: the compaction timers of org.apache.pulsar.functions.worker.SchedulerManager.
"""

import attrs

from pulsemill.broker.admin import BrokerAdmin
from pulsemill.cluster.tailer import TopicTailer
from pulsemill.cluster.topic_log import Position


@attrs.define
class Compaction:
    """Compacts a topic when something was written to it since the last time."""

    admin: BrokerAdmin
    tailer: TopicTailer
    _compacted: Position | None = attrs.field(default=None, init=False)

    async def run(self) -> None:
        """Begin a compaction if there is something new; BrokerAdminError when the broker does not."""
        newest = self.tailer.position
        if newest is not None and newest != self._compacted:
            await self.admin.compact(self.tailer.log.topic)
            self._compacted = newest
