"""The functions that were deleted lately: a worker may have died before it removed the last of them."""

import time
from collections.abc import Callable, Sequence
from typing import Final

import attrs

from pulsemill.names import FunctionName
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData

GRACE_SECONDS: Final = 10.0
RECENT_SECONDS: Final = 600.0
"""How old a deletion may be that is looked after again: see docs/adr/0006-cleaned-up-again.md."""


@attrs.frozen
class Deletion:
    """A function that is gone, and when that was written, in seconds since 1970."""

    metadata: FunctionMetaData
    written: float


@attrs.define
class Deletions:
    """What the metadata topic tells of deletions, in a replay as well, until each is settled or out of date."""

    now: Callable[[], float] = time.time
    _pending: dict[FunctionName, Deletion] = attrs.field(factory=dict, init=False)

    def note(self, metadata: FunctionMetaData, written: float | None) -> None:
        """A function was deleted; without a time, just now."""
        now = self.now()
        self._pending = {name: one for name, one in self._pending.items() if now - one.written < RECENT_SECONDS}
        deletion = Deletion(metadata, now if written is None else written)
        if now - deletion.written < RECENT_SECONDS:
            self._pending[FunctionName.of(metadata.functionDetails)] = deletion

    def knows(self, metadata: FunctionMetaData) -> bool:
        """Whether it was told of the deletion of this very function lately, and nobody settled that."""
        pending = self._pending.get(FunctionName.of(metadata.functionDetails))
        return pending is not None and pending.metadata.createTime == metadata.createTime

    def settle(self, metadata: FunctionMetaData) -> None:
        """Nothing of it is left."""
        name = FunctionName.of(metadata.functionDetails)
        if self.knows(metadata) and self._pending[name].metadata.version == metadata.version:
            del self._pending[name]

    def due(self) -> Sequence[FunctionMetaData]:
        """Those that whoever ran them had time for, and that are not yet out of date."""
        now = self.now()
        return [one.metadata for one in self._pending.values() if GRACE_SECONDS <= now - one.written < RECENT_SECONDS]
