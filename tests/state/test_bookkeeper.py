"""What is special about BookKeeper: tables that come into being, break, move and go."""

import time
from collections.abc import Callable
from typing import Any

import grpc
import pytest

from pulsemill_instance.proto import TableService_pb2 as wire
from pulsemill_instance.state.bookkeeper import BookKeeperStateStore, state_namespace
from pulsemill_instance.state.errors import StateStoreError
from pulsemill_instance.state.store import StateTable
from pulsemill_instance.state.table_service import Patience, TableService

TABLE = StateTable("acme-inc", "my-ns", "my-function")
HASTY = Patience(total=0.3, first_pause=0.001, longest_pause=0.001)


def store_at(url: str, *more: str, remember_tables: bool = True) -> BookKeeperStateStore:
    hosts = (url.removeprefix("bk://"), *more)
    return BookKeeperStateStore(TableService(hosts, HASTY), remember_tables=remember_tables)


@pytest.fixture
def make(table_service: Any, request: pytest.FixtureRequest) -> Callable[..., BookKeeperStateStore]:
    def make_store(**options: Any) -> BookKeeperStateStore:
        store = store_at(table_service.url, **options)
        request.addfinalizer(store.close)
        return store

    return make_store


def test_tables_are_named_as_java_workers_name_them(table_service: Any, make: Any) -> None:
    assert state_namespace(TABLE) == "acme_inc_my_ns"
    make().put(TABLE, "k", b"v")
    assert list(table_service.streams) == [("acme_inc_my_ns", "my-function")]
    configuration = table_service.configurations[0]
    assert (configuration.storage_type, configuration.key_type) == (wire.TABLE, wire.HASH)
    assert (configuration.initial_num_ranges, configuration.min_num_ranges) == (4, 4)


def test_reading_makes_no_table(table_service: Any, make: Any) -> None:
    store = make()
    assert store.get(TABLE, "k") is None
    store.delete(TABLE, "k")
    assert (table_service.namespaces, table_service.streams) == (set(), {})


def test_a_table_that_somebody_else_makes_at_the_same_time_is_used(table_service: Any, make: Any) -> None:
    make().put(TABLE, "k", b"theirs")
    table_service.hidden_creations = 1
    make().put(TABLE, "k", b"ours")
    assert len(table_service.streams) == 1
    assert make().get(TABLE, "k").version == 1


def test_a_table_that_is_not_served_yet_is_waited_for(table_service: Any, make: Any) -> None:
    store = make()
    store.put(TABLE, "a", b"v")
    table_service.failures += [grpc.StatusCode.NOT_FOUND] * 5
    store.increment(TABLE, "k", 1)
    assert store.get(TABLE, "k").number == 1


def test_a_remembered_table_that_was_made_anew_is_found_again(table_service: Any, make: Any) -> None:
    store = make()
    store.put(TABLE, "k", b"v")
    table_service.streams.clear()
    store.put(TABLE, "k", b"new")
    assert store.get(TABLE, "k").version == 0


def test_who_remembers_tables_asks_once(table_service: Any, make: Any) -> None:
    for remember, questions in ((True, 0), (False, 2)):
        store = make(remember_tables=remember)
        store.put(TABLE, "k", b"v")
        table_service.calls.clear()
        store.put(TABLE, "k", b"v")
        store.get(TABLE, "k")
        assert table_service.calls.count("GetStream") == questions


def test_a_service_that_comes_back_is_tried_again(table_service: Any, make: Any) -> None:
    table_service.failures += [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED]
    store = make()
    store.put(TABLE, "k", b"v")
    assert store.get(TABLE, "k").value == b"v"


def test_another_host_is_asked_when_the_first_is_away(table_service: Any, request: pytest.FixtureRequest) -> None:
    store = store_at("bk://127.0.0.1:1", table_service.url.removeprefix("bk://"))
    request.addfinalizer(store.close)
    store.put(TABLE, "k", b"v")
    assert store.get(TABLE, "k").value == b"v"


def test_a_service_that_stays_away_is_given_up_in_time(request: pytest.FixtureRequest) -> None:
    store = store_at("bk://127.0.0.1:1")
    request.addfinalizer(store.close)
    begun = time.monotonic()
    with pytest.raises(StateStoreError, match=r"Put of 'k' in the state of .* at 127.0.0.1:1 failed: UNAVAILABLE"):
        store.put(TABLE, "k", b"v")
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("code", [grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.PERMISSION_DENIED])
def test_what_time_does_not_heal_is_not_tried_again(table_service: Any, make: Any, code: grpc.StatusCode) -> None:
    table_service.failures.append(code)
    with pytest.raises(StateStoreError, match=f"{code.name} asked for"):
        make().get(TABLE, "k")
    assert len(table_service.calls) == 1


def test_a_name_that_the_service_refuses_is_said_at_once(table_service: Any, make: Any) -> None:
    with pytest.raises(StateStoreError, match="INVALID_STREAM_NAME"):
        make().put(StateTable("t", "n", "two words"), "k", b"v")
    assert table_service.calls.count("CreateStream") == 2
