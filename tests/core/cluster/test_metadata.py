"""The functions of the cluster: which changes count, and how they are written."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill.cluster import metadata as module
from pulsemill.cluster.metadata import FunctionMetaDataManager, FunctionTable
from pulsemill.cluster.records import MetadataChange, Record, metadata_record
from pulsemill.cluster.topic_log import TopicError
from pulsemill.errors import LeaderNotReadyError, MetadataOutOfDateError, MetadataWriteError
from pulsemill.names import FunctionName
from pulsemill.rest.ports import OwnedElsewhereError, WorkerInfo
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData

ME = WorkerInfo("w1", "host", 6750)
OTHER = WorkerInfo("w2", "host-2", 6751)
EXCLAIM = FunctionName("public", "default", "exclaim")

MakeFunction = Callable[..., FunctionMetaData]

changes = st.builds(
    lambda name, version, deleted: MetadataChange(
        FunctionName("t", "n", name), version, None if deleted else FunctionMetaData(version=version)
    ),
    st.sampled_from("abc"),
    st.integers(0, 5),
    st.booleans(),
)


def leading(log: Any, **others: Any) -> FunctionMetaDataManager:
    return FunctionMetaDataManager(log, "w1", compacted=False, leader=lambda: ME, **others)


class TestTable:
    def test_versions_only_go_up(self, function: MakeFunction) -> None:
        table = FunctionTable()
        assert table.apply(MetadataChange(EXCLAIM, 1, function(version=1)))
        assert not table.apply(MetadataChange(EXCLAIM, 1, function(version=1)))
        assert not table.apply(MetadataChange(EXCLAIM, 0, None))
        assert table.apply(MetadataChange(EXCLAIM, 2, None))

    def test_versions_begin_anew_after_a_delete(self, function: MakeFunction) -> None:
        table = FunctionTable()
        table.apply(MetadataChange(EXCLAIM, 5, function(version=5)))
        table.apply(MetadataChange(EXCLAIM, 6, None))
        assert table.accepts(EXCLAIM, 0)

    @given(st.lists(changes))
    def test_a_message_that_comes_twice_changes_nothing(self, history: list[MetadataChange]) -> None:
        once, twice = FunctionTable(), FunctionTable()
        for change in history:
            once.apply(change)
            if twice.apply(change) and change.metadata is not None:
                assert not twice.apply(change)
        assert sorted(m.version for m in once.all()) == sorted(m.version for m in twice.all())

    @given(st.lists(changes))
    def test_what_is_known_is_what_was_accepted_last(self, history: list[MetadataChange]) -> None:
        table = FunctionTable()
        last: dict[FunctionName, FunctionMetaData | None] = {}
        for change in history:
            if table.apply(change):
                last[change.name] = change.metadata
        assert {name: table.get(name) for name in last} == last


class TestWrite:
    async def test_is_stored_then_visible_then_scheduled(self, log: Any, function: MakeFunction) -> None:
        seen: list[Any] = []
        manager = leading(log)
        manager.on_change = lambda: seen.append((len(log.records), manager.get(EXCLAIM)))
        await manager.write(function())
        assert seen == [(1, function())]

    async def test_a_stale_version_is_refused_and_not_stored(self, log: Any, function: MakeFunction) -> None:
        manager = leading(log)
        await manager.write(function(version=0))
        await manager.write(function(version=1))
        with pytest.raises(MetadataOutOfDateError, match="Update request ignored"):
            await manager.write(function(version=1))
        with pytest.raises(MetadataOutOfDateError, match="Delete request ignored"):
            await manager.write(function(version=1), delete=True)
        assert len(log.records) == 2

    @pytest.mark.parametrize("delete", [False, True])
    async def test_a_change_of_a_function_that_was_deleted_is_refused(
        self, log: Any, function: MakeFunction, delete: bool
    ) -> None:
        manager = leading(log)
        await manager.write(function())
        await manager.write(function(version=1), delete=True)
        with pytest.raises(MetadataOutOfDateError):
            await manager.write(function(version=1), delete=delete)
        assert manager.get(EXCLAIM) is None
        assert len(log.records) == 2

    @pytest.mark.parametrize("delete", [False, True])
    async def test_a_change_of_a_function_that_has_a_successor_is_refused(
        self, log: Any, function: MakeFunction, delete: bool
    ) -> None:
        manager = leading(log)
        await manager.write(function(created=1))
        await manager.write(function(version=1, created=1), delete=True)
        await manager.write(function(created=2))
        with pytest.raises(MetadataOutOfDateError):
            await manager.write(function(version=1, created=1), delete=delete)
        assert manager.get(EXCLAIM) == function(created=2)
        assert len(log.records) == 3

    async def test_two_at_once_of_one_version_have_one_winner(self, log: Any, function: MakeFunction) -> None:
        manager = leading(log)
        await manager.write(function())
        writes = (manager.write(function(version=1, parallelism=count)) for count in (1, 2))
        results = await asyncio.gather(*writes, return_exceptions=True)
        assert [type(result) for result in results] == [type(None), MetadataOutOfDateError]
        assert len(log.records) == 2

    async def test_a_deleted_function_is_gone(self, log: Any, function: MakeFunction) -> None:
        manager = leading(log)
        await manager.write(function())
        await manager.write(function(version=1), delete=True)
        assert manager.get(EXCLAIM) is None
        assert manager.all() == []

    async def test_without_a_leader_it_is_refused(self, log: Any, function: MakeFunction) -> None:
        with pytest.raises(LeaderNotReadyError):
            await FunctionMetaDataManager(log, "w1", compacted=False).write(function())
        assert log.records == []

    async def test_another_leader_is_asked_and_waited_for(self, log: Any, function: MakeFunction) -> None:
        asked: list[tuple[WorkerInfo, int, bool]] = []

        async def forward(leader: WorkerInfo, metadata: FunctionMetaData, *, delete: bool) -> None:
            asked.append((leader, metadata.version, delete))

        manager = FunctionMetaDataManager(log, "w1", compacted=False, leader=lambda: OTHER, forward=forward)
        writer = leading(log)
        for version, delete in ((0, False), (1, False), (2, True)):
            writing = asyncio.create_task(manager.write(function(version=version), delete=delete))
            await asyncio.sleep(0)
            await writer.write(function(version=version), delete=delete)
            assert not writing.done()
            await manager.tailer.read_to_end()
            await writing
            assert (manager.get(EXCLAIM) is None) == delete
        assert asked == [(OTHER, 0, False), (OTHER, 1, False), (OTHER, 2, True)]

    async def test_what_the_leader_refuses_is_refused(self, log: Any, function: MakeFunction) -> None:
        async def forward(leader: WorkerInfo, metadata: FunctionMetaData, *, delete: bool) -> None:
            raise MetadataOutOfDateError(leader.worker_id)

        manager = FunctionMetaDataManager(log, "w1", compacted=False, leader=lambda: OTHER, forward=forward)
        with pytest.raises(MetadataOutOfDateError, match="w2"):
            await manager.write(function())

    async def test_what_others_hand_over_is_not_handed_on(self, log: Any, function: MakeFunction) -> None:
        async def forward(leader: WorkerInfo, metadata: FunctionMetaData, *, delete: bool) -> None:
            raise AssertionError("it would go round in circles")

        manager = FunctionMetaDataManager(log, "w1", compacted=False, leader=lambda: OTHER, forward=forward)
        with pytest.raises(OwnedElsewhereError):
            await manager.write_as_leader(function())

    async def test_another_leader_is_named(self, log: Any, function: MakeFunction) -> None:
        other = WorkerInfo("w2", "elsewhere", 6750)
        manager = FunctionMetaDataManager(log, "w1", compacted=False, leader=lambda: other)
        with pytest.raises(OwnedElsewhereError) as refusal:
            await manager.write(function())
        assert refusal.value.owner == other

    async def test_a_failed_one_changes_nothing_here(self, log: Any, function: MakeFunction) -> None:
        manager = leading(log)
        log.down = True
        with pytest.raises(MetadataWriteError, match="no broker"):
            await manager.write(function())
        assert manager.get(EXCLAIM) is None

    async def test_one_that_was_stored_although_it_failed_counts_for_the_next(
        self, log: Any, function: MakeFunction
    ) -> None:
        manager = leading(log)
        log.down = log.stores_before_failing = True
        with pytest.raises(MetadataWriteError):
            await manager.write(function(version=0))
        log.down = False
        with pytest.raises(MetadataOutOfDateError):
            await manager.write(function(version=0))
        assert manager.get(EXCLAIM) == function(version=0)

    async def test_one_that_was_given_up_counts_for_the_next(self, log: Any, function: MakeFunction) -> None:
        manager = leading(log)
        stored = log.append

        async def store_and_hang(record: Record) -> int:
            await stored(record)
            await asyncio.Event().wait()
            return 0

        log.append = store_and_hang
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(manager.write(function(version=0)), 0.01)
        log.append = stored
        with pytest.raises(MetadataOutOfDateError):
            await manager.write(function(version=0))

    async def test_while_in_doubt_the_broker_must_answer(self, log: Any, function: MakeFunction) -> None:
        manager = leading(log)
        log.down = True
        for _ in range(2):
            with pytest.raises(MetadataWriteError):
                await manager.write(function())
        log.down = False
        await manager.write(function())
        assert manager.get(EXCLAIM) == function()


class TestReplay:
    @pytest.mark.parametrize("compacted", [False, True])
    async def test_brings_back_what_was_written(self, log: Any, function: MakeFunction, compacted: bool) -> None:
        writer = FunctionMetaDataManager(log, "w1", compacted, leader=lambda: ME)
        await writer.write(function("kept"))
        await writer.write(function("kept", version=1, parallelism=2))
        await writer.write(function("gone"))
        await writer.write(function("gone", version=1), delete=True)
        reader = FunctionMetaDataManager(log, "w2", compacted)
        await reader.tailer.read_to_end()
        assert reader.all() == writer.all() == [function("kept", version=1, parallelism=2)]

    async def test_takes_what_another_worker_wrote_whatever_it_builds_on(
        self, log: Any, function: MakeFunction
    ) -> None:
        for metadata in (function(version=4), function(version=5, created=2)):
            log.records.append(metadata_record(metadata, delete=False, worker_id="java", compacted=False))
        manager = leading(log)
        await manager.tailer.read_to_end()
        assert manager.get(EXCLAIM) == function(version=5, created=2)

    async def test_skips_poison_and_goes_on(self, log: Any, function: MakeFunction) -> None:
        writer = leading(log)
        await writer.write(function("first"))
        log.records.append(Record(b"\xff\xff"))
        await writer.write(function("second"))
        reader = leading(log)
        await reader.tailer.read_to_end()
        assert len(reader.all()) == 2

    async def test_says_once_that_functions_may_be_missing(
        self, log: Any, function: MakeFunction, caplog: pytest.LogCaptureFixture
    ) -> None:
        manager = leading(log)
        await manager.write(function())
        assert not manager.has_gaps
        log.records += [Record(b"\xff\xff"), Record(b"\xff\xff")]
        await manager.tailer.read_to_end()
        assert manager.has_gaps
        assert caplog.text.count("functions may be missing here") == 1

    async def test_a_leader_catches_up_with_what_another_one_wrote(self, log: Any, function: MakeFunction) -> None:
        manager = leading(log)
        await manager.write(function("first"))
        log.records.append(metadata_record(function("second"), delete=False, worker_id="w2", compacted=False))
        await manager.catch_up()
        assert manager.all() == [function("first"), function("second")]

    async def test_a_leader_that_writes_catches_up_later(self, log: Any, function: MakeFunction) -> None:
        manager = leading(log)
        async with manager._writing:
            catching_up = asyncio.create_task(manager.catch_up())
            await asyncio.sleep(0)
            assert log.calls == []
        await catching_up
        assert log.calls == ["read"]

    async def test_a_broker_that_does_not_answer_is_an_error(self, log: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        async def never(*_: Any) -> None:
            await asyncio.Event().wait()

        monkeypatch.setattr(module, "CATCH_UP_SECONDS", 0.01)
        monkeypatch.setattr(log, "read_to_end", never)
        with pytest.raises(TopicError, match=r"cannot read .*fake to its end: no answer; is the broker up\?"):
            await leading(log).catch_up()

    async def test_lists_a_namespace_only(self, log: Any, function: MakeFunction) -> None:
        manager = leading(log)
        await manager.write(function())
        await manager.write(function(tenant="other"))
        assert manager.in_namespace("other", "default") == [function(tenant="other")]
