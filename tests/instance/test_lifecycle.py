"""Which methods of a function's class are hooks."""

from typing import Any

import pytest

from pulsemill_instance.lifecycle import NO_LIFECYCLE, find_lifecycle


def test_a_class_without_hooks() -> None:
    class Fn:
        initialize = 5

    assert find_lifecycle(Fn()) == NO_LIFECYCLE


def test_both_forms_of_initialize_are_called() -> None:
    calls: list[Any] = []

    class WithContext:
        def initialize(self, context: Any) -> None:
            calls.append(context)

    class Without:
        def initialize(self) -> None:
            calls.append("none")

    for owner in (WithContext(), Without()):
        hook = find_lifecycle(owner).initialize
        assert hook is not None
        hook("context")
    assert calls == ["context", "none"]


@pytest.mark.parametrize("name", ["initialize", "close"])
def test_a_method_that_needs_more_is_none_of_them_and_said_so(name: str) -> None:
    def needs_more(self: Any, one: Any, two: Any) -> None:
        raise AssertionError

    lifecycle = find_lifecycle(type("Fn", (), {name: needs_more})())
    assert (lifecycle.initialize, lifecycle.close) == (None, None)
    assert f"The method {name} is not called" in lifecycle.warnings[0]


def test_coroutine_hooks_need_a_loop() -> None:
    class Fn:
        async def close(self) -> None: ...

    assert find_lifecycle(Fn()).is_async
