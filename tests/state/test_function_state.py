"""State as a function sees it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pulsemill_instance.instance import InstanceSpec
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_instance.state.errors import StateError, StateKindError
from pulsemill_instance.state.function_state import State, open_state
from pulsemill_instance.state.urls import state_file_url


def spec(url: str | None, name: str = "f") -> InstanceSpec:
    details = FunctionDetails(tenant="public", namespace="default", name=name)
    return InstanceSpec(details, 0, "id", "1", "standalone", url)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    state = open_state(spec(state_file_url(tmp_path / "state.db")))
    yield state
    state.close()


def test_without_a_store_reads_find_nothing_and_writes_say_why() -> None:
    state = open_state(spec(None))
    assert (state.get_counter("c"), state.get_state("s")) == (None, None)
    writes = [lambda: state.incr_counter("c", 1), lambda: state.del_counter("c"), lambda: state.put_state("s", "v")]
    for write in writes:
        with pytest.raises(StateError, match="state is not enabled: configure stateStorageServiceUrl"):
            write()
    state.close()


def test_a_place_that_cannot_keep_state_is_refused_at_the_start() -> None:
    with pytest.raises(StateError, match="'zk:host:2181' is no place for state"):
        open_state(spec("zk:host:2181"))


def test_counters(state: State) -> None:
    assert state.get_counter("c") is None
    state.incr_counter("c", 3)
    state.incr_counter("c", -1)
    assert state.get_counter("c") == 2
    state.del_counter("c")
    assert state.get_counter("c") is None


def test_values(state: State) -> None:
    state.put_state("s", "vä")
    assert state.get_state("s") == "vä".encode()
    state.put_state("s", b"\xff\x00")
    assert state.get_state("s") == b"\xff\x00"
    state.put_state("s", None)
    assert state.get_state("s") is None


def test_a_counter_reads_as_the_bytes_of_its_number_and_a_value_is_no_counter(state: State) -> None:
    state.incr_counter("c", 2)
    state.put_state("s", "12345678")
    assert state.get_state("c") == b"\0\0\0\0\0\0\0\2"
    with pytest.raises(StateKindError, match="'s' of public/default/f holds a value and no counter: use get_state"):
        state.get_counter("s")


def test_functions_share_no_state(tmp_path: Path) -> None:
    url = state_file_url(tmp_path / "state.db")
    one, other = open_state(spec(url, "one")), open_state(spec(url, "other"))
    one.put_state("k", "v")
    assert other.get_state("k") is None
    one.close()
    other.close()


def test_another_librarys_integers_count(state: State) -> None:
    class Int64:
        def __index__(self) -> int:
            return 3

    state.incr_counter("c", Int64())  # type: ignore[arg-type]  # as NumPy's
    assert state.get_counter("c") == 3


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda state: state.incr_counter("k", "1"), TypeError, "amount must be int, not str"),
        (lambda state: state.incr_counter("k", 1.0), TypeError, "amount must be int, not float"),
        (lambda state: state.incr_counter("k", 2**63), ValueError, "does not fit into 64 bits"),
        (lambda state: state.put_state("k", 1), TypeError, "value must be str or bytes, not int"),
        (lambda state: state.put_state(1, "v"), TypeError, "key of the state must be str, not int"),
        (lambda state: state.get_state(b"k"), TypeError, "key of the state must be str, not bytes"),
    ],
)
def test_mistakes_are_named(state: State, call: Callable[[Any], None], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        call(state)
    assert state.get_state("k") is None


def test_nothing_is_opened_before_the_first_call(tmp_path: Path) -> None:
    state = open_state(spec(state_file_url(tmp_path / "state.db")))
    state.close()
    assert list(tmp_path.iterdir()) == []


def test_a_function_without_state_loads_neither_grpc_nor_sqlite() -> None:

    program = (
        "import sys; import pulsemill_instance.state.function_state;"
        "print([name for name in ('grpc', 'sqlite3') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert shown.stdout.strip() == "[]"
