"""The functions of the cluster, as their metadata topic tells them.

Upstream: org.apache.pulsar.functions.worker.FunctionMetaDataManager. Everything here runs on the event loop.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

import attrs

from pulsemill.cluster.deletions import Deletions
from pulsemill.cluster.records import MetadataChange, Record, RecordError, metadata_change, metadata_record
from pulsemill.cluster.tailer import TopicTailer
from pulsemill.cluster.topic_log import TopicError, TopicLog
from pulsemill.errors import LeaderNotReadyError, MetadataOutOfDateError, MetadataWriteError
from pulsemill.names import FunctionName
from pulsemill.rest.ports import OwnedElsewhereError, WorkerInfo
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData

VISIBLE_SECONDS: Final = 10.0
CATCH_UP_SECONDS: Final = 10.0

logger = logging.getLogger(__name__)


class Forward(Protocol):
    """Hands a change to the leader (`peers.Peers.write`)."""

    def __call__(self, leader: WorkerInfo, metadata: FunctionMetaData, *, delete: bool) -> Awaitable[None]:
        """Raises what the leader's own write would."""


@attrs.define
class FunctionTable:
    """Every function at its newest version."""

    _functions: dict[FunctionName, FunctionMetaData] = attrs.field(factory=dict, init=False)

    def get(self, name: FunctionName) -> FunctionMetaData | None:
        """A function's metadata."""
        return self._functions.get(name)

    def all(self) -> Sequence[FunctionMetaData]:
        """Every function's metadata."""
        return list(self._functions.values())

    def accepts(self, name: FunctionName, version: int) -> bool:
        """Whether a change at this version is newer than what is known. Versions restart after a delete."""
        known = self._functions.get(name)
        return known is None or version > known.version

    def continues(self, metadata: FunctionMetaData) -> bool:
        """Whether a request's change creates a function, or is the next one of the very function that is known.

        A change may be prepared for long, while its function is deleted or another one gets its name. What is on the
        topic already is not asked that: workers of upstream's, which only compare versions, write there too.
        """
        known = self.get(FunctionName.of(metadata.functionDetails))
        if known is None:
            return metadata.version == 0
        return metadata.version > known.version and metadata.createTime == known.createTime

    def apply(self, change: MetadataChange) -> bool:
        """Take a change in; False when it is out of date, as repeated and delayed messages are."""
        if not self.accepts(change.name, change.version):
            return False
        if change.metadata is None:
            self._functions.pop(change.name, None)
        else:
            self._functions[change.name] = change.metadata
        return True


@attrs.define
class FunctionMetaDataManager:
    """Reads the metadata topic and, on the leader, writes it. Satisfies `rest.ports.FunctionMetaDataPort`.

    `leader` names the current leader (None: none is ready, `trouble` says why), `forward` hands it what this worker may
    not write itself (None: callers are told to go there), `on_change` is called after each accepted write.

    `has_gaps`: some message could not be read, so that a function that is not known here may exist all the same.
    """

    log: TopicLog
    worker_id: str
    compacted: bool
    leader: Callable[[], WorkerInfo | None] = lambda: None
    trouble: Callable[[], str] = lambda: ""
    forward: Forward | None = None
    on_change: Callable[[], None] = lambda: None
    table: FunctionTable = attrs.field(factory=FunctionTable, init=False)
    deletions: Deletions = attrs.field(factory=Deletions, init=False)
    has_gaps: bool = attrs.field(default=False, init=False)
    tailer: TopicTailer = attrs.field(init=False)
    _writing: asyncio.Lock = attrs.field(factory=asyncio.Lock, init=False)
    _in_doubt: bool = attrs.field(default=False, init=False)
    _applied: asyncio.Event = attrs.field(factory=asyncio.Event, init=False)

    def __attrs_post_init__(self) -> None:
        self.tailer = TopicTailer(self.log, self.apply)

    def get(self, name: FunctionName) -> FunctionMetaData | None:
        """A function's metadata; copy it before changing it."""
        return self.table.get(name)

    def all(self) -> Sequence[FunctionMetaData]:
        """All components of all namespaces."""
        return self.table.all()

    def in_namespace(self, tenant: str, namespace: str) -> Sequence[FunctionMetaData]:
        """All components of a namespace."""
        wanted = (tenant, namespace)
        return [
            one for one in self.table.all() if (one.functionDetails.tenant, one.functionDetails.namespace) == wanted
        ]

    def apply(self, record: Record) -> None:
        """Take in a message of the topic; RecordError when it is none of ours."""
        try:
            change = metadata_change(record, compacted=self.compacted)
        except RecordError:
            self._note_gap()
            raise
        before = self.table.get(change.name)
        if not self.table.apply(change):
            logger.debug("version %d of %s is out of date", change.version, change.name)
        elif change.metadata is None and before is not None:
            self.deletions.note(before, record.written)
        self._applied.set()
        self._applied = asyncio.Event()

    def _note_gap(self) -> None:
        if not self.has_gaps:
            logger.warning(
                "not all of %s can be read, so that functions may be missing here: this worker deletes no packages, "
                "Kubernetes objects and credentials for being unused, nor what a function left, unless it read that "
                "the function was deleted",
                self.log.topic,
            )
        self.has_gaps = True

    async def write(self, metadata: FunctionMetaData, *, delete: bool = False) -> None:
        """Have a change written, here or by the leader, and return when it is visible here."""
        leader = self._ready_leader()
        if leader.worker_id == self.worker_id or self.forward is None:
            await self.write_as_leader(metadata, delete=delete)
            return
        await self.forward(leader, metadata, delete=delete)
        try:
            await asyncio.wait_for(self._until_visible(metadata, delete=delete), VISIBLE_SECONDS)
        except TimeoutError:
            logger.warning("what %s wrote to %s is not read yet", leader.worker_id, self.log.topic)

    async def write_as_leader(self, metadata: FunctionMetaData, *, delete: bool = False) -> None:
        """Append a change: check what it builds on, store it, take it in, then have it scheduled.

        One write at a time. When storing fails nobody knows whether the broker has it, so the next write first reads
        what is really there: otherwise both would be stored at one version and a replay would keep the wrong one.
        """
        async with self._writing:
            leader = self._ready_leader()
            if leader.worker_id != self.worker_id:
                raise OwnedElsewhereError(leader)
            await self._settle_doubt()
            self._require_next(metadata, delete=delete)
            await self._append(metadata, delete=delete)
        self.on_change()

    async def catch_up(self) -> None:
        """Read what is there now, on a leader: another one may have written. TopicError when that cannot be known.

        No write meanwhile: what it takes in would be taken in again, after what came later.
        """
        try:
            async with asyncio.timeout(CATCH_UP_SECONDS), self._writing:
                await self.tailer.read_to_end()
        except TimeoutError as error:
            raise TopicError(f"cannot read {self.log.topic} to its end: no answer; is the broker up?") from error

    def _ready_leader(self) -> WorkerInfo:
        leader = self.leader()
        if leader is None:
            raise LeaderNotReadyError(self.trouble())
        return leader

    async def _until_visible(self, metadata: FunctionMetaData, *, delete: bool) -> None:
        name = FunctionName.of(metadata.functionDetails)
        while True:
            known = self.table.get(name)
            if known is None if delete else known is not None and known.version >= metadata.version:
                return
            await self._applied.wait()

    async def _settle_doubt(self) -> None:
        if self._in_doubt:
            try:
                await self.tailer.read_to_end()
            except TopicError as error:
                raise MetadataWriteError(f"Internal Error updating function at the leader: {error}") from error
            self._in_doubt = False
            self.on_change()

    def _require_next(self, metadata: FunctionMetaData, *, delete: bool) -> None:
        if not self.table.continues(metadata):
            request = "Delete" if delete else "Update"
            raise MetadataOutOfDateError(f"{request} request ignored because it is out of date. Please try again.")

    async def _append(self, metadata: FunctionMetaData, *, delete: bool) -> None:
        record = metadata_record(metadata, delete=delete, worker_id=self.worker_id, compacted=self.compacted)
        self._in_doubt = True
        try:
            self.tailer.position = await self.log.append(record)
        except TopicError as error:
            raise MetadataWriteError(f"Internal Error updating function at the leader: {error}") from error
        self.apply(record)
        self._in_doubt = False
