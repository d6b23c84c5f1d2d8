"""What is left of deleted functions when a worker died before it had cleaned up after them.

The worker that ran a function cleans up when its instances are stopped. The assignment is gone by then, so that nobody
else would ever know: hence the leader looks again at what the metadata topic tells to be deleted lately.
"""

import logging
from collections.abc import Callable, Sequence

import attrs

from pulsemill.cluster.assignments import AssignmentTable
from pulsemill.cluster.deletions import Deletions
from pulsemill.names import FunctionName
from pulsemill.worker.cleanup import NOTHING, Cleanup, Spared
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData

logger = logging.getLogger(__name__)


@attrs.frozen
class Leftovers:
    """Cleans up after deletes, and once more for those that nobody here knows to be settled.

    `functions` gives all functions as of the moment that it is called, `has_gaps` tells whether some may be missing.
    Then a function that is not among them counts as deleted only if that was read, and nobody looks again.
    """

    cleanup: Cleanup
    deletions: Deletions
    functions: Callable[[], Sequence[FunctionMetaData]]
    assignments: AssignmentTable
    worker_id: str
    has_gaps: Callable[[], bool]

    async def after_delete(self, metadata: FunctionMetaData) -> None:
        """Clean up after a function whose instances ran here and are stopped, sparing what a new one of its name uses.

        Functions of other names count for nothing: their subscription of the same name may be on another topic, and
        one that they do share the broker keeps for their consumers.
        """
        name = FunctionName.of(metadata.functionDetails)
        if self.has_gaps() and not self.deletions.knows(metadata):
            logger.warning("what %s left stays: that it was deleted was not read", name)
            return
        if await self.cleanup.after_delete(metadata, lambda: self._of_successor(name)):
            self.deletions.settle(metadata)

    async def look_again(self) -> None:
        """Clean up after everything that may have been left, sparing what other functions use by now."""
        for metadata in self.deletions.due():
            logger.info("cleaning up again after %s", FunctionName.of(metadata.functionDetails))
            if await self.cleanup.after_delete(metadata, lambda: Spared.of(self.functions())):
                self.deletions.settle(metadata)

    def _of_successor(self, name: FunctionName) -> Spared:
        """Nothing while only this worker is to run it: its instances start when this cleanup is done (`lanes`)."""
        if {one.workerId for one in self.assignments.of_function(name)} == {self.worker_id}:
            return NOTHING
        return Spared.of(one for one in self.functions() if FunctionName.of(one.functionDetails) == name)
