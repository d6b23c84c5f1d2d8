"""What every store does alike: the file, and BookKeeper's table service, imitated and real."""

import threading
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulsemill_instance.state.errors import StateKindError
from pulsemill_instance.state.store import StateStore, StateTable
from pulsemill_instance.state.values import StateValue, wrapped

Open = Callable[[], StateStore]


def counted(number: int, version: int) -> StateValue:
    return StateValue(number.to_bytes(8, "big", signed=True), is_number=True, version=version)


def test_a_key_that_nobody_wrote_holds_nothing(store: StateStore, table: StateTable) -> None:
    assert store.get(table, "k") is None
    store.put(table, "other", b"v")
    assert store.get(table, "k") is None


def test_the_last_value_stays_and_versions_count_the_writes(store: StateStore, table: StateTable) -> None:
    store.put(table, "k", b"first")
    assert store.get(table, "k") == StateValue(b"first", is_number=False, version=0)
    store.put(table, "k", b"")
    assert store.get(table, "k") == StateValue(b"", is_number=False, version=1)


def test_counters_add_up(store: StateStore, table: StateTable) -> None:
    store.increment(table, "c", 3)
    store.increment(table, "c", -1)
    assert store.get(table, "c") == counted(2, version=1)
    store.increment(table, "c", -5)
    assert store.get(table, "c") == counted(-3, version=2)


def test_counters_wrap_around_at_64_bits(store: StateStore, table: StateTable) -> None:
    store.increment(table, "c", 2**63 - 1)
    store.increment(table, "c", 1)
    assert store.get(table, "c") == counted(-(2**63), version=1)


def test_a_counter_and_a_value_do_not_overwrite_each_other(store: StateStore, table: StateTable) -> None:
    store.increment(table, "c", 1)
    store.put(table, "v", b"12345678")
    with pytest.raises(StateKindError, match=r"'c' of .* holds a counter"):
        store.put(table, "c", b"text")
    with pytest.raises(StateKindError, match=r"'v' of .* holds a value"):
        store.increment(table, "v", 1)
    assert store.get(table, "c") == counted(1, version=0)
    assert store.get(table, "v") == StateValue(b"12345678", is_number=False, version=0)


def test_a_deleted_key_is_gone_and_may_become_anything(store: StateStore, table: StateTable) -> None:
    store.put(table, "k", b"v")
    store.put(table, "k", b"w")
    store.delete(table, "k")
    store.delete(table, "k")
    assert store.get(table, "k") is None
    store.increment(table, "k", 7)
    assert store.get(table, "k") == counted(7, version=0)


def test_deleting_where_nothing_was_written_is_nothing(store: StateStore, table: StateTable) -> None:
    store.delete(table, "k")
    store.drop(table)
    assert store.get(table, "k") is None


def test_keys_may_be_any_text(store: StateStore, table: StateTable) -> None:
    keys = ["a/b", "ü", "a b", "'; DROP TABLE state; --", "\x00", "k" * 1000]
    for number, key in enumerate(keys):
        store.put(table, key, str(number).encode())
    found = [store.get(table, key) for key in keys]
    assert [value and value.value for value in found] == [str(number).encode() for number in range(len(keys))]


def test_what_one_instance_writes_another_reads(open_it: Open, table: StateTable) -> None:
    first, second = open_it(), open_it()
    first.put(table, "k", b"v")
    second.increment(table, "c", 1)
    assert second.get(table, "k") == StateValue(b"v", is_number=False, version=0)
    assert first.get(table, "c") == counted(1, version=0)


def test_no_increment_of_instances_that_begin_at_the_same_time_is_lost(open_it: Open, table: StateTable) -> None:
    stores = [open_it() for _ in range(4)]
    threads = [threading.Thread(target=lambda s=s: [s.increment(table, "c", 1) for _ in range(20)]) for s in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stores[0].get(table, "c") == counted(80, version=79)


def test_dropping_forgets_one_function_only(store: StateStore, open_it: Open, table: StateTable) -> None:
    other = StateTable(table.tenant, table.namespace, "other")
    for each in (table, other):
        store.put(each, "k", b"v")
    store.drop(table)
    fresh = open_it()
    assert fresh.get(table, "k") is None
    assert fresh.get(other, "k") == StateValue(b"v", is_number=False, version=0)


def test_a_closed_store_opens_again(store: StateStore, table: StateTable) -> None:
    store.put(table, "k", b"v")
    store.close()
    store.close()
    assert store.get(table, "k") == StateValue(b"v", is_number=False, version=0)


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from("ab"), st.binary(max_size=9)),
        st.tuples(st.just("increment"), st.sampled_from("ab"), st.integers(-(2**63), 2**63 - 1)),
        st.tuples(st.just("delete"), st.sampled_from("ab"), st.none()),
    ),
    max_size=12,
)


@pytest.mark.parametrize("url", ["local", "bookkeeper"], indirect=True)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS)
def test_any_sequence_of_calls_leaves_what_a_dictionary_would(
    actions: list[tuple[str, str, bytes | int | None]], store: StateStore, table: StateTable
) -> None:
    store.drop(table)
    expected: dict[str, StateValue] = {}
    for call, key, argument in actions:
        _apply(expected, call, key, argument)
        try:
            getattr(store, call)(table, key, *([] if argument is None else [argument]))
        except StateKindError:
            assert isinstance(argument, int) is not expected[key].is_number
    assert {key: store.get(table, key) for key in "ab"} == {key: expected.get(key) for key in "ab"}


def _apply(model: dict[str, StateValue], call: str, key: str, argument: bytes | int | None) -> None:
    old = model.get(key)
    version = old.version + 1 if old else 0
    if argument is None:
        model.pop(key, None)
    elif old and old.is_number is not isinstance(argument, int):
        return
    elif isinstance(argument, int):
        model[key] = counted(wrapped((old.number or 0 if old else 0) + argument), version)
    else:
        model[key] = StateValue(argument, is_number=False, version=version)
