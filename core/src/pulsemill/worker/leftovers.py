"""What is left of deleted functions when a worker died before it had cleaned up after them.

The worker that ran a function cleans up when its instances are stopped. The assignment is gone by then, so that nobody
else would ever know: hence the leader looks again at what the metadata topic tells to be deleted lately.
"""

import logging
from collections.abc import Callable, Sequence

import attrs

from pulsemill.cluster.deletions import Deletions
from pulsemill.names import FunctionName
from pulsemill.worker.cleanup import Cleanup, Spared
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData

logger = logging.getLogger(__name__)


@attrs.frozen
class Leftovers:
    """Cleans up after deletes, and once more for those that nobody here knows to be settled.

    `functions` gives all functions as of the moment that it is called.
    """

    cleanup: Cleanup
    deletions: Deletions
    functions: Callable[[], Sequence[FunctionMetaData]]

    async def after_delete(self, metadata: FunctionMetaData) -> None:
        """Clean up after a function whose instances ran here and are stopped."""
        if await self.cleanup.after_delete(metadata):
            self.deletions.settle(metadata)

    async def look_again(self) -> None:
        """Clean up after everything that may have been left, sparing what other functions use by now."""
        for metadata in self.deletions.due():
            logger.info("cleaning up again after %s", FunctionName.of(metadata.functionDetails))
            if await self.cleanup.after_delete(metadata, Spared.of(self.functions())):
                self.deletions.settle(metadata)
