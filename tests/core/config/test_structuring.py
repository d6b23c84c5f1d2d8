"""Mappings become attrs classes; every value that does not fit is named with its path and what was expected."""

import contextlib
import enum
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill.config.coercions import MismatchError, to_bool, to_float, to_int, to_str
from pulsemill.config.structuring import StructuringError, structure
from pulsemill.config.unknown import unknown_keys


class Color(enum.Enum):
    RED = "red"


@attrs.frozen
class Inner:
    cpu_share: float = 1.0


@attrs.frozen
class Outer:
    worker_port: int = 7
    maximum: int | None = 5
    enabled: bool = True
    text: str = "default"
    patterns: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()
    labels: dict[str, str] = attrs.Factory(dict)
    anything: Any = None
    inner: Inner | None = None
    inners: list[Inner] = attrs.Factory(list)
    color: Color = Color.RED
    password: str = attrs.field(default="", repr=False)


@attrs.frozen
class Required:
    class_name: str
    small_number: int = attrs.field(default=1, validator=attrs.validators.le(3))
    password: str = attrs.field(default="long enough", repr=False, validator=attrs.validators.matches_re(".{8,}"))


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ({}, Outer()),
        ({"workerPort": "80"}, Outer(worker_port=80)),
        ({"workerPort": 80.0}, Outer(worker_port=80)),
        ({"workerPort": None, "text": None, "roles": None}, Outer()),
        ({"maximum": None}, Outer(maximum=None)),
        ({"maximum": ""}, Outer(maximum=None)),
        ({"enabled": "no"}, Outer(enabled=False)),
        ({"text": 12}, Outer(text="12")),
        ({"text": True}, Outer(text="true")),
        ({"patterns": ["a", 1]}, Outer(patterns=("a", "1"))),
        ({"roles": ["a", "a"]}, Outer(roles=frozenset("a"))),
        ({"labels": {"a": 1, "b": None}}, Outer(labels={"a": "1"})),
        ({"anything": {"a": [None]}}, Outer(anything={"a": [None]})),
        ({"inner": {"cpuShare": 2}}, Outer(inner=Inner(2.0))),
        ({"inners": [{"cpuShare": "0.5"}]}, Outer(inners=[Inner(0.5)])),
        ({"color": "red"}, Outer()),
    ],
)
def test_values_are_converted(mapping: dict[str, Any], expected: Outer) -> None:
    assert structure(mapping, Outer) == expected


@pytest.mark.parametrize(
    ("mapping", "path", "message"),
    [
        ({"workerPort": "abc"}, "workerPort", "expected a whole number, got 'abc'"),
        ({"workerPort": 3.7}, "workerPort", "expected a whole number, got 3.7"),
        ({"workerPort": True}, "workerPort", "expected a whole number, got True"),
        ({"workerPort": [1]}, "workerPort", "expected a whole number, got [1]"),
        ({"workerPort": ""}, "workerPort", "expected a whole number, got ''"),
        ({"maximum": {}}, "maximum", "expected a whole number, got {}"),
        ({"enabled": "maybe"}, "enabled", "expected true or false, got 'maybe'"),
        ({"enabled": 2}, "enabled", "expected true or false, got 2"),
        ({"text": ["a"]}, "text", "expected text, got ['a']"),
        ({"patterns": "a,b"}, "patterns", "expected a list, such as [a, b], got 'a,b'"),
        ({"patterns": {"a": 1}}, "patterns", "expected a list, such as [a, b], got {'a': 1}"),
        ({"patterns": ["a", {}]}, "patterns[1]", "expected text, got {}"),
        ({"labels": []}, "labels", "expected a mapping of keys to values, got []"),
        ({"labels": {"a": {"b": 1}}}, "labels.a", "expected text, got {'b': 1}"),
        ({"inner": "x"}, "inner", "expected a mapping with keys such as cpuShare, got 'x'"),
        ({"inner": {"cpuShare": "x"}}, "inner.cpuShare", "expected a number, got 'x'"),
        ({"inner": {"cpuShare": ".inf"}}, "inner.cpuShare", "expected a number, got '.inf'"),
        ({"inners": [{}, {"cpuShare": []}]}, "inners[1].cpuShare", "expected a number, got []"),
        ({"color": "blue"}, "color", "'blue' is not a valid Color"),
        ([], "", "expected a mapping with keys such as workerPort, got []"),
    ],
)
def test_a_value_that_does_not_fit_is_named(mapping: Any, path: str, message: str) -> None:
    with pytest.raises(StructuringError) as caught:
        structure(mapping, Outer)
    assert [(problem.path, problem.message) for problem in caught.value.problems] == [(path, message)]


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(StructuringError) as caught:
        structure({"workerPort": "a", "enabled": "b", "inner": {"cpuShare": "c"}}, Outer)
    assert {problem.path for problem in caught.value.problems} == {"workerPort", "enabled", "inner.cpuShare"}


def test_the_value_of_a_secret_is_not_told() -> None:
    with pytest.raises(StructuringError) as caught:
        structure({"password": ["hunter2"]}, Outer)
    assert "hunter2" not in str(caught.value)
    assert "expected text" in str(caught.value)


def test_a_required_key_and_a_validator_of_the_class() -> None:
    with pytest.raises(StructuringError, match="className: is required"):
        structure({}, Required)
    with pytest.raises(StructuringError, match=r"^smallNumber: must be <= 3: 4$"):
        structure({"className": "x", "smallNumber": 4}, Required)
    with pytest.raises(StructuringError) as caught:
        structure({"className": "x", "password": "hunter2"}, Required)
    assert str(caught.value).startswith("password: ")
    assert "hunter2" not in str(caught.value)


def test_a_long_value_is_cut() -> None:
    with pytest.raises(StructuringError) as caught:
        structure({"workerPort": "9" * 50 + "x" * 5000}, Outer)
    assert len(str(caught.value)) < 150


def test_unknown_keys_are_found_at_every_depth_with_the_nearest_known() -> None:
    mapping = {"workerport": 1, "inner": {"cpu_share": 1, "zzz": 2}, "labels": {"free": 1}, "inners": [{}, {"zzz": 1}]}
    assert dict(unknown_keys(mapping, Outer, "root")) == {
        "root.workerport": "; did you mean workerPort?",
        "root.inner.cpu_share": "; did you mean cpuShare?",
        "root.inner.zzz": "",
        "root.inners[1].zzz": "",
    }


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda each: st.lists(each) | st.dictionaries(st.text(), each),
)


@given(anything, st.sampled_from([to_bool, to_int, to_float, to_str]))
def test_a_coercion_gives_its_type_or_a_mismatch(value: Any, coerce: Callable[[Any], Any]) -> None:
    with contextlib.suppress(MismatchError):
        assert type(coerce(value)).__name__ == coerce.__name__.removeprefix("to_")


@given(st.dictionaries(st.sampled_from(["workerPort", "maximum", "patterns", "inner", "labels", "inners"]), anything))
def test_no_mapping_escapes_as_another_error(mapping: dict[str, Any]) -> None:
    with contextlib.suppress(StructuringError):
        assert isinstance(structure(mapping, Outer), Outer)
